"""Figures of understanding after pruning, and of embeddings: legible, complete, their numbers in words."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from tests.unit.plotting.legibility import check_texts, drawn_values, shown_texts

from study.analysis.understanding import METRICS, change_table
from study.files import read_csv, write_csv, write_parquet
from study.plotting.influence.domain_reduction import draw_domain_reduction
from study.plotting.influence.embedding_map import draw_embedding_map, read_maps, rotation
from study.plotting.style import SMALL

pytestmark = pytest.mark.filterwarnings("error")

SAMPLINGS = ["random", "stratified", "vog_class", "vog_dataset", "mixed"]
DOMAINS = [
    *("weather", "music", "alarm", "calendar", "smart_home", "shopping", "recipes", "transport"),
    *("recommendation", "takeaway", "news", "datetime", "email", "cooking", "general", "lists", "audio"),
    *("social", "play", "qa"),
]
HARM = dict(zip(SAMPLINGS, (0.4, 0.3, 0.3, 0.1, 0.15), strict=True))
FEW = {"samplings": ["random"], "fractions": [0.5], "domains": DOMAINS[:2], "tail": False, "slots": False}
MANY = {
    **{"samplings": SAMPLINGS, "fractions": [0.14, 0.46, 0.52], "domains": DOMAINS[:18]},
    **{"tail": True, "slots": True},
}
WILD = {**MANY, "domains": DOMAINS[:4], "noise": 0.6, "seeds": 3}
PRUNED = {"few": FEW, "many": MANY, "wild": WILD}
MAPPED = {
    "few": {"models": ["bert"], "classes": 2, "texts": (500, 300)},
    "many": {"models": ["bert-small", "bert-large"], "classes": 20, "texts": (2000, 1000)},
    "flat": {"models": ["bert"], "classes": 3, "texts": (500, 500), "flat": 0.1},
}


def errors(rng, case, view, domain, scale, harm):
    """Error rates of one run on one view."""
    rates = {
        metric: base * scale * max(0.05, 1 + harm + rng.normal(0, case.get("noise", 0.05)))
        for metric, base in zip(METRICS, (0.07, 0.12, 0.15, 0.14, 0.3), strict=True)
    }
    reason = ""
    if not case["slots"]:
        rates |= {"semer": np.nan, "f_semer": np.nan}
        reason = "the corpus has no slots"
    if view == "tail" and not case["tail"]:
        rates, reason = dict.fromkeys(METRICS, np.nan), "the traffic is not known"
    return {"view": view, "domain": domain, "utterances": 300, "reason": reason, **rates}


def understanding(case, folder):
    """nlu.csv and nlu_by_domain.csv as they are written and read: small domains suffer more."""
    rng, rows, count = np.random.default_rng(0), [], len(case["domains"])
    jobs = [("full", 0.0)] + [(name, share) for name in case["samplings"] for share in case["fractions"]]
    for sampling, share in jobs:
        harm = HARM.get(sampling, 0) * share
        for seed in range(case.get("seeds", 5)):
            about = {"sampling": sampling, "kept": 1 - share, "seed": seed}
            rows += [
                about | errors(rng, case, "domain", name, 0.5 + place / count, harm * (1 + place))
                for place, name in enumerate(case["domains"])
            ]
            rows.append(about | errors(rng, case, "overall", "", 1, harm))
            rows.append(about | errors(rng, case, "tail", "", 1.6, 2 * harm))
    runs = pd.DataFrame(rows)
    changes = change_table(runs, ["sampling"])
    full = runs[(runs["kept"] == 1) & (runs["view"] != "domain")]
    rates = full.melt(["sampling", "kept", "view", "seed", "reason"], METRICS, "metric", "estimate")
    rates = rates.groupby(["sampling", "kept", "view", "metric"], sort=False, dropna=False)["estimate"].mean()
    rates = rates.reset_index().assign(statistic="rate", n=case.get("seeds", 5))
    sizes = dict(zip(case["domains"], np.geomspace(1500, 37, count).astype(int), strict=True))
    of_domains = changes[changes["view"] == "domain"]
    write_csv(folder / "nlu.csv", pd.concat([rates, changes[changes["view"] != "domain"]]))
    write_csv(folder / "by.csv", of_domains.assign(trained_on=of_domains["domain"].map(sizes)))
    return read_csv(folder / "nlu.csv"), read_csv(folder / "by.csv")


def maps(case):
    """Maps in which classes lie around centres; those after removal in other directions."""
    frames, classes = [], case["classes"]
    for place, model in enumerate(case["models"]):
        rng = np.random.default_rng(place)
        centres = rng.normal(0, 3, (classes, 2))
        for trained_on, turn in (("all", np.eye(2)), ("without hardest", np.array([[0.0, -1], [1, 0]]))):
            for split, count in zip(("train", "test"), case["texts"], strict=True):
                draws = np.random.default_rng(count)
                labels = draws.integers(classes, size=count)
                hard = (np.arange(count) < 0.05 * count) & (split == "train")
                right = rng.random(count) > np.where(hard, 0.6, 0.1)
                places = (
                    (centres[labels] + draws.normal(0, 0.5, (count, 2))) * [1, case.get("flat", 1)] @ turn
                )
                about = {"model": model, "trained_on": trained_on, "split": split, "label": labels}
                told = about | {"hard": hard, "right": right, "x": places[:, 0], "y": places[:, 1]}
                frames.append(pd.DataFrame(told))
    return pd.concat(frames, ignore_index=True)


def draw_map(case):
    names = dict(enumerate(DOMAINS[: case["classes"]]))
    return draw_embedding_map(maps(case), names, case["models"], "vog_embedding_class", "nlu")


@pytest.fixture(scope="module", params=PRUNED)
def reduction(request, tmp_path_factory):
    tables = understanding(PRUNED[request.param], tmp_path_factory.mktemp(request.param))
    return tables, draw_domain_reduction(*tables, "bert", "nlu")


@pytest.fixture(scope="module", params=MAPPED)
def mapped(request):
    return MAPPED[request.param], draw_map(MAPPED[request.param])


def check(drawing):
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01
    assert all(axes.lines or axes.collections for axes in drawing.figure.axes)
    assert min(axes.get_window_extent().height for axes in drawing.figure.axes) > 0.15 * drawing.figure.dpi
    assert len(re.findall(r"\d", drawing.caption)) >= 4 and drawing.caption.endswith(".")
    assert not re.search(r"\bnan\b|None|inf\b|np\.|\dseeds|undefined", drawing.caption)


def test_reductions_are_legible(reduction):
    check(reduction[1])


def test_all_changes_with_an_estimate_are_drawn(reduction):
    (overall, by_domain), drawing = reduction
    wanted = pd.concat([overall, by_domain[by_domain["metric"] == "dcer"]])
    wanted = wanted[(wanted["statistic"] == "change") & wanted["estimate"].notna()]
    assert sorted(wanted["estimate"]) == sorted(drawing.points["estimate"])
    drawn = drawn_values(drawing.figure)
    ends = [wanted["estimate"], wanted["low"].clip(lower=-100).dropna(), wanted["high"].dropna()]
    for value in pd.concat(ends):
        assert np.abs(drawn - value).min() < 1e-9, f"{value} is not drawn"


def test_all_that_is_drawn_lies_on_its_axis(reduction):
    for axes in reduction[1].figure.axes:
        low, high = axes.get_xlim()
        for line in axes.lines:
            assert (low <= line.get_xdata()).all() and (line.get_xdata() <= high).all()
        assert all(low <= tick <= high for tick in axes.get_xticks() if axes.get_xscale() == "symlog")


def test_captions_of_reductions_tell_the_tables_numbers(tmp_path):
    overall, by_domain = understanding(FEW, tmp_path)
    caption = draw_domain_reduction(overall, by_domain, "bert", "nlu").caption
    dcer = overall[(overall["metric"] == "dcer") & (overall["view"] == "overall")].set_index("statistic")
    change, sigma = dcer.loc["change"], dcer.loc["efficiency", "estimate"]
    assert f"random +{change['estimate']:.1f} [" in caption and f"(σ = −{-sigma:.2f})" in caption
    assert f"DCER {100 * dcer.loc['rate', 'estimate']:.1f} %" in caption
    changes = overall[overall["statistic"] == "change"]
    assert f"above 0 for {(changes['low'] > 0).sum()} of 3 changes" in caption
    assert (
        "Not shown: SEMER, F-SEMER (the corpus has no slots); the tail (the traffic is not known)." in caption
    )


def test_an_error_that_is_0_without_pruning_is_said_not_drawn(tmp_path):
    overall, by_domain = understanding(MANY, tmp_path)
    reason = "the error is 0 without pruning"
    for table, rows in (
        (overall, (overall["metric"] == "dcer") & (overall["view"] == "tail")),
        (by_domain, by_domain["domain"] == "music"),
    ):
        table["reason"] = table["reason"].astype(object)
        table.loc[rows & (table["statistic"] != "rate"), ["estimate", "low", "high"]] = np.nan
        table.loc[rows & (table["statistic"] == "rate"), "estimate"] = 0.0
        table.loc[rows, "reason"] = reason
    drawing = draw_domain_reduction(overall, by_domain, "bert", "nlu")
    check(drawing)
    assert drawing.caption.endswith(f"Not shown: DCER in the tail, music ({reason}).")
    texts = [text.get_text() for text in shown_texts(drawing.figure)]
    assert "undefined" in texts and not any(text.startswith("music") for text in texts)
    overall["estimate"] = np.nan
    empty = draw_domain_reduction(overall.assign(reason=reason), by_domain, "bert", "nlu")
    assert not empty.figure.axes and reason in empty.caption


def test_changes_without_an_interval_are_open(tmp_path):
    overall, by_domain = understanding(FEW, tmp_path)
    sure = overall["metric"] != "dcer"
    overall[["low", "high"]] = overall[["low", "high"]].where(sure)
    drawing = draw_domain_reduction(overall, by_domain, "bert", "nlu")
    dots = [
        line for line in drawing.figure.axes[0].lines if line.get_marker() == "o" and len(line.get_xdata())
    ]
    assert [line.get_markerfacecolor() for line in dots] == ["white"]
    assert (
        "(no interval)" in drawing.caption
        and "open: no interval" in drawing.figure.legends[0].get_title().get_text()
    )


def test_maps_are_legible(mapped):
    check(mapped[1])


def test_all_texts_are_drawn_in_their_panel(mapped):
    case, drawing = mapped
    panels = drawing.points.groupby(["model", "split", "trained_on"], sort=False)
    assert len(panels) == len(drawing.figure.axes) == 3 * len(case["models"])
    for axes, (_, points) in zip(drawing.figure.axes, panels, strict=True):
        dots, crosses, rings = (c for c in axes.collections if isinstance(c, PathCollection))
        for shown, rows in ((dots, points["right"]), (crosses, ~points["right"]), (rings, points["hard"])):
            assert np.array_equal(shown.get_offsets(), points.loc[rows, ["x", "y"]])
            assert shown.get_rasterized()
        low, high = np.array([axes.get_xlim(), axes.get_ylim()]).T
        assert (points[["x", "y"]] >= low).all(axis=None) and (points[["x", "y"]] <= high).all(axis=None)
        named = {text.get_text() for text in axes.texts}
        assert named == set(points["class_name"]), "a class has no name"


def test_maps_after_removal_are_turned_to_those_before(mapped):
    """The maps differ by a quarter turn alone."""
    points = mapped[1].points
    before, after = (points[points["trained_on"] == name] for name in ("all", "without hardest"))
    before = before[before["split"] == "test"]
    assert np.allclose(before[["x", "y"]], after[["x", "y"]])


def test_rotation_keeps_distances():
    rng = np.random.default_rng(1)
    moved, fixed = rng.normal(size=(2, 30, 2))
    turn = rotation(moved, fixed)
    assert np.allclose(turn @ turn.T, np.eye(2))
    angles = np.linspace(0, 2 * np.pi, 721)
    turns = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]]).transpose(2, 0, 1)
    every = np.concatenate([turns, turns @ np.diag([1, -1])])
    distances = ((moved @ every - fixed) ** 2).sum(axis=(1, 2))
    assert ((moved @ turn - fixed) ** 2).sum() <= distances.min() + 1e-9


def test_captions_of_maps_count_the_texts():
    case = MAPPED["few"]
    table, caption = maps(case), draw_map(case).caption
    right = {key: rows["right"].to_numpy() for key, rows in table.groupby(["split", "trained_on"])}
    before, after = right[("test", "all")], right[("test", "without hardest")]
    assert "500 training and 300 test texts" in caption and "the 25 training texts" in caption
    assert (
        f"{100 * before.mean():.1f} % of the test texts right before and {100 * after.mean():.1f} %"
        in caption
    )
    assert f"{(after & ~before).sum()} became right and {(before & ~after).sum()} wrong" in caption


def test_a_model_without_numbers_is_said_not_drawn():
    case = MAPPED["many"]
    table = maps(case)
    table.loc[table["model"] == "bert-large", ["x", "y"]] = np.nan
    names = dict(enumerate(DOMAINS))
    drawing = draw_embedding_map(table, names, case["models"], "vog_embedding_class", "nlu")
    assert set(drawing.points["model"]) == {"bert-small"} and "Not shown: bert-large" in drawing.caption
    empty = draw_embedding_map(table.assign(x=np.nan), names, case["models"], "vog_embedding_class", "nlu")
    assert not empty.figure.axes and "bert-small, bert-large" in empty.caption


def test_names_without_room_are_counted():
    case = {"models": ["bert"], "classes": 60, "texts": (3000, 3000)}
    names = {label: f"a very long name {label}" for label in range(60)}
    drawing = draw_embedding_map(maps(case), names, ["bert"], "vog_embedding_class", "nlu")
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    fewest = min(len(axes.texts) for axes in drawing.figure.axes)
    assert 0 < fewest < 60 and f"names of {60 - fewest} classes there is no room" in drawing.caption


def test_maps_are_read_with_their_models(tmp_path):
    case = MAPPED["many"]
    table, files = maps(case), []
    for model, rows in table.groupby("model", sort=False):
        files.append(str(tmp_path / model / "analysis" / "embedding_map.parquet"))
        write_parquet(files[-1], rows.drop(columns="model"))
    pd.testing.assert_frame_equal(read_maps(files), table, check_dtype=False)
