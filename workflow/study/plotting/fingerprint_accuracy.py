"""Figure `fingerprint_accuracy`: naming the model of a run from the scores of a few examples."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from study.analysis.fingerprint_tables import GREATER, SUBJECT
from study.plotting import words
from study.plotting.layout import label_ends, model_key
from study.plotting.style import (
    GREY,
    INK,
    PAGE,
    Drawing,
    model_colours,
    model_markers,
    styled,
)

PANELS = {
    ("in_distribution", "all"): "chosen on all models",
    ("held_out", "all"): "chosen without one model",
    ("held_out", "held_out_model"): "…, that model's runs",
}
SELECTORS = {  # ways of choosing examples: label, colour
    "p_value": ("p-value", INK),
    "coefficient": ("coefficient", "#0072B2"),
    "loading": ("PCA loading", "#009E73"),
    "difficulty": ("difficulty", "#CC79A7"),
    "random": ("random", "#D55E00"),
}
BASELINES = {"mean_score": "mean score alone", "accuracy": "accuracy alone"}
AT = 10  # for how many examples the caption states numbers, or for the nearest k
_HEIGHT = 2.0


@styled
def draw_fingerprint_accuracy(
    table: pd.DataFrame,
    differences: pd.DataFrame,
    leaks: pd.DataFrame,
    models: Sequence[str],
    dataset: str,
) -> Drawing:
    """Accuracy against the number of examples, by how they were chosen; baselines and chance as lines.

    Args:
        table: `setting, held_out, evaluated, features, k, estimate, low, high, n, n_train, n_test, chance`.
        differences: `setting, baseline, k, estimate, low, high, n, detectable`: the accuracy of examples
            chosen by p-value minus a baseline's, paired by split; the caption's verdict rests on it.
        leaks: `check, features, passed`.
        models: in the study's order.
        dataset: its name.
    """
    baselines = table[table["features"].isin(list(BASELINES))]
    curves = table[table["features"].isin(list(SELECTORS))]
    panels = [
        key for key in PANELS if ((curves["setting"] == key[0]) & (curves["evaluated"] == key[1])).any()
    ]
    single = curves[(curves["held_out"].isin(models)) & (curves["features"] == SUBJECT)]
    shown = [model for model in models if model in set(single["held_out"])]
    figure = Figure(
        figsize=(PAGE if len(panels) > 1 else 0.7 * PAGE, _HEIGHT + (1.0 if shown else 0.7)),
        layout="constrained",
    )
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    points = []
    for axes, key in zip(grid, panels, strict=True):
        here = (curves["setting"] == key[0]) & (curves["evaluated"] == key[1])
        pooled = here & ((key[0] == "in_distribution") | (curves["held_out"] == "mean"))
        of_models = single[(single["setting"] == key[0]) & (single["evaluated"] == key[1])]
        points += [curves[pooled], of_models.assign(low=np.nan, high=np.nan)]
        _draw_models(axes, of_models, models)
        _draw_panel(
            axes,
            curves[pooled],
            baselines if key[1] == "all" else baselines.iloc[:0],
            table["chance"].iloc[0],
        )
        if key[1] == "all":
            points.append(baselines.assign(setting=key[0]))
        axes.set_title(PANELS[key])
        axes.set_xlabel("examples, k")
    grid[0].set_ylabel("accuracy of naming the model")
    if shown:
        model_key(figure, shown, models)
    kept = ["setting", "evaluated", "held_out", "features", "k", "estimate", "low", "high", "n", "chance"]
    drawn = pd.concat(points, ignore_index=True)[kept]
    return Drawing(figure, drawn, _caption(table, differences, leaks, dataset))


def _draw_panel(axes: Axes, curves: pd.DataFrame, baselines: pd.DataFrame, chance: float) -> None:
    ks = sorted(curves["k"].unique())
    ends, labels, colours = {}, {}, {}
    present = [name for name in SELECTORS if name in set(curves["features"])]
    for place, name in enumerate(present):
        label, colour = SELECTORS[name]
        rows = curves[curves["features"] == name].sort_values("k")
        x = rows["k"] * 1.04 ** (place - (len(present) - 1) / 2)  # intervals beside, not over, each other
        axes.vlines(x, rows["low"], rows["high"], color=colour, linewidth=1)
        axes.plot(x, rows["estimate"], "o-", color=colour, markersize=3.2)
        ends[name] = (x.iloc[-1], rows["estimate"].iloc[-1])
        labels[name], colours[name] = label, colour
    for name, row in baselines.set_index("features").iterrows():
        axes.axhspan(row["low"], row["high"], color="#efefef", linewidth=0, zorder=0)
        axes.axhline(row["estimate"], color=GREY, linestyle="--", linewidth=0.9, zorder=1)
        ends[name], labels[name], colours[name] = (ks[-1] * 1.2, row["estimate"]), BASELINES[name], GREY
    axes.axhline(chance, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    ends["chance"], labels["chance"], colours["chance"] = (ks[-1] * 1.2, chance), "chance", GREY
    axes.set_xscale("log")
    axes.set_xlim(ks[0] / 1.2, ks[-1] * 1.2)
    axes.set_ylim(0, 1.03)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(ks, [f"{k:,}" for k in ks])
    label_ends(axes, ends, colours, _HEIGHT - 0.2, labels.get)


def _draw_models(axes: Axes, of_models: pd.DataFrame, models: Sequence[str]) -> None:
    """Each held-out model's own accuracy, faintly behind the mean."""
    colours, markers = model_colours(models), model_markers(models)
    for model, rows in of_models.groupby("held_out", sort=False):
        rows = rows.sort_values("k")
        axes.plot(
            rows["k"],
            rows["estimate"],
            marker=markers[model],
            color=colours[model],
            alpha=0.55,
            lw=0.5,
            markersize=2.8,
        )


