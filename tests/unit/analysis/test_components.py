"""Principal components: columns, orientation, degenerate scores."""

import numpy as np
import pytest

from study.analysis.components import component_scores, loading_table, variance_table
from study.errors import StudyError


def scores(runs=4, examples=300):
    rng = np.random.default_rng(0)
    hard = rng.standard_normal(examples)
    noise = rng.standard_normal((4, runs, examples))
    return {"loss": hard + 0.3 * noise[0], "confidence": -hard + 0.3 * noise[1], "vog": hard + noise[2]}


SIGNS = {"loss": 1, "confidence": -1, "vog": 1, "flat": 1, "memorization": 1}
DISTINCT = ("loss", "vog", "absent")


def variance(matrices, **options):
    return variance_table(matrices, SIGNS, np.random.default_rng(0), 40, DISTINCT, **options)


def test_tables_have_a_row_per_list_and_component():
    table = variance(scores())
    assert list(table.columns) == [
        "list", "component", "estimate", "low", "high", "n", "detectable", "scores", "absent",
        "null", "real", "reason",
    ]  # fmt: skip
    assert table.absent.tolist() == [""] * 3 + ["absent"] * 2
    assert table.list.tolist() == ["all"] * 3 + ["distinct"] * 2
    assert table.component.tolist() == [1, 2, 3, 1, 2] and table.scores.tolist() == [3] * 3 + [2] * 2
    assert table.groupby("list").estimate.sum().to_numpy() == pytest.approx(1)
    assert (table.n == 4).all() and table.notna().all(axis=None)
    loadings = loading_table(scores(), SIGNS, DISTINCT)
    assert list(loadings.columns) == [
        "list", "component", "score", "estimate", "low", "high", "n", "detectable", "reason",
    ]  # fmt: skip
    assert len(loadings) == 9 + 4 + 1 and loadings.reason.tolist() == [""] * 13 + ["is not recorded"]
    first = loadings[loadings.component == 1].dropna()
    assert (first.low < first.estimate).all() and (first.high - first.low < 0.2).all()


def test_scores_are_turned_so_that_high_is_hard():
    first = loading_table(scores(), SIGNS, DISTINCT).query("list == 'all' and component == 1")
    assert (first.estimate > 0.8).all()
    unturned = loading_table(scores(), dict.fromkeys(SIGNS, 1), DISTINCT)
    first = unturned.query("list == 'all' and component == 1").set_index("score").estimate
    assert first["loss"] * first["confidence"] < 0
    values = component_scores(scores(), SIGNS)
    assert np.corrcoef(values, scores()["loss"].mean(0))[0, 1] > 0.9 and values.std() == pytest.approx(1)


def test_constant_scores_are_in_no_list():
    matrices = scores() | {"flat": np.ones((4, 300))}
    assert variance(matrices).query("list == 'all'").scores.tolist() == [3] * 3
    alone = variance({"loss": scores()["loss"], "flat": np.ones((4, 300))})
    assert alone.estimate.isna().all() and alone.scores.tolist() == [1, 1] and alone.reason.ne("").all()
    assert alone.absent.tolist() == ["flat", "vog,absent"]
    loadings = loading_table({"loss": scores()["loss"], "flat": np.ones((4, 300))}, SIGNS, DISTINCT)
    assert loadings.estimate.isna().all() and loadings.reason.ne("").all()
    assert loadings.set_index(["list", "score"]).reason["all", "flat"] == "gives all examples the same mean"
    assert np.isnan(component_scores({"loss": scores()["loss"]}, SIGNS)).all()


def test_a_score_over_all_runs_takes_part():
    matrices = scores() | {"memorization": scores()["loss"].mean(0)}
    assert (variance(matrices).query("list == 'all'").n == 4).all()


def test_one_run_has_no_interval_and_repeats_are_the_same():
    table = variance(scores(runs=1))
    assert table.low.isna().all() and table.estimate.notna().all()
    assert variance(scores()).equals(variance(scores()))


def test_the_list_does_not_depend_on_scores_outside_it():
    fewer = {name: matrix for name, matrix in scores().items() if name != "confidence"}
    two = variance(scores()).query("list == 'distinct'").reset_index(drop=True)
    alone = variance(fewer).query("list == 'distinct'").reset_index(drop=True)
    assert two.equals(alone)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(StudyError):
        variance({"loss": np.zeros((3, 5)), "vog": np.zeros((3, 6))})
