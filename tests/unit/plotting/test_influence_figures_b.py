"""Figures of scores of texts: legible with few and many scores and models, and their numbers in words."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.plotting.legibility import check_texts, drawn_values, shown_texts

from study.analysis.correlation import correlation_table
from study.analysis.hard_sets import overlap_table
from study.config.influence import InfluenceAnalysisSettings
from study.files import write_parquet
from study.plotting.influence import normalised
from study.plotting.influence.causes import draw_what_makes_hard
from study.plotting.influence.correlation import draw_influence_correlation
from study.plotting.influence.cumulative_domains import draw_cumulative_domains
from study.plotting.influence.el2n import draw_el2n_timing
from study.plotting.influence.forgetting import draw_forgetting_cadence
from study.plotting.influence.histograms import draw_score_histograms
from study.plotting.influence.rankings import class_names, read_rankings
from study.plotting.influence.vog import draw_vog_by_class, draw_vog_by_domain
from study.plotting.style import SMALL
from study.scores.registry import SCORES, orient

pytestmark = pytest.mark.filterwarnings("error")

SHOWN = InfluenceAnalysisSettings().scores
FEW = {"models": ["bert"], "scores": SHOWN[:2], "classes": 3, "examples": 150}
NAMED = ["bert", "bert-scratch", "a-long-name-of-a-model"]
MANY = {"models": NAMED, "scores": SHOWN, "classes": 20, "examples": 800}
CASES = {"few": FEW, "many": MANY}
CADENCE = {"seeds": 3, "epochs": 2, "evaluations": 20, "every": 10}
ENDS = ["estimate", "low", "high"]
NEVER = 41.0  # events of what is never right in 40 evaluations
NAMES = {0: "entailment", 1: "neutral", 2: "contradiction", 3: "recommendations of long films"}


def rankings(case):
    """One difficulty behind all scores, and classes of falling size that differ in VoG."""
    frames, n = [], case["examples"]
    for place, model in enumerate(case["models"]):
        rng = np.random.default_rng(place)
        label = np.arange(n) % case["classes"] // (1 + np.arange(n) // 13 % 2)
        hard = rng.normal(size=n)
        noise = {score: rng.normal(0, 0.4, n) for score in SHOWN}
        vog = 1e-6 * np.exp(hard + noise["vog_embedding"] + 0.6 * np.cos(2.1 * label))
        groups = pd.Series(vog).groupby(label)
        often = rng.poisson(np.exp(0.6 * hard - 0.5), (3, n)).clip(0, 9).astype(float)
        often[rng.random((3, n)) < 0.04] = NEVER
        often[:, :3] = NEVER
        rarely = np.where(often == NEVER, 5.0, np.minimum(often // 2, 2))
        frame = {"model": model, "example_id": [f"x:{k}" for k in range(n)], "label": label}
        for score in SHOWN:
            frame[score] = (1 if SCORES[score].hard == "high" else -1) * (hard + noise[score])
        frame |= {
            "el2n_early": 1.4 / (1 + np.exp(1 - hard)),
            "el2n_last": 1.4 / (1 + np.exp(4 - 2 * hard)),
            "vog_embedding": vog,
            "vog_embedding_class": (vog - groups.transform("mean")) / groups.transform("std"),
            "forgetting_often": often.mean(0),
            "forgetting_rarely": rarely.mean(0),
            "tracin_last_layers": np.exp(3 * hard),
        }
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True)


def consistency(case):
    scores = ("forgetting_often", "forgetting_rarely", "el2n_early", "el2n_last")
    values = {"spearman": 0.7, "rank_error_median": 0.1, "tied_share": 0.5}
    rows = [
        {"model": model, "score": score, "statistic": statistic, "estimate": value + 0.01 * place, "n": 10}
        for (place, (model, score)), (statistic, value) in product(
            enumerate(product(case["models"], scores)), values.items()
        )
    ]
    table = pd.DataFrame(rows)
    return table.assign(low=table["estimate"] - 0.04, high=table["estimate"] + 0.03)


def agreements(case):
    """score_correlation.csv and hard_overlap.csv, from three runs around the means."""
    table, rng, found, overlaps = rankings(case), np.random.default_rng(3), [], []
    for model, rows in table.groupby("model", sort=False):
        means = {score: rows[score].to_numpy() for score in case["scores"]}
        runs = {
            score: mean + 0.3 * mean.std() * rng.normal(size=(3, len(mean))) for score, mean in means.items()
        }
        found.append(correlation_table(runs).assign(model=model))
        hardness = {score: orient(score, mean) for score, mean in means.items()}
        overlaps.append(overlap_table(hardness, [0.05, 0.1, 0.2]).assign(model=model))
    return pd.concat(found, ignore_index=True), pd.concat(overlaps, ignore_index=True)


def causes(case):
    values = {"reasoning": ["identity", "negation", "unrelated"], "wrong label": ["no", "yes"]}
    if case is MANY:
        values = {"domain": [f"domain {k}" for k in range(20)], "slip": ["no", "yes"], **values}
    rows = [
        (model, score, cause, value, 900 - 40 * place, 10)
        for model, score, (cause, told) in product(case["models"], case["scores"], values.items())
        for place, value in enumerate(told)
    ]
    table = pd.DataFrame(rows, columns=["model", "score", "cause", "value", "examples", "n"])
    mean = np.random.default_rng(4).uniform(0.3, 0.7, len(table))
    return table.assign(estimate=mean, low=mean - 0.02, high=mean + 0.02)


def drawings(case):
    table, models, scores = rankings(case), case["models"], case["scores"]
    runs = consistency(case)
    return {
        "vog_by_class": lambda: draw_vog_by_class(table[table["label"] < 4], NAMES, models, "nli"),
        "vog_by_domain": lambda: draw_vog_by_domain(table, NAMES, models, "nlu"),
        "cumulative_domains": lambda: draw_cumulative_domains(table, NAMES, models, "nlu"),
        "forgetting_cadence": lambda: draw_forgetting_cadence(table, runs, CADENCE, models, "nli"),
        "el2n_timing": lambda: draw_el2n_timing(table, runs, models, "nli"),
        "score_histograms": lambda: draw_score_histograms(table, models, scores, "nli"),
        "influence_correlation": lambda: draw_influence_correlation(*agreements(case), models, scores, "nli"),
        "what_makes_hard": lambda: draw_what_makes_hard(causes(case), models, scores, "nli"),
    }


@pytest.fixture(scope="module", params=[*product(CASES, drawings(FEW))], ids="-".join)
def drawing(request):
    size, name = request.param
    return drawings(CASES[size])[name]()


def test_texts_are_legible(drawing):
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01


def test_what_is_drawn_are_the_points(drawing):
    """No panel is empty, and numbers of the points are among what is drawn, in units or in percent."""
    assert all(axes.has_data() for axes in drawing.figure.axes)
    drawn = drawn_values(drawing.figure)
    columns = {"estimate", "kept", "p05", "median", "z", "el2n_last"} & set(drawing.points)
    for column in columns | ({"share"} if {"events", "low_edge"} & set(drawing.points) else set()):
        for value in drawing.points[column].dropna():
            near = min(np.abs(drawn - value).min(), np.abs(drawn - 100 * value).min())
            assert near < 1e-9 * max(1, abs(value)), f"{column}: {value} is not drawn"


def test_captions_are_plain_prose_with_numbers(drawing):
    text = drawing.caption
    assert len(re.findall(r"\d", text)) >= 4 and text.endswith(".")
    assert not re.search(r"\bnan\b|None|inf\b|np\.|\druns|\dscores", text)


def test_shares_kept_are_those_of_a_cut():
    table = rankings(MANY)
    points = draw_vog_by_domain(table, {}, MANY["models"], "nlu").points.dropna(subset="kept")
    for (model, column), found in points.groupby(["model", "normalised"]):
        rows = table[table["model"] == model]
        left = rows.sort_values(column, ascending=False, kind="stable").head(400)
        wanted = (left["label"].value_counts() / rows["label"].value_counts()).fillna(0)
        kept = found.set_index(found["class_name"].astype(int))["kept"]
        np.testing.assert_allclose(kept.sort_index(), wanted.sort_index())


@settings(max_examples=20, deadline=None)
@given(labels=st.lists(st.integers(0, 3), min_size=4, max_size=40), seed=st.integers(0, 99), data=st.data())
def test_curves_of_domains_add_up_to_what_is_kept(labels, seed, data):
    vog = np.random.default_rng(seed).integers(0, 9, len(labels)).astype(float)
    rows = pd.DataFrame({"label": labels, **dict.fromkeys(normalised.COLUMNS, vog)})
    size, classes = data.draw(st.integers(0, len(labels))), normalised.named_classes(rows, {})
    for _, found in normalised.kept_of_classes(rows, classes, np.array([size])).groupby("normalised"):
        assert (found["kept"] * found["examples"]).sum() == pytest.approx(size)
        assert (found["random_low"] <= found["random_high"]).all() and found["random_high"].max() <= 1


def test_random_bars_hold_19_of_20_draws():
    rng, table = np.random.default_rng(7), rankings(FEW)
    points = draw_vog_by_class(table, NAMES, ["bert"], "nli").points.dropna(subset="kept")
    first, labels = points.iloc[0], table["label"].map(NAMES).to_numpy()
    drawn = [(rng.choice(labels, 75, replace=False) == first["class_name"]).sum() for _ in range(4000)]
    shares = np.array(drawn) / first["examples"]
    inside = ((shares >= first["random_low"]) & (shares <= first["random_high"])).mean()
    assert 0.94 <= inside <= 0.99


def test_densities_have_the_area_of_one():
    points = draw_vog_by_class(rankings(FEW), NAMES, ["bert"], "nli").points
    for _, curve in points.dropna(subset="density").groupby(["normalised", "class_name"]):
        assert np.trapezoid(curve["density"], np.arcsinh(curve["z"] / 0.5)) == pytest.approx(1, abs=2e-3)


def test_forgetting_is_counted_by_bins():
    values = [0.0, 0.0, 1 / 3, 1.0, 4 / 3, 41 / 3, 82 / 3, NEVER]
    table = pd.DataFrame({"model": "bert", "example_id": "x", "label": 0, "forgetting_often": values})
    table["forgetting_rarely"] = [0.0, 0, 0, 1, 4 / 3, 5 / 3, 10 / 3, 5]
    drawing = draw_forgetting_cadence(table, consistency(FEW), CADENCE, ["bert"], "nli")
    counts = drawing.points.dropna(subset="events").pivot(index="events", columns="score", values="examples")
    bins = ["0", "≤ 1", "1–2", "some\nruns", "all\nruns"]
    assert counts.loc[bins, "forgetting_often"].tolist() == [2, 2, 1, 2, 1] and len(counts) == len(bins)
    assert counts.loc[bins, "forgetting_rarely"].tolist() == [3, 1, 1, 2, 1]
    said = "over 40 evaluations 25.0 % are never forgotten in any run and 12.5 % never right"
    assert said in drawing.caption and "over 4 evaluations 37.5 % are never forgotten" in drawing.caption


def test_means_of_runs_are_as_reliable_as_spearman_and_brown_say():
    runs = consistency(FEW)
    single = runs.query("score == 'el2n_early' and statistic == 'spearman'")["estimate"].iloc[0]
    said = f"means over 10 and 10 others would {10 * single / (1 + 9 * single):.2f}"
    assert said in draw_el2n_timing(rankings(FEW), runs, ["bert"], "nli").caption


def test_correlations_are_turned_so_that_high_means_hard():
    case = {**FEW, "scores": ["confidence_mean", "el2n_early"]}
    found, overlap = agreements(case)
    drawing = draw_influence_correlation(found, overlap, case["models"], case["scores"], "nli")
    (below,) = drawing.points.query("panel == 'correlation'").itertuples()
    (above,) = drawing.points.query("panel == 'overlap'").itertuples()
    raw = found.query("kind == 'mean_mean' and score_a == 'confidence_mean' and score_b == 'el2n_early'")
    assert below.estimate == -raw["estimate"].iloc[0] > 0.5
    (tenth,) = overlap.query("share == 0.1").itertuples()
    assert above.estimate == tenth.jaccard
    assert (below.score_a, below.score_b) == (above.score_b, above.score_a)
    assert f"by chance it would be {tenth.by_chance:.3f}" in drawing.caption


def test_values_of_a_cause_are_ordered_from_hard_to_easy():
    points = draw_what_makes_hard(causes(MANY), MANY["models"], MANY["scores"], "nlu").points
    for _, rows in points.groupby("cause"):
        means = rows.groupby("row")["estimate"].mean()
        assert means.is_monotonic_decreasing and means.index.tolist() == list(range(len(means)))
    one, table = (
        t.query("value == 'yes' and cause == 'slip' and score == 'pvi'") for t in (points, causes(MANY))
    )
    assert one["estimate"].item() == pytest.approx(table["estimate"].mean()) and len(table) == 3


def test_bins_of_a_score_hold_all_examples():
    points = draw_score_histograms(rankings(MANY), MANY["models"], SHOWN, "nli").points
    assert points.groupby(["score", "model"])["share"].sum().to_numpy() == pytest.approx(1)
    logarithmic = points.groupby("score")["logarithmic"].first()
    assert logarithmic["tracin_last_layers"] and not logarithmic["el2n_last"]
    small = rankings(FEW).assign(pvi=lambda rows: 1e-6 * rows["pvi"])
    (axes,) = draw_score_histograms(small, FEW["models"], ["pvi"], "nli").figure.axes
    assert axes.get_xlabel().startswith("10⁻⁶ bits")


def without_values(table, columns):
    return table.assign(**dict.fromkeys(columns, np.nan))


def test_what_is_undefined_is_said():
    table, runs, models = rankings(FEW), consistency(FEW), FEW["models"]
    found, overlap = agreements(FEW)
    empty = [
        draw_vog_by_class(without_values(table, ["vog_embedding"]), NAMES, models, "nli"),
        draw_vog_by_domain(table.assign(vog_embedding=1.0), NAMES, models, "nli"),
        draw_cumulative_domains(without_values(table, ["vog_embedding_class"]), NAMES, models, "nli"),
        draw_forgetting_cadence(without_values(table, ["forgetting_rarely"]), runs, CADENCE, models, "nli"),
        draw_el2n_timing(without_values(table, ["el2n_last"]), runs, models, "nli"),
        draw_score_histograms(without_values(table, SHOWN), models, SHOWN[:2], "nli"),
        draw_influence_correlation(without_values(found, ENDS), overlap, models, SHOWN[:2], "nli"),
        draw_what_makes_hard(without_values(causes(FEW), ENDS), models, SHOWN[:2], "nli"),
    ]
    for drawing in empty:
        assert not drawing.figure.axes and "Not shown" in drawing.caption


def test_missing_parts_do_not_stop_a_figure():
    """No interval, no two runs that rank, a score without a ranking, examples without a value."""
    table, runs, models = rankings(FEW), consistency(FEW), FEW["models"]
    found, overlap = agreements({**FEW, "scores": SHOWN[:5]})
    table.loc[:9, [*normalised.COLUMNS, "el2n_last", "forgetting_often"]] = np.nan
    none = without_values(runs, ENDS)
    found.loc[(found["score_a"] == SHOWN[4]) | (found["score_b"] == SHOWN[4]), ENDS] = np.nan
    drawn = [
        draw_vog_by_class(table, NAMES, models, "nli"),
        draw_forgetting_cadence(table, none, CADENCE, models, "nli"),
        draw_el2n_timing(table, none, models, "nli"),
        draw_influence_correlation(found, overlap, models, SHOWN[:5], "nli"),
        draw_what_makes_hard(without_values(causes(FEW), ["low", "high"]), models, SHOWN[:2], "nli"),
    ]
    for drawing in drawn:
        drawing.figure.draw_without_rendering()
        check_texts(drawing.figure)
        assert not re.search(r"\bnan\b", drawing.caption)
    assert "Not shown: forgetting often" in drawn[3].caption and "140 training examples" in drawn[0].caption


def test_rankings_are_read_with_their_model(tmp_path):
    table = rankings(FEW).drop(columns="model").assign(content="c")
    files = [tmp_path / model / "rankings.parquet" for model in ("a", "b")]
    for file in files:
        write_parquet(file, table)
    read = read_rankings([str(file) for file in files], ["pvi"])
    assert list(read) == ["model", "example_id", "label", "pvi"] and read["model"].value_counts()["b"] == 150
    assert class_names({"classes": [{"label": 1, "name": "neutral"}]}) == {1: "neutral"}
