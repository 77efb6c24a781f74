"""Figures of other settings of the chapter `selection`: legible, complete, their numbers in words."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from tests.unit.plotting.legibility import check_texts, shown_texts

from study.analysis.understanding import METRICS
from study.chapters.selection.errors import summary
from study.chapters.selection.reading import mean_rows
from study.files import read_csv, write_csv
from study.plotting.selection.gold_share import draw_gold_share
from study.plotting.selection.settings import draw_threshold_defect_grid
from study.plotting.style import SMALL
from study.selection.pool import STEPS

pytestmark = pytest.mark.filterwarnings("error")

TOPS = ("top-entropy_joint", "top-el2n_joint_mean")
SETTING = ["gold", "threshold", "recall"]
OTHERS = 1800  # utterances that are not gold where none is
FEW = {"thresholds": [0.7, 0.9], "recalls": [0.0, 0.5], "golds": [0.1], "repeats": 3, "noise": 0.05}
DEFAULT = {
    **{"thresholds": [0.7, 0.9, 0.95], "recalls": [0.0, 0.5, 1.0], "golds": [0.05, 0.1, 0.2]},
    **{"repeats": 5, "noise": 0.02, "small": [(0.1, 0.95, 1.0)]},
}
MANY = {
    **{"thresholds": [0.5, 0.7, 0.9, 0.99], "recalls": [0.0, 0.25, 0.5, 0.75, 1.0], "repeats": 10},
    **{"golds": [0.01, 0.02, 0.05, 0.09, 0.1, 0.11, 0.2, 0.5], "noise": 0.1},
    **{"small": [(0.1, 0.99, 1.0), (0.1, 0.99, 0.75), (0.5, 0.9, 0.5)]},
}
WILD = {**DEFAULT, "repeats": 3, "noise": 0.5, "small": []}
NO_SLOTS = {**DEFAULT, "slots": False}
CASES = {"few": FEW, "default": DEFAULT, "many": MANY, "wild": WILD, "no slots": NO_SLOTS}
OWN = (0.1, 0.9, 0.5)


def settings_of(case):
    keys = [(OWN[0], tau, recall) for tau in case["thresholds"] for recall in case["recalls"]]
    return list(dict.fromkeys([*keys, *((gold, *OWN[1:]) for gold in case["golds"])]))


def runs_of(case, key, rng):
    """Error rates of all arms in all repeats; all arms of a repeat share its luck."""
    gold, tau, recall = key
    better = {"nothing": 1.1, "everything": 0.97, "truth": 0.85, TOPS[0]: 1.05 - 0.1 * tau * recall}
    arms = ["nothing"]
    if key not in case.get("small", []):
        arms += ["random", *TOPS]
        arms += ["truth"] if key[1:] == OWN[1:] else []
    arms += ["everything"] if key[1:] == OWN[1:] else []
    rows = []
    for repeat in range(case["repeats"]):
        luck = 1 + rng.normal(0, 0.05)
        for arm in arms:
            factor = better.get(arm, 1) * luck * (0.1 / gold) ** 0.2
            rates = {
                metric: base * max(0.01, factor + rng.normal(0, case["noise"]))
                for metric, base in zip(METRICS, (0.2, 0.3, 0.35, 0.33, 0.5), strict=True)
            }
            missing = {} if case.get("slots", True) else {"semer": np.nan, "f_semer": np.nan}
            sized = arm not in ("nothing", "everything")
            about = {"repeat": repeat, "strategy": arm, "size": 0.5 if sized else np.nan}
            about |= {"added": round(1000 * gold) if sized else 0, "view": "overall", "domain": ""}
            told = {"reason": "the corpus has no slots" if missing else "", "slot_f1": 0.5}
            rows.append(about | rates | missing | told)
    return pd.DataFrame(rows)


def pools_of(case, key, rng):
    """What each step leaves in every repeat."""
    gold, tau, recall = key
    rows = []
    for _ in range(case["repeats"]):
        left = round(OTHERS * (1 - gold))
        right = round(left * (0.7 + 0.02 * rng.normal()))
        for step in ("", *STEPS):
            wrong = left - right
            if step == STEPS[0]:
                right, wrong = round(0.7 * right), round(0.7 * wrong)
            if step == STEPS[1]:
                right, wrong = round(right * (1.2 - 0.5 * tau)), round(wrong * (1 - tau))
            if step == STEPS[2]:
                right, wrong = round(0.95 * right), round((1 - recall) * wrong)
            left = right + wrong
            rows.append({"step": step, "utterances": left, "share": 0.5, "right_all": right / left})
    return pd.DataFrame(rows)


def tables(case, folder):
    """grid.csv and grid_pools.csv as they are written and read."""
    rng, changes, pools = np.random.default_rng(0), [], []
    for key in settings_of(case):
        about = dict(zip(SETTING, key, strict=True))
        changes.append(summary(runs_of(case, key, rng)).assign(**about))
        pools.append(pools_of(case, key, rng).assign(**about))
    means = mean_rows(pd.concat(pools), [*SETTING, "step"], ["utterances", "share", "right_all"])
    write_csv(folder / "grid.csv", pd.concat(changes, ignore_index=True).assign(dataset="fronted"))
    write_csv(folder / "grid_pools.csv", means.assign(dataset="fronted"))
    return read_csv(folder / "grid.csv"), read_csv(folder / "grid_pools.csv")


def draw_grid(found):
    return draw_threshold_defect_grid(*found, OWN, 0.5, "fronted")


def draw_gold(found):
    return draw_gold_share(found[0], [], OWN, 0.5, "fronted")


@pytest.fixture(scope="module", params=CASES)
def made(request, tmp_path_factory):
    found = tables(CASES[request.param], tmp_path_factory.mktemp("tables"))
    return CASES[request.param], found, draw_grid(found), draw_gold(found)


def check(drawing):
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01 and drawing.figure.get_figheight() < 9.6
    assert all(axes.images or axes.lines for axes in drawing.figure.axes)
    assert min(axes.get_window_extent().height for axes in drawing.figure.axes) > 0.15 * drawing.figure.dpi
    assert len(re.findall(r"\d", drawing.caption)) >= 4 and drawing.caption.endswith(".")
    assert not re.search(r"\bnan\b|None|inf\b|np\.|\drepeats|undefined|−0 %", drawing.caption)


def of_panel(changes, metric, strategy):
    """Rows of grid.csv of one panel by their place."""
    rows = changes[(changes["metric"] == metric) & (changes["strategy"] == strategy)]
    rows = rows[(rows["statistic"] == "change") & (rows["view"] == "overall") & (rows["gold"] == OWN[0])]
    return rows.set_index(["threshold", "recall"])


def numbers_in(text):
    return [float(value) for value in re.findall(r"[-\d.]+", text.replace("−", "-").replace(",", ""))]


def test_grids_are_legible(made):
    check(made[2])


def test_a_cells_text_fits_into_it(made):
    figure = made[2].figure
    figure.draw_without_rendering()
    for axes in figure.axes:
        cell = axes.get_window_extent().width / axes.images[0].get_array().shape[1]
        assert all(text.get_window_extent().width <= cell for text in axes.texts)


def test_every_setting_of_the_own_share_has_a_cell_in_every_panel(made):
    case, _, drawing, _ = made
    panels = drawing.points.groupby(["metric", "strategy"], sort=False)
    wanted = {(tau, recall) for tau in case["thresholds"] for recall in case["recalls"]}
    metrics = {"dcer", "semer"} if case.get("slots", True) else {"dcer"}
    assert [key for key, _ in panels] == [
        *((metric, strategy) for metric in sorted(metrics) for strategy in TOPS),
        *(("right_all", ""), ("utterances", "")),
    ]
    assert len(drawing.figure.axes) == len(panels)
    for axes, (_, points) in zip(drawing.figure.axes, panels, strict=True):
        assert set(points[["threshold", "recall"]].itertuples(index=False, name=None)) == wanted
        assert len(axes.texts) == len(points) == len(wanted)


def test_cells_hold_the_tables_changes(made):
    case, (grid, _), drawing, _ = made
    small = {key[1:] for key in case.get("small", []) if key[0] == OWN[0]}
    for axes, ((metric, strategy), points) in zip(
        drawing.figure.axes, drawing.points.groupby(["metric", "strategy"], sort=False), strict=True
    ):
        if not strategy:
            continue
        table, image = of_panel(grid, metric, strategy), axes.images[0].get_array()
        assert len(table) == len(points) - len(small)
        assert (
            axes.get_title(loc="left")
            == f"{metric.upper()}, top {'EL2N' if 'el2n' in strategy else 'entropy'}: change, %"
        )
        for point, text in zip(points.itertuples(), axes.texts, strict=True):
            place = point.threshold, point.recall
            assert (
                (point.x, point.y)
                == (
                    case["recalls"].index(place[1]),
                    case["thresholds"].index(place[0]),
                )
                == text.get_position()
            )
            if place in small:
                assert np.isnan(point.estimate) and "too small" in point.reason
                assert text.get_text() == "too small" and np.ma.is_masked(image[point.y, point.x])
                continue
            row = table.loc[place]
            np.testing.assert_array_equal(
                [point.estimate, point.low, point.high, point.n],
                row[["estimate", "low", "high", "n"]].astype(float),
            )
            assert image[point.y, point.x] == row["estimate"]
            told = numbers_in(text.get_text())
            ends = [row["low"], row["high"]] if np.isfinite(row["low"]) else []
            assert np.allclose(told, [row["estimate"], *ends], atol=0.5001)
            excludes = row["low"] > 0 or row["high"] < 0
            assert (text.get_fontweight() == "bold") == excludes == point.differs


def test_pools_are_those_after_the_last_step(made):
    _, (_, pools), drawing, _ = made
    last = pools[(pools["step"] == "said before") & (pools["gold"] == OWN[0])]
    for axes, metric, scale in zip(
        drawing.figure.axes[-2:], ("right_all", "utterances"), (100, 1), strict=True
    ):
        points = drawing.points[drawing.points["metric"] == metric]
        table = last[last["metric"] == metric].set_index(["threshold", "recall"])
        for point, text in zip(points.itertuples(), axes.texts, strict=True):
            row = table.loc[(point.threshold, point.recall)]
            assert point.estimate == pytest.approx(scale * row["estimate"]) and point.n == row["n"]
            value, half = numbers_in(text.get_text())
            assert value == pytest.approx(scale * row["estimate"], abs=0.5 if scale == 1 else 0.0501)
            assert half == pytest.approx(
                scale * (row["high"] - row["low"]) / 2, abs=0.5 if scale == 1 else 0.0501
            )


def test_the_own_setting_is_framed(made):
    case, _, drawing, _ = made
    for axes in drawing.figure.axes:
        frames = [patch for patch in axes.patches if patch.get_linewidth() > 1.2]
        assert [(patch.get_x() + 0.5, patch.get_y() + 0.5) for patch in frames] == [
            (case["recalls"].index(OWN[2]), case["thresholds"].index(OWN[1]))
        ]
    assert drawing.points["own"].sum() == len(drawing.figure.axes)


def test_captions_of_grids_tell_the_tables_numbers(tmp_path):
    grid, pools = tables(DEFAULT, tmp_path)
    caption = draw_grid((grid, pools)).caption
    assert "10 % of the training utterances are gold" in caption and "(100 utterances); 5 repeats" in caption
    for metric in ("dcer", "semer"):
        panels = {strategy: of_panel(grid, metric, strategy) for strategy in TOPS}
        both = pd.concat(panels)
        worse, better = (both["low"] > 0).sum(), (both["high"] < 0).sum()
        assert f"the interval is above 0 for {worse} of 16 changes and below for {better}" in caption
        for row in (both.loc[both["estimate"].idxmin()], both.loc[both["estimate"].idxmax()]):
            assert f"{row['estimate']:+.2f} [{row['low']:.2f}, ".replace("-", "−") in caption
    own = of_panel(grid, "dcer", TOPS[0]).loc[OWN[1:]]
    assert (
        f"threshold (0.9) and recall (0.5): DCER top entropy {own['estimate']:+.2f} [".replace("-", "−")
        in caption
    )
    assert "Hatched: τ 0.95, r 1 (the pool is too small in some repeat)." in caption
    left = pools[
        (pools["step"] == "said before") & (pools["metric"] == "utterances") & (pools["gold"] == OWN[0])
    ]
    assert f"Utterances in the pool: {left['estimate'].min():.0f} [" in caption
    assert (
        "about 0 % (r 0), 50 % (r 0.5), 100 % (r 1) of the wrong hypotheses and 5 % of the right" in caption
    )


def test_a_corpus_without_slots_has_no_panels_of_slots(tmp_path):
    found = tables(NO_SLOTS, tmp_path)
    for drawing in (draw_grid(found), draw_gold(found)):
        assert "semer" not in set(drawing.points["metric"])
        assert drawing.caption.endswith("Not shown: SEMER (the corpus has no slots).")


def test_where_all_pools_are_too_small_the_pools_are_shown(tmp_path):
    found = tables({**FEW, "small": settings_of(FEW)}, tmp_path)
    drawing = draw_grid(found)
    check(drawing)
    assert set(drawing.points["metric"]) == {"right_all", "utterances"}
    gold = draw_gold(found)
    check(gold)
    assert set(gold.points["strategy"]) == {"nothing", "everything"}
    assert "The pool is too small in some repeat with 10 % gold." in gold.caption


def test_an_error_of_0_with_random_utterances_is_said(tmp_path):
    grid, pools = tables(FEW, tmp_path)
    grid["reason"] = grid["reason"].astype(object)
    rows = (grid["metric"] == "dcer") & (grid["statistic"] == "change") & (grid["recall"] == 0)
    grid.loc[rows, ["estimate", "low", "high"]] = np.nan
    grid.loc[rows, "reason"] = "the error with random utterances is 0, or not known"
    drawing = draw_grid((grid, pools))
    check(drawing)
    told = "Hatched: τ 0.7, r 0; τ 0.9, r 0 (the error with random utterances is 0, or not known)."
    assert told in drawing.caption
    assert [text.get_text() for text in drawing.figure.axes[0].texts].count("undefined") == 2


def test_an_empty_pool_is_said(tmp_path):
    grid, pools = tables({**FEW, "small": [(0.1, 0.9, 0.0)]}, tmp_path)
    rows = (pools["threshold"] == 0.9) & (pools["recall"] == 0) & (pools["step"] == "said before")
    pools.loc[rows & (pools["metric"] == "right_all"), ["estimate", "low", "high"]] = np.nan
    drawing = draw_grid((grid, pools))
    check(drawing)
    assert [text.get_text() for text in drawing.figure.axes[-2].texts].count("empty") == 1
    assert "τ 0.9, r 0 (the pool is empty in some repeat)" in drawing.caption


def test_an_own_setting_beside_the_grid_is_shown_where_it_was_tried(tmp_path):
    case = {**FEW, "thresholds": [0.7, 0.95], "recalls": [0.0, 1.0]}  # OWN comes with the shares of gold
    drawing = draw_grid(tables(case, tmp_path))
    check(drawing)
    own = drawing.points[drawing.points["own"]]
    assert len(own) == len(drawing.figure.axes) and all(len(axes.texts) == 5 for axes in drawing.figure.axes)
    assert set(own["threshold"]) == {0.9} and set(own["recall"]) == {0.5}


def test_wide_numbers_have_panels_of_full_width(tmp_path):
    case = {**WILD, "recalls": [0.0, 0.2, 0.4, 0.5, 0.8, 1.0], "noise": 0.6}
    drawing = draw_grid(tables(case, tmp_path))
    check(drawing)
    lefts = {round(axes.get_position().x0, 3) for axes in drawing.figure.axes}
    assert len(lefts) == 1


def test_gold_shares_are_legible(made):
    check(made[3])


def test_points_of_gold_shares_are_the_tables_rates(made):
    case, (grid, _), _, drawing = made
    rows = grid[(grid["threshold"] == OWN[1]) & (grid["recall"] == OWN[2]) & (grid["view"] == "overall")]
    rows = rows[rows["metric"].isin(["dcer", "semer"])]
    rates = rows[(rows["statistic"] == "rate") & rows["estimate"].notna()]
    assert set(rates["gold"]) == set(case["golds"]) and len(drawing.points) == len(rates)
    keys = ["gold", "strategy", "metric"]
    both = rates.merge(drawing.points, on=keys, suffixes=("", "_drawn"))
    assert len(both) == len(rates)
    for end in ("estimate", "low", "high"):
        np.testing.assert_allclose(both[f"{end}_drawn"], 100 * both[end])
    tests = rows[rows["strategy"].isin(TOPS) & (rows["statistic"] == "change")].set_index(keys)["p_holm"]
    for point in drawing.points.itertuples():
        key = (point.gold, point.strategy, point.metric)
        assert point.open == (key in tests.index and tests[key] > 0.05)
    lines = [line for axes in drawing.figure.axes for line in axes.lines]
    white = [len(line.get_xdata()) for line in lines if line.get_markerfacecolor() == "white"]
    assert sum(white) == drawing.points["open"].sum()


def test_gold_shares_are_drawn_where_they_are(made):
    drawing = made[3]
    for axes, metric in zip(drawing.figure.axes, ("dcer", "semer"), strict=False):
        points = drawing.points[drawing.points["metric"] == metric]
        marks = [line.get_xydata() for line in axes.lines if line.get_marker() not in ("None", None, "")]
        drawn = np.concatenate([mark for mark in marks if len(mark)])
        wanted = points[["x", "estimate"]].to_numpy()
        assert np.array_equal(np.unique(drawn, axis=0), np.unique(wanted, axis=0))
        bars = [c.get_paths() for c in axes.collections if isinstance(c, LineCollection)]
        ends = {tuple(path.vertices[:, 1]) for paths in bars for path in paths}
        assert ends == set(points[["low", "high"]].itertuples(index=False, name=None))
        low, high = axes.get_xlim()
        assert (points["x"] > low).all() and (points["x"] < high).all() and axes.get_ylim()[0] >= 0
        ratio = points["x"] / (100 * points["gold"])
        assert (ratio.groupby(points["strategy"]).nunique() >= 1).all() and np.abs(np.log(ratio)).max() < 0.25


def test_captions_of_gold_shares_tell_the_tables_numbers(tmp_path):
    grid, _ = tables(DEFAULT, tmp_path)
    caption = draw_gold((grid, None)).caption
    assert "(50 to 200 utterances); error rates in %, 5 repeats" in caption
    rates = grid[(grid["statistic"] == "rate") & (grid["threshold"] == 0.9) & (grid["recall"] == 0.5)]
    for metric in ("dcer", "semer"):
        for gold in (0.05, 0.2):
            rows = rates[(rates["metric"] == metric) & (rates["gold"] == gold)].set_index("strategy")
            named = re.search(rf"{metric.upper()} with {100 * gold:g} % gold: (.*?)\. ", caption)[1]
            assert len(re.findall(r"\[", named)) == len(rows) == 6
            for strategy, name in {"nothing": "gold alone", "random": "random", TOPS[1]: "top EL2N"}.items():
                assert f"{name} {100 * rows.loc[strategy, 'estimate']:.1f} [" in named
    rows = grid[(grid["statistic"] == "change") & grid["strategy"].isin(TOPS) & (grid["threshold"] == 0.9)]
    rows = rows[
        (rows["recall"] == 0.5) & rows["metric"].isin(["dcer", "semer"]) & (rows["view"] == "overall")
    ]
    sure = rows[rows["p_holm"] <= 0.05]
    better, worse = (sure["estimate"] < 0).sum(), (sure["estimate"] > 0).sum()
    assert f"in {better} and higher in {worse} of 12 comparisons, paired by repeat." in caption


def test_without_any_number_nothing_is_drawn(tmp_path):
    grid, _ = tables(FEW, tmp_path)
    assert not draw_gold((grid.assign(estimate=np.nan), None)).figure.axes
