"""Accuracies of windows and their differences against scipy's tests, one window at a time."""

import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.oracle.mutation import mutated

from study.analysis import intervals
from study.analysis import pruning as module
from study.analysis.pruning import balance_table, pruning_table

OFFSETS, SEEDS = (0.0, 0.3, 0.6, 0.9), 5
ARMS = (("window", "run"), ("window", "average"), ("stratified", "run"), ("stratified", "average"))


def simulated(seed: int = 0) -> pd.DataFrame:
    """Seeds have a share in every accuracy, so that pairing by seed matters; rows come in any order."""
    rng = np.random.default_rng(seed)
    of_seed, rows = rng.normal(0, 0.05, SEEDS), []
    places = [(*arm, offset) for arm in ARMS for offset in OFFSETS]
    places += [("window", "random", math.nan), ("stratified", "random", math.nan)]
    for place, (arm, source, offset) in enumerate(places):
        for number in range(SEEDS):
            accuracy = 0.7 + 0.01 * place + of_seed[number] + rng.normal(0, 0.02)
            rows.append((arm, source, offset, number, accuracy))
    frame = pd.DataFrame(rows, columns=["arm", "source", "offset", "seed", "accuracy"])
    return frame.sample(frac=1, random_state=seed)


def values_of(runs, arm, source, offset) -> list[float]:
    found = {}
    for row in runs.itertuples():
        same = row.offset == offset or (math.isnan(row.offset) and math.isnan(offset))
        if (row.arm, row.source) == (arm, source) and same:
            found[row.seed] = row.accuracy
    return [found[number] for number in sorted(found)]


def holm_by_hand(p: list[float]) -> list[float]:
    """The largest of the adjusted p-values of all hypotheses that are rejected no later."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, largest = [0.0] * len(p), 0.0
    for step, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - step) * p[i]))
        adjusted[i] = largest
    return adjusted


def wrong_rows(runs) -> list[str]:
    table, wrong = pruning_table(runs), []

    def compare(keys, row, numbers):
        names = ("estimate", "low", "high", "n", "p", "p_holm")
        if not np.allclose([row[name] for name in names], numbers, rtol=1e-9, equal_nan=True):
            wrong.append(keys)

    def rows(**keys):
        chosen = table
        for name, value in keys.items():
            column = chosen[name]
            chosen = chosen[column.isna() if value is None else column == value]
        return chosen.iloc[0] if len(chosen) == 1 else pd.Series(math.inf, table.columns)

    for arm, source in ARMS:
        for offset in OFFSETS:
            values = values_of(runs, arm, source, offset)
            low, high = stats.t.interval(0.95, SEEDS - 1, np.mean(values), stats.sem(values))
            row = rows(arm=arm, source=source, offset=offset, statistic="accuracy")
            compare(f"{arm} {source} {offset}", row, [np.mean(values), low, high, SEEDS, np.nan, np.nan])
    pairs = [(*arm, arm[0], "random", "random") for arm in ARMS]
    pairs += [(arm, "average", arm, "run", "run") for arm in ("window", "stratified")]
    pairs += [("stratified", source, "window", source, "window") for source in ("run", "average")]
    for arm, source, other_arm, other_source, against in pairs:
        found = []
        for offset in OFFSETS:
            a = values_of(runs, arm, source, offset)
            b = values_of(runs, other_arm, other_source, math.nan if against == "random" else offset)
            found.append((a, b, stats.ttest_rel(a, b)))
        adjusted = holm_by_hand([test.pvalue for *_, test in found])
        for offset, (a, b, test), q in zip(OFFSETS, found, adjusted, strict=True):
            low, high = test.confidence_interval()
            row = rows(arm=arm, source=source, offset=offset, statistic="difference", against=against)
            expected = [np.mean(a) - np.mean(b), low, high, SEEDS, test.pvalue, q]
            compare(f"{arm} {source} {offset} against {against}", row, expected)
        means = [np.mean([values[side] for values in found], axis=0) for side in (0, 1)]
        test = stats.ttest_rel(*means)
        row = rows(arm=arm, source=source, offset=None, statistic="difference", against=against)
        low, high = test.confidence_interval()
        expected = [means[0].mean() - means[1].mean(), low, high, SEEDS, test.pvalue, test.pvalue]
        compare(f"{arm} {source} mean against {against}", row, expected)
    return wrong


@pytest.mark.parametrize("seed", range(3))
def test_every_row(seed):
    assert wrong_rows(simulated(seed)) == []


def wrong_balance() -> list:
    rng = np.random.default_rng(2)
    labels = rng.choice([2, 5, 7], 60, p=[0.5, 0.3, 0.2])
    rows = [
        {"arm": "window", "source": s, "offset": o, "seed": seed, "inside": rng.random(60) < 0.3}
        for s, o in (("run", 0.0), ("run", 0.5), ("random", math.nan))
        for seed in range(3)
    ]
    table, wrong = balance_table(pd.DataFrame(rows), labels), []
    whole = Counter(labels.tolist())
    for place in range(3):
        counts = [Counter(labels[row["inside"]].tolist()) for row in rows[3 * place : 3 * place + 3]]
        distances = [
            sum(abs(count[v] / sum(count.values()) - whole[v] / 60) for v in whole) / 2 for count in counts
        ]
        for number, value in enumerate(sorted(whole)):
            row = table.iloc[3 * place + number]
            seen = [count[value] for count in counts]
            share = sum(count[value] / sum(count.values()) for count in counts) / 3
            expected = [value, sum(seen) / 3, min(seen), max(seen), share, whole[value] / 60]
            names = ["label", "examples", "fewest", "most", "share", "share_all", "distance"]
            if not np.allclose(row[names].astype(float), [*expected, sum(distances) / 3]):
                wrong.append((place, value))
    return wrong


def test_balance():
    assert wrong_balance() == []


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ('sort_values("seed")', 'sort_values("accuracy")', wrong_rows),  # pairs of other seeds
        ("holm(tests)", "tests", wrong_rows),
        ("values - others[offset]", "others[offset] - values", wrong_rows),
        (
            '((arm, "average"), (arm, "run"))',
            '((arm, "run"), (arm, "average"))',
            wrong_rows,
        ),
        (".sum(1).mean() / 2", ".sum(1).mean()", wrong_balance),
        ("counts.min(0)", "counts.max(0)", wrong_balance),
    ],
)
def test_a_planted_mistake_is_found(monkeypatch, old, new, check):
    mutant = mutated(module, (old, new))
    for name in ("pruning_table", "balance_table"):
        monkeypatch.setitem(globals(), name, getattr(mutant, name))
    assert check(simulated()) if check is wrong_rows else check()


def test_p_values_of_a_wrong_variance_are_found(monkeypatch):
    old, new = "differences.mean(), differences.std(ddof=1)", "differences.mean(), differences.std(ddof=0)"
    monkeypatch.setattr(module, "paired_p", mutated(intervals, (old, new)).paired_p)
    assert wrong_rows(simulated())
