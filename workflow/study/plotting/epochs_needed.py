"""Figure `epochs_needed`: how many epochs a run must record, and what more epochs buy beside more runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from study.analysis.pooling import mean_over_models
from study.plotting import words
from study.plotting.layout import label_ends, model_key, offsets, stripe_rows
from study.plotting.style import (
    GREY,
    PAGE,
    Drawing,
    model_colours,
    model_markers,
    present,
    series_colours,
    styled,
)

SUBJECT = "confidence"  # whose rank error is drawn
FORMS = {"prefix": "mean of epochs 1…t", "checkpoint": "epoch t alone"}
BEST, NEEDED, ENOUGH = ("best", 0.0), ("other_runs", 0.9), ("share_of_whole", 0.95)
PANELS = {  # below: reference, target, title
    BEST: "best correlation",
    NEEDED: "epochs for 0.9",
    ENOUGH: "epochs for 95 % of whole",
}
_HEIGHT = 2.1  # of the curves' axes in inches


@styled
def draw_epochs_needed(
    curves: pd.DataFrame, averaging: pd.DataFrame, needed: pd.DataFrame, models: Sequence[str], dataset: str
) -> Drawing:
    """Above, correlation and rank error of what is recorded up to epoch t; below, epochs needed by model.

    Args:
        curves: `model, score, form, reference, epoch, estimate, low, high, n`.
        averaging: `model, score, form, epoch, statistic, runs, estimate, low, high, n`.
        needed: `model, score, form, reference, target, estimate, low, high, n, until, largest, epochs`.
        models: in the study's order.
        dataset: its name.
    """
    others = curves[(curves["reference"] == "other_runs") & curves["estimate"].notna()]
    shown = present(others, models)
    means = mean_over_models(others, ["score", "form", "epoch"])
    errors = averaging[(averaging["score"] == SUBJECT) & (averaging["statistic"] == "rank_error")]
    errors = mean_over_models(errors, ["form", "epoch", "runs"])
    errors = errors[errors["runs"].isin([errors["runs"].min(), errors["runs"].max()])]
    below = _below(others, needed, means["score"].unique().tolist(), shown)
    rows = below["row"].nunique() * max(0.26, 0.06 * len(shown))
    figure = Figure(figsize=(PAGE, _HEIGHT + 0.55 + rows + 0.95), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[_HEIGHT + 0.55, rows + 0.95])
    left, right = top.subplots(1, 2)
    last = int(others["epoch"].max())
    _draw_curves(left, means, last)
    _draw_errors(right, errors, last)
    _draw_below(bottom, below, models, last)
    model_key(figure, shown, models)
    points = [
        means.assign(panel="correlation"),
        errors.assign(panel="rank_error", score=SUBJECT),
        below.assign(panel="needed"),
    ]
    first = ["panel", "score", "form", "reference", "target", "model", "epoch", "runs"]
    kept = [*first, "estimate", "low", "high", "n", "models", "reached", "y"]
    joined = pd.concat(points, ignore_index=True)[kept]
    return Drawing(figure, joined, _caption(means, errors, needed, others, shown, dataset))


def _finish_epochs(axes: Axes, last: int) -> None:
    """Epochs on a logarithmic axis: most happens in the first few."""
    axes.set_xscale("log")
    axes.set_xlim(0.93, max(2, last) * 1.05)
    ticks = [tick for tick in (1, 2, 3, 5, 10, 20, 50, 100, 200, 500) if tick <= max(2, last)]
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())


def _draw_curves(axes: Axes, means: pd.DataFrame, last: int) -> None:
    scores = means["score"].unique().tolist()
    colours = dict(zip(scores, series_colours(len(scores)), strict=True))
    ends, labels, shades = {}, {}, {}
    for (score, form), curve in means.groupby(["score", "form"], sort=False):
        curve = curve.sort_values("epoch")
        axes.fill_between(
            curve["epoch"], curve["low"], curve["high"], color=colours[score], alpha=0.2, linewidth=0
        )
        axes.plot(curve["epoch"], curve["estimate"], "-" if form == "prefix" else "--", color=colours[score])
        key = f"{score} {form}"
        ends[key] = tuple(curve[["epoch", "estimate"]].iloc[-1])
        shades[key] = colours[score]
        labels[key] = f"{words.score_label(score)}, {'mean' if form == 'prefix' else 'epoch t'}"
    _finish_epochs(axes, last)
    axes.set_ylim(top=1.0)
    for target in (0.9, 0.95):
        axes.axhline(target, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
        ends[str(target)], labels[str(target)] = (axes.get_xlim()[1], target), str(target)
        shades[str(target)] = GREY
    axes.set_xlabel("epochs recorded, t")
    axes.set_ylabel("Spearman correlation\nwith other runs' training mean")
    axes.set_title("one run, recorded up to epoch t")
    label_ends(axes, ends, shades, _HEIGHT, labels.get)


def _draw_errors(axes: Axes, errors: pd.DataFrame, last: int) -> None:
    sizes = sorted(errors["runs"].unique())
    colours = dict(zip(sizes, series_colours(len(sizes) + 1), strict=False))
    ends, labels, shades = {}, {}, {}
    for (form, runs), curve in errors.groupby(["form", "runs"], sort=False):
        curve = curve.sort_values("epoch")
        axes.vlines(curve["epoch"], curve["low"], curve["high"], color=colours[runs], linewidth=0.9)
        line = "o-" if form == "prefix" else "o--"
        axes.plot(curve["epoch"], curve["estimate"], line, color=colours[runs], markersize=2.6)
        key = f"{form} {runs}"
        ends[key], shades[key] = tuple(curve[["epoch", "estimate"]].iloc[-1]), colours[runs]
        labels[key] = f"{words.count_of(int(runs), 'run')}, {'mean' if form == 'prefix' else 'epoch t'}"
    _finish_epochs(axes, last)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("epochs recorded, t")
    axes.set_ylabel("rank error between two\nn-run means (share of examples)")
    axes.set_title(f"{SUBJECT}: more epochs, or more runs")
    label_ends(axes, ends, shades, _HEIGHT, labels.get)


def _below(
    others: pd.DataFrame, needed: pd.DataFrame, scores: Sequence[str], shown: Sequence[str]
) -> pd.DataFrame:
    """What the lower panels show: a row per panel, model, score and form.

    Without a model that reaches 0.9 its panel is left out: `BEST` says as much.
    """
    best = others.loc[others.groupby(["model", "score", "form"], sort=False)["estimate"].idxmax()]
    best = best.assign(reference=BEST[0], target=BEST[1])
    panels = pd.DataFrame([NEEDED, ENOUGH], columns=["reference", "target"])
    epochs = needed.merge(panels, on=["reference", "target"])
    epochs = epochs[epochs["largest"].notna() & epochs["model"].isin(shown) & epochs["score"].isin(scores)]
    if epochs.loc[epochs["reference"] == NEEDED[0], "estimate"].isna().all():
        epochs = epochs[epochs["reference"] != NEEDED[0]]
    points = pd.concat([best, epochs], ignore_index=True)
    rows = [(score, form) for score in scores for form in FORMS]
    points["row"] = [rows.index(key) for key in zip(points["score"], points["form"], strict=True)]
    points["y"] = points["row"] + points["model"].map(offsets(shown))
    points["reached"] = points["estimate"].notna()
    return points


def _draw_below(figure: SubFigure, points: pd.DataFrame, models: Sequence[str], last: int) -> None:
    names = points.sort_values("row").drop_duplicates("row")
    keys = [key for key in PANELS if (points["reference"] == key[0]).any()]
    grid = figure.subplots(1, len(keys), sharey=True, squeeze=False)[0]
    for axes, key in zip(grid, keys, strict=True):
        stripe_rows(axes, len(names))
        beyond = np.nan
        if key == BEST:
            axes.axvline(NEEDED[1], color=GREY, linestyle=":", linewidth=0.9, zorder=1)
            axes.set_xlabel("Spearman correlation")
        else:
            beyond = 1.25 * last
            _finish_epochs(axes, last)
            axes.set_xlim(0.9, 1.45 * last)
            axes.axvspan(1.08 * last, 1.45 * last, color="#e4e4e4", linewidth=0, zorder=0.5)
            axes.set_xlabel("epochs (grey: not reached)")
        _draw_rows(axes, points[points["reference"] == key[0]], models, beyond)
        axes.set_title(PANELS[key])
    labels = [f"{words.score_label(row.score)}, {FORMS[row.form]}" for row in names.itertuples()]
    grid[0].set_yticks(range(len(names)), labels)


def _draw_rows(axes: Axes, points: pd.DataFrame, models: Sequence[str], beyond: float) -> None:
    """A marker with its interval for each model; what is not reached stands at `beyond`."""
    colours, markers = model_colours(models), model_markers(models)
    for row in points.itertuples():
        if np.isfinite(row.low):
            high = beyond if np.isinf(row.high) else row.high
            axes.hlines(row.y, row.low, high, color=colours[row.model], linewidth=0.9)
        axes.plot(
            row.estimate if row.reached else beyond,
            row.y,
            markers[row.model] if row.reached else ">",
            color=colours[row.model],
            markerfacecolor=colours[row.model] if row.reached else "white",
            markersize=3.4,
            markeredgewidth=0.8,
        )


def _caption(
    means: pd.DataFrame,
    errors: pd.DataFrame,
    needed: pd.DataFrame,
    others: pd.DataFrame,
    shown: Sequence[str],
    dataset: str,
) -> str:
    last = int(others["epoch"].max())
    text = (
        f"{dataset}: {words.count_of(len(shown), 'model')}, "
        f"{words.span(others.loc[others['score'] == SUBJECT, 'n'], ' runs')} each, {last} epochs. "
    )
    of_subject = needed[(needed["score"] == SUBJECT) & (needed["form"] == "prefix")]
    whole = of_subject[(of_subject["reference"] == "share_of_whole") & (of_subject["target"] == 0.95)]
    found = whole["estimate"].dropna()
    if len(found):
        text += (
            f"The mean {SUBJECT} of the first t epochs reaches 95 % of the correlation that all {last} give "
            f"after {words.span(found, ' epochs')}, depending on the model. "
        )
    told = []
    for target in (0.9, 0.95):
        rows = of_subject[(of_subject["reference"] == "other_runs") & (of_subject["target"] == target)]
        reached = rows["estimate"].dropna()
        after = f" (after {words.span(reached, ' epochs')})" if len(reached) else ""
        told.append(f"{target} with {len(reached)} of {words.count_of(len(rows), 'model')}{after}")
    text += f"Its correlation with the training mean of other runs reaches {' and '.join(told)}. "
    best = means[means["epoch"] == last].set_index(["score", "form"])["estimate"]
    text += (
        f"After the last epoch the mean over epochs correlates {words.number(best[SUBJECT, 'prefix'])} and "
        f"the epoch alone {words.number(best[SUBJECT, 'checkpoint'])} (means over models). "
    )
    return text + _epochs_or_runs(errors, last)


def _epochs_or_runs(errors: pd.DataFrame, last: int) -> str:
    """What all epochs of one run buy, beside the first epochs of several."""
    prefix = errors[errors["form"] == "prefix"].set_index(["runs", "epoch"])["estimate"]
    if prefix.empty:
        return "There are too few runs for a rank error."
    few, many = int(errors["runs"].min()), int(errors["runs"].max())
    text = (
        f"With all epochs the rank error between two runs is {words.number(prefix[few, last])} (share of "
        f"examples)"
    )
    if few == many:
        return f"{text}."
    of_many = prefix[many]
    as_good = of_many.index[of_many <= prefix[few, last]]
    text += f", between two means of {many} runs {words.number(prefix[many, last])}"
    if len(as_good):
        first = int(as_good.min())
        text += f"; {many} runs are as good as that after {words.count_of(first, 'epoch')}"
        text += ": runs buy more than epochs." if many * first < last else "."
        return text
    return f"{text}."
