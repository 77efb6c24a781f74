"""Gains over random utterances against scipy's paired tests, one comparison at a time."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.oracle.mutation import mutated

from study.analysis import gains
from study.analysis.understanding import METRICS

REPEATS, SIZES, STRATEGIES = 6, (0.5, 1.0), ("top", "middle", "truth")


def simulated(number: int = 0) -> pd.DataFrame:
    """A repeat has a share in the errors of all its runs; one domain lacks slots; rows come in any order.

    Adding nothing has no size, and is to be compared with random ones of each.
    """
    rng = np.random.default_rng(number)
    of_repeat, rows = rng.normal(0, 0.05, REPEATS), []
    for place, strategy in enumerate(("random", *STRATEGIES)):
        for size in SIZES:
            for view, domain in (("overall", ""), ("domain", "music")):
                for repeat in range(REPEATS):
                    rates = 0.3 - 0.03 * place * size + of_repeat[repeat] + rng.normal(0, 0.02, len(METRICS))
                    row = dict(zip(METRICS, rates, strict=True))
                    reason = ""
                    if domain:
                        row |= {"semer": np.nan, "f_semer": np.nan}
                        reason = "the corpus has no slots"
                    rows.append(
                        {
                            "strategy": strategy,
                            "size": size,
                            "view": view,
                            "domain": domain,
                            "repeat": repeat,
                            "reason": reason,
                            **row,
                        }
                    )
    for row in [row for row in rows if row["strategy"] == "random" and row["size"] == SIZES[0]]:
        more = {metric: row[metric] + abs(rng.normal(0, 0.05)) for metric in METRICS}
        rows.append({**row, "strategy": "nothing", "size": np.nan, **more})
    return pd.DataFrame(rows).sample(frac=1, random_state=number)


def wrong(table_of, number: int = 0) -> list:
    """Rows that differ from scipy's, or that are missing or too many."""
    runs = simulated(number)
    table, bad = table_of(runs, ["truth", "nothing"]), []
    values = {}
    for row in runs.itertuples():
        for metric in METRICS:
            for size in SIZES if row.strategy == "nothing" else [row.size]:
                key = (row.strategy, size, row.view, row.domain, metric)
                values.setdefault(key, {})[row.repeat] = getattr(row, metric)
    expected = {key for key in values if key[0] != "random"}
    if {tuple(row) for row in table[[*gains.KEYS, "metric"]].itertuples(index=False)} != expected:
        bad.append("rows")
    for row in table.itertuples():
        key = (row.strategy, row.size, row.view, row.domain, row.metric)
        own, random = ([values[k][r] for r in range(REPEATS)] for k in (key, ("random", *key[1:])))
        if np.isnan(own).any():
            if not (np.isnan(row.estimate) and np.isnan(row.p_holm) and "slots" in row.reason):
                bad.append(key)
            continue
        test = stats.ttest_rel(own, random)
        change = 100 * (np.mean(own) / np.mean(random) - 1)
        excluded = bool(row.low > 0 or row.high < 0)  # Fieller's interval and the test agree
        if not np.allclose([row.estimate, row.p], [change, test.pvalue]) or excluded != (test.pvalue < 0.05):
            bad.append(key)
        if row.strategy in ("truth", "nothing"):
            if not np.isnan(row.p_holm):
                bad.append(key)
            continue
        both = []
        for strategy in ("top", "middle"):
            mine = [values[(strategy, *key[1:])][r] for r in range(REPEATS)]
            both.append(stats.ttest_rel(mine, random).pvalue)
        smaller, larger = sorted(both)
        holm = min(1, 2 * smaller) if test.pvalue == smaller else min(1, max(2 * smaller, larger))
        if not np.isclose(row.p_holm, holm):
            bad.append(key)
    return bad


@pytest.mark.parametrize("number", range(4))
def test_every_gain(number):
    assert wrong(gains.gain_table, number) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("other = other.loc[mine.index]\n", "\n"),
        ("holm(p.to_numpy())", "p.to_numpy()"),
        ('~table["strategy"].isin(untested) & ', ""),
        ("relative_change(*pair)", "relative_change(*pair[::-1])"),
        ('["size"].unique())', '["size"].unique()[:1])'),
        ("whole.assign(size=size)", "whole.assign(size=max(sized['size']))"),
    ],
)
def test_a_planted_mistake_is_found(old, new):
    try:
        assert wrong(mutated(gains, (old, new)).gain_table)
    except ValueError as error:
        assert "not paired" in str(error)


def test_runs_that_cannot_be_paired():
    runs = simulated()
    with pytest.raises(ValueError, match="not paired"):
        gains.gain_table(runs[(runs["strategy"] != "random") | (runs["repeat"] > 0)])
    with pytest.raises(ValueError, match="not paired"):
        gains.gain_table(pd.concat([runs, runs[runs["strategy"] == "top"]]))
