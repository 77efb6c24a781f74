"""Rankings over epochs against loops over runs with scipy, each run left out in turn."""

import numpy as np
import pytest
from scipy import stats

from study.analysis import epochs, epochs_needed


def rho(a, b):
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return np.corrcoef(stats.rankdata(a), stats.rankdata(b))[0, 1]


def simulated(runs=4, length=5, examples=30, seed=0):
    """Runs whose rankings sharpen with the epochs; the noise of a run lasts over its epochs."""
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal(examples)
    own = 0.6 * rng.standard_normal((runs, 1, examples))
    noise = rng.standard_normal((runs, length, examples)) / np.arange(1, length + 1)[None, :, None]
    return (signal + own + noise).astype(np.float32)


def same_run(values, a, b):
    return np.nanmean([rho(run[a], run[b]) for run in values])


def different_runs(values, a, b):
    return np.nanmean([rho(x[a], y[b]) for i, x in enumerate(values) for j, y in enumerate(values) if i != j])


def limits(statistic, values, fisher=True, ranking=None):
    z, back = (np.arctanh, np.tanh) if fisher else (lambda x: x, lambda x: x)
    without = z(np.array([statistic(np.delete(values, r, axis=0)) for r in range(len(values))]))
    runs = len(values)
    freedom = (ranking or runs) - 1  # of the runs that rank at all
    half = stats.t.ppf(0.975, freedom) * np.sqrt((runs - 1) / runs * np.sum((without - without.mean()) ** 2))
    return back(z(statistic(values)) - half), back(z(statistic(values)) + half)


def check_matrix(table):
    values = simulated()
    rows = table(values).set_index(["kind", "epoch_a", "epoch_b"])
    for kind, function in (("same_run", same_run), ("different_runs", different_runs)):
        for a in range(5):
            for b in range(a + (kind == "same_run"), 5):

                def statistic(v, a=a, b=b, function=function):
                    return function(v, a, b)

                row = rows.loc[(kind, a + 1, b + 1)]
                assert row["estimate"] == pytest.approx(statistic(values), abs=1e-9)
                assert (row["low"], row["high"]) == pytest.approx(limits(statistic, values), abs=1e-6)
    assert len(rows) == 10 + 15


def test_matrix_against_loops():
    check_matrix(epochs.epoch_correlation)


def test_a_matrix_of_one_direction_only_is_caught(monkeypatch):
    """Epoch a of run r with epoch b of run s, but not the other way round."""

    def one_way(ranks):
        sums = original(ranks)
        pairs = [epochs.correlate_ranks(ranks[r], ranks[s]) for r in range(len(ranks)) for s in range(r)]
        return sums._replace(total=2 * np.sum(pairs, axis=0))

    original = epochs._between
    monkeypatch.setattr(epochs, "_between", one_way)
    with pytest.raises(AssertionError):
        check_matrix(epochs.epoch_correlation)


def test_a_matrix_that_pairs_a_run_with_itself_is_caught(monkeypatch):
    monkeypatch.setattr(epochs, "_between", epochs._within)
    with pytest.raises(AssertionError):
        check_matrix(epochs.epoch_correlation)


def form_at(run, form, t):
    return np.sum(run[:t].astype(float), axis=0) if form == "prefix" else run[t - 1].astype(float)


def against(values, form, t, reference):
    found = []
    for r, run in enumerate(values):
        kept = [r] if reference == "own_run" else [s for s in range(len(values)) if s != r]
        training_mean = np.sum([values[s].astype(float).sum(0) for s in kept], axis=0)  # counts stay whole
        found.append(rho(form_at(run, form, t), training_mean))
    return np.nanmean(found)


def check_curves(table, values=None):
    values = simulated() if values is None else values
    length = values.shape[1]
    rows = table(values).set_index(["form", "reference", "epoch"])
    for form in ("prefix", "checkpoint"):
        for reference in ("other_runs", "own_run", "share_of_whole"):
            for t in range(1, length + 1):

                def statistic(v, form=form, t=t, reference=reference):
                    if reference != "share_of_whole":
                        return against(v, form, t, reference)
                    return against(v, form, t, "other_runs") / against(v, "prefix", length, "other_runs")

                row = rows.loc[(form, reference, t)]
                assert row["estimate"] == pytest.approx(statistic(values), abs=1e-6)
                if (form, reference, t) != ("prefix", "own_run", length):  # exactly 1, without an interval
                    ranking = sum(np.ptp(form_at(run, form, t)) > 0 for run in values)
                    found = limits(statistic, values, reference != "share_of_whole", ranking)
                    assert (row["low"], row["high"]) == pytest.approx(found, abs=1e-5)


def test_curves_against_loops():
    check_curves(epochs_needed.recording_curves)


def test_curves_of_correctness_against_loops():
    """Coarse, and in one run all examples are wrong at first: that run has no ranking at that epoch."""
    correct = simulated(runs=5, examples=60) > 0
    correct[0, 0] = False
    with np.errstate(all="ignore"):
        check_curves(epochs_needed.recording_curves, correct)


def test_a_reference_that_holds_the_run_is_caught(monkeypatch):
    monkeypatch.setattr(epochs_needed, "all_but", lambda runs, *r: np.ones((len(r[0]), runs), dtype=bool))
    with pytest.raises(AssertionError):
        check_curves(epochs_needed.recording_curves)


def test_the_last_epoch_in_place_of_the_mean_is_caught(monkeypatch):
    monkeypatch.setattr(
        epochs_needed, "_over_epochs", lambda values: ((values[:, t], values[:, t]) for t in range(5))
    )
    with pytest.raises(AssertionError):
        check_curves(epochs_needed.recording_curves)


def check_averaging(table):
    """n = 1 holds every pair of runs; n = S/2 with many orders is near the mean over all halvings."""
    values = simulated(runs=4)
    rows = table(values, 0, 400).set_index(["form", "epoch", "statistic", "runs"])
    for form in ("prefix", "checkpoint"):
        for t in (1, 3, 5):
            scores = [stats.rankdata(form_at(run, form, t)) for run in values]
            pairs = [np.abs(scores[r] - scores[s]).mean() / 30 for r in range(4) for s in range(r)]
            assert rows.loc[(form, t, "rank_error", 1), "estimate"] == pytest.approx(np.mean(pairs), abs=1e-9)
            halves = []
            for a in ((0, 1), (0, 2), (0, 3)):
                b = [r for r in range(4) if r not in a]
                means = [np.mean([form_at(values[r], form, t) for r in half], axis=0) for half in (a, b)]
                halves.append(rho(*means))
            assert rows.loc[(form, t, "spearman", 2), "estimate"] == pytest.approx(np.mean(halves), abs=0.01)


def test_averaging_against_all_pairs_and_halvings():
    check_averaging(epochs_needed.epoch_averaging)


def test_forms_exchanged_are_caught(monkeypatch):
    original = epochs_needed._over_epochs
    monkeypatch.setattr(
        epochs_needed, "_over_epochs", lambda values: (pair[::-1] for pair in original(values))
    )
    with pytest.raises(AssertionError):
        check_averaging(epochs_needed.epoch_averaging)
