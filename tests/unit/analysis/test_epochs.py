"""Rankings over epochs: which epochs, undefined cases in words, first epoch that is enough."""

import numpy as np
import pandas as pd
import pytest

from study.analysis.epochs import epoch_correlation, matrix_epochs
from study.analysis.epochs_needed import epoch_averaging, epochs_needed, recording_curves


def simulated(runs=4, epochs=6, examples=50):
    rng = np.random.default_rng(0)
    own = rng.standard_normal((runs, 1, examples))
    noise = rng.standard_normal((runs, epochs, examples)) / np.arange(1, epochs + 1)[:, None]
    return (rng.standard_normal(examples) + own + noise).astype(np.float32)


def curve(estimates, low=None, high=None, form="prefix", reference="other_runs"):
    estimates = np.array(estimates, dtype=float)
    rows = {"form": form, "reference": reference, "epoch": np.arange(1, len(estimates) + 1)}
    rows |= {"estimate": estimates, "low": estimates if low is None else low}
    return pd.DataFrame(rows | {"high": estimates if high is None else high, "n": 4, "reason": ""})


def needed(curve_rows, target=0.9):
    found = epochs_needed(curve_rows, [target]).set_index(["form", "reference"])
    return found.loc[("prefix", "other_runs")]


def both_forms(frame):
    forms = [frame.assign(form=form, reference=ref) for form in ("prefix", "checkpoint")
             for ref in ("other_runs", "share_of_whole")]  # fmt: skip
    return pd.concat(forms)


def test_epochs_of_a_matrix():
    assert matrix_epochs(24).tolist() == list(range(1, 25))
    assert matrix_epochs(160).tolist() == list(range(5, 161, 5))
    assert matrix_epochs(33)[-1] == 33 and len(np.unique(matrix_epochs(33))) == 32


def test_first_epoch_and_its_limits():
    row = needed(both_forms(curve([0.5, 0.92, 0.95], low=[0.4, 0.8, 0.91], high=[0.91, 0.95, 0.97])))
    assert (row.estimate, row.low, row.high, row.until) == (2, 1, 3, 3) and row.reason == ""


def test_a_checkpoint_can_lose_what_it_had():
    row = needed(both_forms(curve([0.5, 0.92, 0.93, 0.8, 0.91])))
    assert (row.estimate, row.until) == (2, 3)


def test_not_reached_is_said():
    row = needed(both_forms(curve([0.5, 0.7, 0.6], high=[0.6, 0.95, 0.7])))
    assert np.isnan(row.estimate) and row.low == 2 and row.high == np.inf
    assert row.reason == "not reached in 3 epochs: at most 0.700, at epoch 2"


def test_columns_and_rows():
    values = simulated()
    curves, averages = recording_curves(values), epoch_averaging(values, 0, 10)
    assert len(curves) == 2 * 3 * 6 and curves.estimate.notna().all() and (curves.n == 4).all()
    assert sorted(averages.epoch.unique()) == [1, 2, 3, 4, 6] and set(averages.runs) == {1, 2}
    assert len(epochs_needed(curves)) == 2 * 2 * 2
    first = curves[curves.epoch == 1].pivot(index="reference", columns="form", values="estimate")
    assert np.allclose(first.prefix, first.checkpoint)


def test_a_run_agrees_more_with_itself():
    found = recording_curves(simulated()).set_index(["form", "reference", "epoch"]).estimate
    assert found["checkpoint", "own_run", 3] > found["checkpoint", "other_runs", 3]
    assert found["prefix", "share_of_whole", 6] == 1


@pytest.mark.parametrize("runs", [0, 1])
def test_too_few_trajectories_are_said(runs):
    values = simulated()[:runs] if runs else np.empty((0, 6, 0), np.float32)
    table = epoch_correlation(values)
    between = table[table.kind == "different_runs"]
    assert between.estimate.isna().all() and (between.reason != "").all()
    assert table[table.kind == "same_run"].estimate.notna().all() == bool(runs)
    curves = recording_curves(values)
    others = curves[curves.reference == "other_runs"]
    assert others.estimate.isna().all() and (others.reason.str.contains("fewer than two")).all()
    assert epochs_needed(curves).reason.str.contains("fewer than two runs keep their epochs").all()
    averages = epoch_averaging(values, 0, 10)
    assert averages.estimate.isna().all() and (averages.reason != "").all()


def test_two_runs_have_estimates_without_intervals():
    values = simulated(runs=2)
    for table in (epoch_correlation(values), recording_curves(values), epoch_averaging(values, 0, 10)):
        assert table.estimate.notna().all() and table.low.isna().all()


def test_a_model_that_never_learns():
    wrong = np.zeros((4, 3, 20), dtype=bool)
    for table in (epoch_correlation(wrong), recording_curves(wrong), epoch_averaging(wrong, 0, 10)):
        assert table.estimate.isna().all() and (table.reason != "").all()
    assert epochs_needed(recording_curves(wrong)).reason.ne("").all()


def test_ties_of_equal_counts_do_not_break():
    """Equal numbers of correct epochs are equal, whatever their order."""
    correct = np.array([[[1, 0, 1], [0, 1, 1]], [[0, 1, 1], [1, 0, 1]]], dtype=bool)
    found = recording_curves(correct).set_index(["form", "reference", "epoch"]).estimate
    assert found["prefix", "other_runs", 2] == 1
