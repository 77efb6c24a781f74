"""Detection of flips against pair counting, walks down the list, scikit-learn, loops over sets of runs."""

from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from study.analysis import defects, detection


def pairs_won(values, flipped):
    won = [
        1.0 if values[i] > values[j] else 0.5 if values[i] == values[j] else 0.0
        for i in np.flatnonzero(flipped)
        for j in np.flatnonzero(~flipped)
    ]
    return np.mean(won)


def steps_of_recall(values, flipped):
    total, recall = 0.0, 0.0
    for threshold in sorted(set(values), reverse=True):
        caught = [f for v, f in zip(values, flipped, strict=True) if v >= threshold]
        now = sum(caught) / flipped.sum()
        total += (now - recall) * sum(caught) / len(caught)
        recall = now
    return total


def walk(values, flipped):
    """Mean over all orders of the list that respect the values: how far until half are found."""
    need, lengths = (int(flipped.sum()) + 1) // 2, []
    for order in permutations(range(len(values))):
        if all(values[a] >= values[b] for a, b in pairwise(order)):
            found = np.cumsum([flipped[i] for i in order])
            lengths.append(1 + int(np.argmax(found >= need)))
    return np.mean(lengths)


def check(function):
    rng = np.random.default_rng(0)
    for _ in range(40):
        values = rng.integers(0, 3, 6).astype(float)
        flipped = rng.permutation(np.arange(6) < rng.integers(1, 6))
        area, precision, share = function(values[None], flipped)[0]
        assert area == pytest.approx(pairs_won(values, flipped), abs=1e-12)
        assert precision == pytest.approx(steps_of_recall(values, flipped), abs=1e-12)
        assert share == pytest.approx(walk(values, flipped) / 6, abs=1e-12)


def test_statistics_against_brute_force():
    check(detection.detection)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 200), st.integers(1, 40), st.integers(0, 9999))
def test_statistics_against_scikit_learn(examples, levels, seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, levels, examples) / 7
    flipped = rng.permutation(np.arange(examples) < rng.integers(1, examples))
    area, precision, _ = detection.detection(values[None], flipped)[0]
    assert area == pytest.approx(roc_auc_score(flipped, values), abs=1e-12)
    assert precision == pytest.approx(average_precision_score(flipped, values), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(1, 20), st.integers(0, 9999))
def test_samples_are_rankings_of_the_copies_drawn(examples, levels, seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, levels, examples) / 7
    flipped = rng.permutation(np.arange(examples) < rng.integers(1, examples))
    counts = rng.integers(0, 3, (5, examples)).astype(np.uint8)
    for found, count in zip(detection.resampled(values, flipped, counts), counts, strict=True):
        copies = np.repeat(np.arange(examples), count)
        if len(set(flipped[copies])) < 2:
            assert np.isnan(found).all()
        else:
            assert found == pytest.approx(detection.detection(values[None, copies], flipped[copies])[0])
            assert found[0] == pytest.approx(roc_auc_score(flipped[copies], values[copies]), abs=1e-12)


def test_chance_is_the_mean_over_all_orders():
    flipped = np.array([1, 1, 1, 0, 0, 0], dtype=bool)
    chance = detection.by_chance(6, 3)
    orders = [walk(np.array(o, dtype=float), flipped) / 6 for o in combinations_of_places(flipped)]
    assert chance["inspected_share"] == pytest.approx(np.mean(orders))
    assert chance["average_precision"] == 0.5 == chance["auroc"]


def combinations_of_places(flipped):
    """Values without ties for every choice of places of the flips in the list."""
    n = len(flipped)
    for places in combinations(range(n), int(flipped.sum())):
        rest = [place for place in range(n) if place not in places]
        values = np.empty(n)
        values[flipped], values[~flipped] = places, rest
        yield values


def mutant_auroc_without_half(values, flipped):
    result = detection.detection(values, flipped)
    for row, of_ranking in zip(result, values, strict=True):
        row[0] = np.mean([of_ranking[i] > of_ranking[~flipped] for i in np.flatnonzero(flipped)])
    return result


