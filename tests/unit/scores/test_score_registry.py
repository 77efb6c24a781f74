"""The registry says everything about every column, and nothing about columns that no code fills."""

import os
import subprocess
import sys

import numpy as np
import pytest

from study.analysis.components import DISTINCT
from study.errors import StudyError
from study.scores import pointwise, registry
from study.scores.forgetting import EpochForgetting, PresentationForgetting
from study.scores.registry import FLAGS, SCORES
from study.scores.trajectory import TrajectoryScores


def columns_of(*families):
    return {column for column, score in SCORES.items() if score.family in families}


def test_accumulators_fill_exactly_the_registered_columns():
    trajectory, epochs = TrajectoryScores(2, 1, 1), EpochForgetting(2, 1)
    scores = pointwise.pointwise_scores(np.eye(2), np.arange(2))
    trajectory.update(scores)
    epochs.update(scores["accuracy"])
    assert trajectory.columns().keys() == columns_of("pointwise", "trajectory")
    filled = epochs.columns().keys() | PresentationForgetting(2, 1).columns().keys()
    assert filled - FLAGS.keys() == columns_of("forgetting")


def test_every_pointwise_function_has_a_line():
    assert list(pointwise.FUNCTIONS) == list(dict.fromkeys(s.score for s in registry._POINTWISE))


def test_columns_are_unique_and_fields_are_filled():
    assert len(SCORES) == len(registry._POINTWISE) + len(registry._OTHERS) + len(registry._OVER_RUNS)
    for column, score in SCORES.items():
        assert score.column == column and column.startswith(score.score)
        assert score.hard in ("high", "low")
        assert all((score.formula, score.taken, score.unit, score.family))
        assert "arXiv" in score.source


def test_distinct_scores_exist_and_differ():
    assert set(DISTINCT) <= SCORES.keys()
    assert len({SCORES[c].score for c in DISTINCT}) == len(DISTINCT)


def test_coarse_scores_are_those_of_few_values():
    coarse = {score.score for score in SCORES.values() if score.coarse}
    counts = {"forgetting", "forgetting_epoch", "first_learned", "consistently_learned"}
    counts |= {"forgetting_often", "forgetting_rarely"}
    shares_of_runs = {"accuracy", "agreement", "memorization", "c_score"}
    assert (
        coarse
        == {"unforgettable", "ddd", "prediction_depth", "prediction_depth_consensus"}
        | shares_of_runs
        | counts
    )


def test_table_has_a_row_per_column_and_a_column_per_field():
    table = registry.table()
    assert table["column"].tolist() == [*SCORES, *FLAGS]
    assert table.columns.tolist() == list(registry.Score.__dataclass_fields__)
    assert not table.isna().any().any()


def test_orient_makes_the_hard_example_the_higher():
    # First a confident right answer, then a confident wrong one: the second is harder by every signed score.
    trajectory = TrajectoryScores(2, 2, 1)
    epochs, own = EpochForgetting(2, 2), PresentationForgetting(2, 2)
    for margin in (3.0, 4.0):
        scores = pointwise.pointwise_scores(np.array([[margin, 0.0], [margin, 0.0]]), np.array([0, 1]))
        trajectory.update(scores)
        epochs.update(scores["accuracy"])
        own.update(np.arange(2), scores["accuracy"])
    columns = trajectory.columns() | epochs.columns() | own.columns()
    unsigned = {"max_confidence", "entropy", "variability"}
    for column in columns.keys() & SCORES.keys():
        if SCORES[column].score not in unsigned:
            easy, hard = registry.orient(column, columns[column])
            assert hard > easy, column
    # What only the prediction decides: the less certain one is harder.
    scores = pointwise.pointwise_scores(np.array([[5.0, 0.0], [0.1, 0.0]]), np.zeros(2, int))
    for name in ("max_confidence", "entropy"):
        easy, hard = registry.orient(f"{name}_last", scores[name])
        assert hard > easy


def test_orient_keeps_shapes_and_makes_no_negative_zero():
    assert registry.orient("confidence_mean", np.ones((3, 4))).tolist() == [[-1.0] * 4] * 3
    assert not np.signbit(registry.orient("accuracy_mean", np.zeros(2))).any()
    assert registry.orient("forgetting", np.array([1, 2])).dtype == np.float64


@pytest.mark.parametrize(("written", "meant"), [("el2n_earley", "el2n_early"), ("mean_loss", "loss_mean")])
def test_unknown_score_names_the_nearest(written, meant):
    with pytest.raises(StudyError, match="unknown score") as caught:
        registry.get(written, "config: difficulty.scores")
    assert meant in caught.value.do and caught.value.where == "config: difficulty.scores"
    with pytest.raises(StudyError):
        registry.orient(written, np.zeros(1))


def test_no_torch_is_imported():
    modules = "study.scores.registry, study.scores.trajectory, study.scores.forgetting, study.analysis.ranks"
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
