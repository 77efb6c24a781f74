"""Figure `fingerprint_accuracy`: naming the model of a run from the scores of a few examples."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from study.analysis.clumping import SUFFIX
from study.analysis.fingerprint import headline
from study.analysis.fingerprint_tables import GREATER, SUBJECT
from study.plotting import words
from study.plotting.layout import label_ends
from study.plotting.style import GREY, INK, PAGE, Drawing, styled

PANELS = {
    ("in_distribution", "all"): "chosen on all models",
    ("held_out", "held_out_model"): "a model's runs, chosen without it",
}
CLASSIFIERS = {"logistic": "logistic regression", "k_means": "k-means"}
SELECTORS = {  # ways of choosing examples: label, colour
    "p_value": ("p-value", INK),
    "p_value_balanced": ("p-value, balanced", "#E69F00"),
    "coefficient": ("coefficient", "#0072B2"),
    "loading": ("PCA loading", "#009E73"),
    "difficulty": ("difficulty", "#CC79A7"),
    "random": ("random", "#D55E00"),
}
BASELINES = {"mean_score": "mean score alone", "accuracy": "accuracy alone"}
_HEIGHT = 2.0


def selector_label(name: str) -> str:
    """A selector for people: `p_value_clumped` is `p-value, clumped`."""
    label = SELECTORS[name.removesuffix(SUFFIX)][0]
    return f"{label}, clumped" if name.endswith(SUFFIX) else label


def in_order(names: Sequence[str]) -> list[str]:
    """Selectors in the order of `SELECTORS`, each followed by its clumped form."""
    order = list(SELECTORS)
    return sorted(
        set(names), key=lambda name: (order.index(name.removesuffix(SUFFIX)), name.endswith(SUFFIX))
    )


@styled
def draw_fingerprint_accuracy(
    table: pd.DataFrame,
    differences: pd.DataFrame,
    leaks: pd.DataFrame,
    clumps: pd.DataFrame,
    dataset: str,
) -> Drawing:
    """Accuracy against the number of examples, by how they were chosen; baselines and chance as lines.

    Args:
        table: `setting, held_out, evaluated, features, classifier, k, estimate, low, high, n, n_train,
            n_test, chance`.
        differences: `setting, features, baseline, k, estimate, low, high, n, detectable, monte_carlo`: the
            accuracy of chosen examples minus a baseline's, paired by split; the verdict rests on it.
        leaks: `check, features, classifier, setting, control, passed`.
        clumps: `features, chosen`: examples, and those dropped as linked to one of them.
        dataset: its name.
    """
    baselines = table[table["features"].isin(list(BASELINES))]
    pooled = table[~table["features"].isin(list(BASELINES))]
    pooled = pooled[(pooled["setting"] == "in_distribution") | (pooled["held_out"] == "mean")]
    panels = [
        key for key in PANELS if ((pooled["setting"] == key[0]) & (pooled["evaluated"] == key[1])).any()
    ]
    figure, points = draw_grid(
        [
            Column(
                PANELS[key],
                pooled[(pooled["setting"] == key[0]) & (pooled["evaluated"] == key[1])],
                baselines.assign(setting=key[0]),
            )
            for key in panels
        ]
    )
    kept = ["setting", "evaluated", "features", "classifier", "k", "x", "estimate", "low", "high", "n"]
    drawn = points[[*kept, "monte_carlo", "chance"]]
    return Drawing(figure, drawn, _caption(table, differences, leaks, clumps, dataset))


class Column(NamedTuple):
    """A column of panels, one for each classifier: its title, and rows of the table of accuracies."""

    title: str
    curves: pd.DataFrame
    baselines: pd.DataFrame


def draw_grid(columns: Sequence[Column]) -> tuple[Figure, pd.DataFrame]:
    """Accuracy against k, a row of panels for each classifier; the figure and all points in it."""
    held = set(pd.concat([column.curves for column in columns])["classifier"])
    classifiers = [name for name in CLASSIFIERS if name in held]
    figure = Figure(
        figsize=(PAGE if len(columns) > 1 else 0.7 * PAGE, 0.3 + (_HEIGHT + 0.25) * len(classifiers)),
        layout="constrained",
    )
    grid = figure.subplots(len(classifiers), len(columns), sharex=True, sharey=True, squeeze=False)
    points = []
    for row, classifier in enumerate(classifiers):
        for place, (axes, (title, curves, baselines)) in enumerate(zip(grid[row], columns, strict=True)):
            mine, levels = (part[part["classifier"] == classifier] for part in (curves, baselines))
            last = place == len(columns) - 1
            points += [
                _draw_panel(axes, mine),
                _draw_levels(axes, levels, mine["chance"].iloc[0], mine, last),
            ]
            axes.set_title(f"{CLASSIFIERS[classifier]}, {title}" if place == 0 else title)
        grid[row, 0].set_ylabel("accuracy of naming the model")
    for axes in grid[-1]:
        axes.set_xlabel("examples, k")
    return figure, pd.concat(points, ignore_index=True)


def _draw_panel(axes: Axes, curves: pd.DataFrame) -> pd.DataFrame:
    """A line per selector, with intervals beside, not over, each other; clumped ones dashed."""
    ks, present = sorted(curves["k"].unique()), in_order(curves["features"])
    drawn = []
    for place, name in enumerate(present):
        colour = SELECTORS[name.removesuffix(SUFFIX)][1]
        rows = curves[curves["features"] == name].sort_values("k")
        rows = rows.assign(x=rows["k"] * 1.055 ** (place - (len(present) - 1) / 2))
        axes.vlines(rows["x"], rows["low"], rows["high"], color=colour, linewidth=0.6, alpha=0.6)
        line = "o--" if name.endswith(SUFFIX) else "o-"
        axes.plot(rows["x"], rows["estimate"], line, color=colour, markersize=2.6, linewidth=0.9)
        drawn.append(rows)
    axes.set_xscale("log")
    axes.set_xlim(ks[0] / 1.3, ks[-1] * 1.3)
    axes.set_ylim(0, 1.03)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(ks, [f"{k:,}" for k in ks])
    return pd.concat(drawn)


def _draw_levels(
    axes: Axes, baselines: pd.DataFrame, chance: float, curves: pd.DataFrame, last: bool
) -> pd.DataFrame:
    """Baselines and chance as lines over the panel; in the last of a row all lines are named."""
    edge = axes.get_xlim()[1]
    ends, labels, colours = {}, {}, {}
    for name in in_order(curves["features"]):
        rows = curves[curves["features"] == name].sort_values("k")
        ends[name] = (edge, rows["estimate"].iloc[-1])
        labels[name] = selector_label(name) + (" - -" if name.endswith(SUFFIX) else "")
        colours[name] = SELECTORS[name.removesuffix(SUFFIX)][1]
    for name, row in baselines.set_index("features").iterrows():
        axes.axhspan(row["low"], row["high"], color="#efefef", linewidth=0, zorder=0)
        axes.axhline(row["estimate"], color=GREY, linestyle=(0, (4, 2)), linewidth=0.9, zorder=1)
        ends[name], labels[name], colours[name] = (edge, row["estimate"]), BASELINES[name], GREY
    axes.axhline(chance, color=GREY, linestyle=":", linewidth=0.9, zorder=1)
    ends["chance"], labels["chance"], colours["chance"] = (edge, chance), "chance", GREY
    if last:
        label_ends(axes, ends, colours, _HEIGHT - 0.2, labels.get)
    return baselines


def _caption(
    table: pd.DataFrame, differences: pd.DataFrame, leaks: pd.DataFrame, clumps: pd.DataFrame, dataset: str
) -> str:
    subject = table[table["features"] == SUBJECT]
    k = headline(subject["k"].unique())
    at_k = table[(table["k"] == k) | table["features"].isin(list(BASELINES))]
    inside = at_k[(at_k["setting"] == "in_distribution") & (at_k["classifier"] == "logistic")]
    inside, first = inside.set_index("features"), table.iloc[0]
    mine = inside.loc[SUBJECT]
    text = (
        f"{dataset}: splits into {int(first['n_train'])} training and {int(first['n_test'])} test runs, "
        f"{int(mine['n'])} of them for {words.count_of(int(k), 'example')} and the baselines, "
        f"fewer elsewhere ({words.span(table['n'])} splits); chance is {first['chance']:.3g}. "
        f"{words.count_of(int(k), 'example')} chosen by p-value name the model with accuracy "
        f"{words.interval(mine)}, random examples with {words.interval(inside.loc['random'])} "
        f"and the mean score alone with {words.interval(inside.loc['mean_score'])} (logistic regression). "
        f"{_verdict(differences, k)}"
    )
    others = inside.drop([SUBJECT, "random", *BASELINES], errors="ignore")["estimate"]
    if len(others):
        listed = ", ".join(
            f"{selector_label(name)} {words.number(others[name])}" for name in in_order(others.index)
        )
        text += f" Other ways of choosing as many: {listed}."
    held = at_k[(at_k["held_out"] == "mean") & (at_k["features"] == SUBJECT)]
    held = held[(held["evaluated"] == "held_out_model") & (held["classifier"] == "logistic")]
    if len(held):
        text += (
            f" Chosen without a model, they name that model's runs with accuracy "
            f"{words.interval(held.iloc[0])}."
        )
    return f"{text} {_clump_sentence(clumps)} {leak_sentence(leaks)}"


def _verdict(differences: pd.DataFrame, k: int) -> str:
    """What the paired difference from the better baseline says."""
    of_choice = (differences["setting"] == "in_distribution") & (differences["baseline"] == GREATER)
    of_choice &= differences["features"] == SUBJECT
    gain = differences[of_choice & (differences["k"] == k)].iloc[0]
    if not np.isfinite(gain["low"]):
        follows = "whether choosing examples helps cannot be told"
    elif gain["low"] > 0:
        follows = "the chosen examples are a fingerprint, more than a difference in overall level"
    elif gain["high"] < 0:
        follows = "choosing examples does worse than the simpler means, so no fingerprint is shown"
    elif gain["detectable"] > 0:
        follows = (
            "no gain from choosing examples is shown; one of "
            f"{words.number(gain['detectable'])} would have been found (80 % power)"
        )
    else:
        follows = "no gain from choosing examples is shown, and as all splits agree there is none to find"
    error = f"; Monte-Carlo error {words.number(gain['monte_carlo'])}" if gain["monte_carlo"] > 0 else ""
    return (
        f"Paired by split, p-value minus the better of the two is {words.interval(gain)}{error}: {follows}."
    )


def _clump_sentence(clumps: pd.DataFrame) -> str:
    """How many examples say what another says."""
    mine = clumps[clumps["features"] == SUBJECT]
    chosen = int(mine["chosen"].astype(bool).sum())
    return (
        f"To {words.count_of(chosen, 'unlinked example')} by p-value, clumping dropped "
        f"{len(mine) - chosen:,} that are linked to one of them."
    )


def leak_sentence(leaks: pd.DataFrame) -> str:
    """Whether the checks found that test runs were known before the test."""
    control = leaks["control"].astype(bool)
    missed, failed = (leaks[which & ~leaks["passed"].astype(bool)] for which in (control, ~control))
    caught = (
        f"the check of {' and of '.join(missed['check'])} has too little power here to catch a selector that "
        "is made to leak"
        if len(missed)
        else "both checks caught a selector that is made to leak"
    )
    if failed.empty:
        return f"All {(~control).sum()} leak tests passed (test runs altered, labels shuffled); {caught}."
    names = ", ".join(
        f"{row.check} with {_way(row.features)} and {CLASSIFIERS[row.classifier]}"
        for row in failed.itertuples()
    )
    return (
        f"{len(failed)} of {(~control).sum()} leak tests FAILED ({names}): do not rely on these accuracies; "
        f"{caught}."
    )


def _way(name: str) -> str:
    return BASELINES[name] if name in BASELINES else selector_label(name)
