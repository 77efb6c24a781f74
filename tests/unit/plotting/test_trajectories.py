"""Figures of flips found, of rankings over training, of variants of forgetting, and of models compared."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.unit.plotting.test_figures import check_texts, drawn_values, shown_texts

from study.analysis.consistency import consistency_tables
from study.analysis.correlation import correlation_table
from study.analysis.defects import defects_table
from study.analysis.epochs import epoch_correlation
from study.analysis.epochs_needed import epoch_averaging, epochs_needed, recording_curves
from study.analysis.forgetting_variants import VARIANTS, variant_tables
from study.analysis.model_correlation import model_correlation_tables
from study.files import read_csv, write_csv
from study.plotting.defect_detection import draw_defect_detection
from study.plotting.epoch_correlation import draw_epoch_correlation
from study.plotting.epochs_needed import draw_epochs_needed
from study.plotting.forgetting_variants import draw_forgetting_variants
from study.plotting.model_correlation import draw_model_correlation
from study.plotting.style import SMALL
from study.scores.forgetting import EpochForgetting, PresentationForgetting

pytestmark = pytest.mark.filterwarnings("error")

EPOCHS, EXAMPLES = 6, 60
SMALL_CASE = {"models": ["mlp", "resnet_8_"], "runs": 4, "columns": ["confidence_mean", "vog"]}
LARGE_CASE = {
    "models": [*"abcdefgh", "a-model-with-quite-a-long-name", "resnet110"],
    "runs": 4,
    "columns": [
        "confidence_mean", "loss_mean", "el2n_early", "grand_early",
        "vog", "aum_mean", "forgetting", "grand_last_layer_early",
    ],
}  # fmt: skip
DRAWS = {
    "defect_detection": (draw_defect_detection, ["defects"], True),
    "epoch_correlation": (draw_epoch_correlation, ["correlation", "curves"], False),
    "epochs_needed": (draw_epochs_needed, ["curves", "averaging", "needed"], False),
    "forgetting_variants": (
        draw_forgetting_variants, ["shares", "distribution", "consistency", "score_correlation"], False,
    ),
    "model_correlation": (draw_model_correlation, ["pairs", "summary"], True),
}  # fmt: skip
DRAWN = {
    "defect_detection": ["drawn", "drawn_low", "drawn_high"],
    "epoch_correlation": ["estimate"],
    "epochs_needed": ["estimate"],
    "forgetting_variants": ["estimate"],
    "model_correlation": ["estimate"],
}


def trainings(case, model):
    """(R, T, N) confidence of a model: one difficulty, learned over the epochs, with noise of each run."""
    rng = np.random.default_rng([case["models"].index(model), 1])
    easy = np.random.default_rng(0).normal(0, 1.5, EXAMPLES) + 0.3 * rng.standard_normal(EXAMPLES)
    noise = rng.standard_normal((case["runs"], EPOCHS, EXAMPLES))
    logits = easy + np.linspace(-1, 2, EPOCHS)[None, :, None] + noise
    return (1 / (1 + np.exp(-logits))).astype(np.float32)


def variants_of(confidence):
    """The variants of forgetting of (R, T, N) confidence."""
    found = []
    for run in confidence:
        ends, shown = EpochForgetting(EXAMPLES, EPOCHS), PresentationForgetting(EXAMPLES, EPOCHS)
        for epoch in run:
            ends.update(epoch > 0.5)
            shown.update(np.arange(EXAMPLES), epoch > 0.6)
        found.append(ends.columns() | shown.columns())
    return {name: np.array([run[name] for run in found]) for name in VARIANTS}


def tables_of(case, folder):
    """The files that the figures read, as the chapter writes and reads them."""
    flipped, rng = np.arange(EXAMPLES) % 10 == 0, np.random.default_rng(2)
    parts, by_score = {}, {column: {} for column in case["columns"]}
    for model in case["models"]:
        confidence = trainings(case, model)
        variants = variants_of(confidence)
        hard = -confidence.mean(1) + 0.2 * flipped
        scores = {
            column: hard * (-1 if column == "vog" else 1) + 0.1 * rng.standard_normal(hard.shape)
            for column in case["columns"]
        }
        for column, values in scores.items():
            by_score[column][model] = values
        measures = {"confidence": confidence, "loss": -np.log(confidence), "accuracy": confidence > 0.5}
        curves = {name: recording_curves(values) for name, values in measures.items()}
        of_model = {
            "defects": [defects_table(scores, flipped, rng, 2, 5)],
            "correlation": [epoch_correlation(v).assign(score=n) for n, v in measures.items()],
            "curves": [curve.assign(score=name) for name, curve in curves.items()],
            "averaging": [epoch_averaging(v, 0, 2).assign(score=n) for n, v in measures.items()],
            "needed": [epochs_needed(curve).assign(score=name) for name, curve in curves.items()],
            "shares": [variant_tables(variants, EPOCHS)[0]],
            "distribution": [variant_tables(variants, EPOCHS)[1]],
            "consistency": [consistency_tables(variants).summary],
            "score_correlation": [correlation_table(variants | {"confidence_mean": confidence.mean(1)})],
        }
        for name, frames in of_model.items():
            parts.setdefault(name, []).extend(frame.assign(model=model) for frame in frames)
    tables = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    tables |= model_correlation_tables(by_score)._asdict()
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table)
    return {name: read_csv(folder / f"{name}.csv") for name in tables}


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    return {
        size: (case, tables_of(case, tmp_path_factory.mktemp(size)))
        for size, case in (("small", SMALL_CASE), ("large", LARGE_CASE))
    }


@pytest.fixture
def draw(cases):
    def drawn(name, size="small", edit=dict):
        case, tables = cases[size]
        function, read, with_columns = DRAWS[name]
        tables = edit(tables)
        columns = [case["columns"]] if with_columns else []
        return function(*(tables[table] for table in read), case["models"], *columns, "toy")

    return drawn


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("name", DRAWS)
def test_figure_is_legible_and_its_points_are_what_is_drawn(draw, name, size):
    drawing = draw(name, size)
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01 and drawing.figure.get_figheight() < 12
    assert all(axes.has_data() for axes in drawing.figure.axes)
    drawn = drawn_values(drawing.figure)
    for column in DRAWN[name]:
        values = drawing.points[column].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        place = np.searchsorted(drawn, values)
        nearest = np.minimum(
            np.abs(drawn[place.clip(max=len(drawn) - 1)] - values),
            np.abs(drawn[(place - 1).clip(min=0)] - values),
        )
        assert nearest.max() < 1e-9, f"{column} holds values that are not drawn"


@pytest.mark.parametrize("name", DRAWS)
def test_caption_is_plain_prose_and_files_are_the_same_each_time(draw, save_figure, tmp_path, name):
    drawing = draw(name)
    assert drawing.caption.startswith("toy: ") and drawing.caption.endswith(".")
    assert len(re.findall(r"\d", drawing.caption)) >= 4
    assert not re.search(r"nan|None|inf\b|np\.", drawing.caption)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = (save_figure(d, tmp_path / f, name) for d, f in ((drawing, "a"), (draw(name), "b")))
    for end in ("pdf", "png", "csv", "rst"):
        assert Path(getattr(one, end)).read_bytes() == Path(getattr(other, end)).read_bytes(), end


def few_runs(tables):
    """As two runs give them: no interval anywhere."""
    blank = {column: np.nan for column in ("low", "high")}
    return {name: table.assign(**blank) if "low" in table else table for name, table in tables.items()}


@pytest.mark.parametrize("name", DRAWS)
def test_without_intervals_the_figure_is_still_drawn_and_says_so(draw, name):
    drawing = draw(name, edit=few_runs)
    drawing.figure.draw_without_rendering()
    assert not re.search(r"nan|None|inf\b", drawing.caption)


def test_a_score_that_points_the_other_way_is_named(draw):
    def edit(tables):
        defects = tables["defects"].copy()
        rows = (defects["score"] == "vog") & (defects["statistic"] == "auroc")
        defects.loc[rows, ["estimate", "low", "high"]] = [0.2, 0.1, 0.3]
        return tables | {"defects": defects}

    caption = draw("defect_detection", edit=edit).caption
    assert "flipped examples look easy by it: VoG (2 of 2 models)" in caption


def test_a_perfect_score_stands_at_the_edge_of_the_logit_axis(draw):
    def edit(tables):
        defects = tables["defects"].copy()
        rows = (defects["score"] == "vog") & (defects["statistic"] == "auroc")
        defects.loc[rows, ["estimate", "low", "high"]] = 1.0
        return tables | {"defects": defects}

    points = draw("defect_detection", edit=edit).points
    row = points[(points["score"] == "vog") & (points["statistic"] == "auroc")].iloc[0]
    assert row["estimate"] == 1 and row["drawn"] == pytest.approx(1 - 0.5 / (6 * 54))


def test_a_target_that_no_model_reaches_has_no_panel_of_its_own(draw):
    def edit(tables):
        needed = tables["needed"].copy()
        rows = needed["reference"] == "other_runs"
        needed.loc[rows, ["estimate", "low"]] = np.nan
        return tables | {"needed": needed}

    def titles(drawing):
        return [axes.get_title(loc="left") for axes in drawing.figure.axes]

    assert "epochs for 0.9" not in titles(draw("epochs_needed", edit=edit))
    assert "0.9 with 0 of 2 models" in draw("epochs_needed", edit=edit).caption

    def reached(tables):
        needed = tables["needed"].copy()
        needed.loc[needed["reference"] == "other_runs", ["estimate", "low", "high"]] = [3, 2, 4]
        return tables | {"needed": needed}

    assert "epochs for 0.9" in titles(draw("epochs_needed", edit=reached))
    assert "0.9 with 2 of 2 models (after 3 epochs)" in draw("epochs_needed", edit=reached).caption


def test_values_that_a_model_never_gave_count_as_none(draw):
    points = draw("forgetting_variants").points
    shares = points[points["panel"] == "distribution"].groupby("score")["estimate"].sum()
    assert np.allclose(shares, 1)
    assert (points.loc[points["panel"] == "distribution", "models"] == 2).all()


def test_models_that_differ_by_noise_alone_are_not_said_to_differ(draw):
    def edit(tables):
        summary = tables["summary"].copy()
        summary.loc[summary["kind"] == "disattenuated", ["estimate", "low", "high"]] = [0.99, 0.95, 1.03]
        return tables | {"summary": summary}

    assert (
        "that models differ by more than noise is not shown" in draw("model_correlation", edit=edit).caption
    )