def mutant_ties_in_file_order(values, flipped):
    result = detection.detection(values, flipped)
    for row, of_ranking in zip(result, values, strict=True):
        found = np.cumsum(flipped[np.argsort(-of_ranking, kind="stable")])
        row[2] = (1 + np.argmax(found >= (flipped.sum() + 1) // 2)) / len(flipped)
    return result


def mutant_low_is_hard(values, flipped):
    return detection.detection(-values, flipped)


@pytest.mark.parametrize("mutant", [mutant_auroc_without_half, mutant_ties_in_file_order, mutant_low_is_hard])
def test_mutants_of_the_statistics_are_caught(mutant):
    with pytest.raises(AssertionError):
        check(mutant)


def simulated(runs=6, examples=40, seed=1):
    rng = np.random.default_rng(seed)
    flipped = np.arange(examples) % 5 == 0
    return rng.standard_normal((runs, examples)) + 1.2 * flipped, flipped


def area_of(values, flipped, chosen):
    return pairs_won(np.mean([values[r] for r in chosen], axis=0), flipped)


def check_table(table):
    """Every size against the mean over all sets of runs; the jackknife of single runs and of all."""
    values, flipped = simulated()
    rows = table({"s": values}, flipped, np.random.default_rng(0), draws=3000, resamples=50)
    rows = rows[rows["statistic"].isin(["auroc", "auroc_gain"]) & (rows["interval"] == "runs")]
    rows = rows.set_index(["statistic", "runs"])
    for size in (1, 2, 3, 6):
        sets = list(combinations(range(6), size))
        expected = np.mean([area_of(values, flipped, chosen) for chosen in sets])
        assert rows.loc[("auroc", size), "estimate"] == pytest.approx(
            expected, abs=2e-3 * (1 < size < 6) + 1e-12
        )
        without = [
            np.mean(
                [
                    area_of(values, flipped, c)
                    for c in combinations([s for s in range(6) if s != r], min(size, 5))
                ]
            )
            for r in range(6)
        ]
        logits = np.log(np.array(without) / (1 - np.array(without)))
        half = stats.t.ppf(0.975, 5) * np.sqrt(5 / 6 * np.sum((logits - logits.mean()) ** 2))
        low = 1 / (1 + np.exp(-(np.log(expected / (1 - expected)) - half)))
        assert rows.loc[("auroc", size), "low"] == pytest.approx(low, abs=1e-9 if size in (1, 6) else 1e-2)
    gain = area_of(values, flipped, range(6)) - np.mean([area_of(values, flipped, [r]) for r in range(6)])
    assert rows.loc[("auroc_gain", 6), "estimate"] == pytest.approx(gain, abs=1e-12)


def test_table_against_all_sets_of_runs():
    check_table(defects.defects_table)


def test_a_set_that_keeps_the_run_it_should_lose_is_caught(monkeypatch):
    monkeypatch.setattr(defects, "all_but", lambda runs, r: np.ones((len(r), runs), dtype=bool))
    with pytest.raises(AssertionError):
        check_table(defects.defects_table)


def test_single_runs_in_place_of_means_are_caught(monkeypatch):
    monkeypatch.setattr(
        defects,
        "_of_means",
        lambda values, flipped, chosen: detection.detection(values[chosen.argmax(1)], flipped),
    )
    with pytest.raises(AssertionError):
        check_table(defects.defects_table)


def test_sets_without_a_run_do_not_hold_it():
    """The statistic is replaced by 'does the set hold run 0': without run 0 it must be 0."""
    for runs, size in ((7, 2), (6, 3), (9, 4)):
        values = np.eye(runs)
        order = np.random.default_rng(0).permutation(runs)
        seen = []

        def spy(values, flipped, chosen, seen=seen):
            seen.append(chosen)
            return chosen[:, :3].astype(float)

        original, defects._of_means = defects._of_means, spy
        try:
            of_all, without = defects._of_sets(values, None, order, size)
        finally:
            defects._of_means = original
        for r in range(3):
            assert without[r, r] == pytest.approx(0)
        assert (seen[1].sum(1) == size).all()
        assert of_all == pytest.approx(seen[0][:, :3].mean(0))


def test_intervals_cover_over_runs_and_over_examples():
    """Both kinds of interval against the spread over simulated studies that draw runs, or examples, anew."""
    rng, runs_widths, example_widths, over_runs, over_examples = np.random.default_rng(3), [], [], [], []
    flipped, fixed = np.arange(80) % 4 == 0, rng.standard_normal(80)
    for _ in range(40):
        values = fixed + flipped + 0.8 * rng.standard_normal((6, 80))
        rows = defects.defects_table({"s": values}, flipped, rng, draws=2, resamples=2)
        row = rows[(rows["statistic"] == "auroc") & (rows["interval"] == "runs") & (rows["runs"] == 6)].iloc[
            0
        ]
        runs_widths.append(row["high"] - row["low"])
        over_runs.append(row["estimate"])
    for _ in range(30):
        values = (rng.standard_normal(80) + flipped)[None]
        rows = defects.defects_table({"s": values}, flipped, rng, draws=2, resamples=100)
        row = rows[(rows["statistic"] == "auroc") & (rows["interval"] == "examples")].iloc[0]
        example_widths.append(row["high"] - row["low"])
        over_examples.append(row["estimate"])
    assert 0.7 < np.mean(runs_widths) / (2 * stats.t.ppf(0.975, 5) * np.std(over_runs)) < 1.6
    assert 0.7 < np.mean(example_widths) / (2 * 1.96 * np.std(over_examples)) < 1.4