def _caption(table: pd.DataFrame, differences: pd.DataFrame, leaks: pd.DataFrame, dataset: str) -> str:
    subject = table[table["features"] == SUBJECT]
    k = min(subject["k"].unique(), key=lambda value: abs(np.log(value / AT)))
    at_k = table[(table["k"] == k) | table["features"].isin(list(BASELINES))]
    inside = at_k[at_k["setting"] == "in_distribution"].set_index("features")
    first = table.iloc[0]
    text = (
        f"{dataset}: {words.span(table['n'])} splits into {int(first['n_train'])} training and "
        f"{int(first['n_test'])} test runs; chance is {first['chance']:.3g}. "
        f"{words.count_of(int(k), 'example')} chosen by p-value name the model with accuracy "
        f"{words.interval(inside.loc[SUBJECT])}, random examples with {words.interval(inside.loc['random'])} "
        f"and the mean score alone with {words.interval(inside.loc['mean_score'])}. "
        f"{_verdict(differences, k)}"
    )
    held = at_k[(at_k["held_out"] == "mean") & (at_k["features"] == SUBJECT)].set_index("evaluated")
    if "held_out_model" in held.index:
        text += (
            f" Chosen without a model, they name that model's runs with accuracy "
            f"{words.interval(held.loc['held_out_model'])}."
        )
    return f"{text} {_leak_sentence(leaks)}"


def _verdict(differences: pd.DataFrame, k: int) -> str:
    """What the paired difference from the better baseline says."""
    of_choice = (differences["setting"] == "in_distribution") & (differences["baseline"] == GREATER)
    gain = differences[of_choice & (differences["k"] == k)].iloc[0]
    if not np.isfinite(gain["low"]):
        follows = "whether choosing examples helps cannot be told"
    elif gain["low"] > 0:
        follows = "the chosen examples are a fingerprint, more than a difference in overall level"
    elif gain["high"] < 0:
        follows = "choosing examples does worse than the simpler means, so no fingerprint is shown"
    else:
        follows = (
            "no gain from choosing examples is shown; one of "
            f"{words.number(gain['detectable'])} would have been found (80 % power)"
        )
    return f"Paired by split, p-value minus the better of the two is {words.interval(gain)}: {follows}."


def _leak_sentence(leaks: pd.DataFrame) -> str:
    """Whether the checks found that test runs were known before the test."""
    failed = leaks[~leaks["passed"].astype(bool)]
    if failed.empty:
        return f"All {len(leaks)} leak tests passed (test runs altered, labels shuffled)."
    names = ", ".join(f"{row.check} with {SELECTORS[row.features][0]}" for row in failed.itertuples())
    return f"{len(failed)} of {len(leaks)} leak tests FAILED ({names}): do not rely on these accuracies."
