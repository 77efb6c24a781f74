"""Figure `pruning_curves`: what an encoder learns from what is left when easy or hard examples are pruned."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from study.analysis.pruned import EASY, FULL, HARD, MARGIN, RANDOM, spared_table
from study.plotting import words
from study.plotting.defined import nothing_to_draw
from study.plotting.influence.arms import (
    ARM_COLOURS,
    ARM_MARKERS,
    ARM_NAMES,
    FILLED,
    accuracies,
    differences,
    in_order,
    ranking_label,
    rankings_note,
    verdict,
    with_texts,
)
from study.plotting.influence.panels import (
    columns_for,
    legend,
    limits,
    line,
    lowest_of_columns,
    panel_width,
    span_of,
    wrapped,
)
from study.plotting.style import INK, PAGE, Drawing, present, styled

_LINES = 4  # of panels on a page, at most
_HEIGHT = 1.55  # of a panel with its title, in inches
_TOLD = 0.5  # the pruned share nearest to which the caption tells
_BESIDE = {EASY: -0.03, HARD: 0.03}  # where bars at one share would cover each other
_KEYS = ["plan", "ranking"]


class _Panel(NamedTuple):
    """A ranking of a plan."""

    model: str
    plan: str
    ranking: str
    title: str


@styled
def draw_pruning_curves(pruning: pd.DataFrame, models: Sequence[str], dataset: str) -> Drawing:
    """A panel for each ranking: accuracy against the pruned share, by what is pruned; models in turn.

    Args:
        pruning: as pruning.csv of a data set.
        models: all of the study's, in order; as many are shown as fit on a page.
        dataset: its name.
    """
    table = with_texts(pruning)
    points = accuracies(table)
    panels = {model: _panels(points, model) for model in present(points, models)}
    panels = {model: found for model, found in panels.items() if found}
    if not panels:
        return nothing_to_draw(dataset, "")
    columns = columns_for(max(map(len, panels.values())))
    shown = _fitting(panels, columns)
    lines = sum(-(-len(panels[model]) // columns) for model in shown)
    figure = Figure(figsize=(PAGE, _HEIGHT * lines + 0.75), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False)
    first, drawn = 0, []
    for model in shown:
        height = -(-len(panels[model]) // columns)
        block = grid[first : first + height].ravel()
        label = f"{model}\ntest accuracy, %" if len(shown) > 1 else "test accuracy, %"
        drawn += _draw_model(block, points[points["model"] == model], panels[model], columns, label)
        first += height
    arms = [arm for arm in ARM_NAMES if any(arm in set(rows["arm"]) for rows in drawn)]
    legend(figure, [_handle(arm) for arm in arms], FILLED)
    kept = [
        "panel",
        "model",
        *_KEYS,
        "arm",
        "fraction",
        "x",
        "estimate",
        "low",
        "high",
        "n",
        "p_holm",
        "differs",
    ]
    left_out = [model for model in panels if model not in shown]
    caption = _caption(table, points, [panel for model in shown for panel in panels[model]], dataset)
    if left_out:
        caption += f" Not shown: {', '.join(left_out)}, whose numbers are in pruning.csv."
    return Drawing(figure, pd.concat(drawn, ignore_index=True)[kept], caption)


def _panels(points: pd.DataFrame, model: str) -> list[_Panel]:
    """The rankings of a model, plan by plan; a plan's name is told where a ranking has several."""
    ranked = points[(points["model"] == model) & (points["ranking"] != "")]
    held = set(ranked[_KEYS].itertuples(index=False, name=None))
    order = product(dict.fromkeys(ranked["plan"]), in_order(ranked["ranking"]))
    found = [key for key in order if key in held]
    names = [ranking for _, ranking in found]
    return [
        _Panel(model, plan, ranking, ranking_label(ranking) + f" ({plan})" * (names.count(ranking) > 1))
        for plan, ranking in found
    ]


def _fitting(panels: dict[str, list[_Panel]], columns: int) -> list[str]:
    """The first models, as many as fit on a page; one at least."""
    lines, shown = 0, []
    for model, found in panels.items():
        lines += -(-len(found) // columns)
        if shown and lines > _LINES:
            break
        shown.append(model)
    return shown


def _draw_model(
    block: Sequence[Axes], points: pd.DataFrame, panels: list[_Panel], columns: int, label: str
) -> list[pd.DataFrame]:
    """Draws the panels of a model on one scale; gives what stands in each."""
    drawn = [_of_panel(points, panel) for panel in panels]
    ends = limits(pd.concat([rows[rows["arm"] != FULL] for rows in drawn]), *_fulls(drawn))
    right = max(rows["x"].max() for rows in drawn)
    lowest = lowest_of_columns(len(panels), columns)
    for place, axes in enumerate(block):
        if place >= len(panels):
            axes.remove()
            continue
        _draw(axes, drawn[place])
        axes.set_title(wrapped(panels[place].title, panel_width(columns)))
        axes.set_xlim(0, right + 6)
        axes.set_ylim(*ends)
        if place % columns:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel(label)
        if place in lowest:
            axes.set_xlabel("pruned share, %")
    return [rows.assign(panel=panel.title) for rows, panel in zip(drawn, panels, strict=True)]


def _of_panel(points: pd.DataFrame, panel: _Panel) -> pd.DataFrame:
    """The arms of a ranking, and the plan's runs on random parts and on all examples."""
    of_plan = points[points["plan"] == panel.plan]
    rows = of_plan[of_plan["ranking"].isin([panel.ranking, ""])].sort_values("x", kind="stable")
    if rows.loc[rows["arm"] != FULL, "x"].nunique() > 1:
        return rows
    return rows.assign(x=rows["x"] * (1 + rows["arm"].map(_BESIDE).fillna(0.0)))


def _fulls(drawn: list[pd.DataFrame]) -> list[float]:
    return [value for rows in drawn for value in rows.loc[rows["arm"] == FULL, "estimate"]]


def _draw(axes: Axes, rows: pd.DataFrame) -> None:
    for value in rows.loc[rows["arm"] == FULL, "estimate"]:
        axes.axhline(value, color=ARM_COLOURS[FULL], linestyle=":", linewidth=0.9)
    for arm in (RANDOM, HARD, EASY):
        mine = rows[rows["arm"] == arm]
        if len(mine):
            mine = mine.assign(differs=True) if arm == RANDOM else mine  # it is what others differ from
            line(axes, mine, ARM_COLOURS[arm], ARM_MARKERS[arm], band=True)


def _handle(arm: str) -> Line2D:
    if arm == FULL:
        return Line2D([], [], color=INK, linestyle=":", label=ARM_NAMES[arm])
    return Line2D([], [], color=ARM_COLOURS[arm], marker=ARM_MARKERS[arm], label=ARM_NAMES[arm])


def _caption(table: pd.DataFrame, points: pd.DataFrame, panels: list[_Panel], dataset: str) -> str:
    models = list(dict.fromkeys(panel.model for panel in panels))
    parts = [f"{dataset}, {words.span(points['n'], ' seeds')}."]
    for model in models:
        mine = [panel for panel in panels if panel.model == model]
        parts.append(_of_model(table[table["model"] == model], points[points["model"] == model], mine))
    return " ".join(parts) + rankings_note(dict.fromkeys(panel.ranking for panel in panels))


def _of_model(table: pd.DataFrame, points: pd.DataFrame, panels: list[_Panel]) -> str:
    """What a model reaches on all examples, and between what pruning by some ranking is worth."""
    titles = {(panel.plan, panel.ranking): panel.title for panel in panels}
    full = points[points["arm"] == FULL].drop_duplicates("plan")
    parts = [
        f"{panels[0].model} on {'; '.join(_whole(row) for _, row in full.iterrows())}." if len(full) else ""
    ]
    gains, verdicts = [], []
    for arm in (EASY, HARD):
        rows = differences(table, arm, RANDOM)
        if rows.empty:
            continue
        share = rows["x"].loc[(rows["fraction"] - _TOLD).abs().idxmin()]
        told = span_of(rows[rows["x"] == share], lambda row: titles[row["plan"], row["ranking"]])
        gains.append(f"{share:g} % {ARM_NAMES[arm]} gain {told}")
        verdicts.append(verdict(rows, arm))
    if gains:
        parts.append(f"Against random of equal size, {'; '.join(gains)} points of accuracy.")
        parts.append(f"After Holm, {'; '.join(verdicts)}.")
    parts.append(_spared(table, titles))
    return " ".join(filter(None, parts))


def _spared(table: pd.DataFrame, titles: dict[tuple[str, str], str]) -> str:
    """How much can go by the best ranking, and at random."""
    found = spared_table(table).sort_values(["share", "estimate"], ascending=False, kind="stable")
    ranked, random = found[found["arm"] != RANDOM], found[found["arm"] == RANDOM]
    if ranked.empty:
        return ""
    best = ranked.iloc[0]
    share, lost = (f"{100 * value:g} %" for value in (best["share"], best["fraction"]))
    name, arm = titles[best["plan"], best["ranking"]], ARM_NAMES[best["arm"]]
    ends = words.percent_interval(best[["estimate", "low", "high"]].astype(float))
    if not best["share"]:
        return (
            f"No share that was tried can go without a loss of more than {100 * MARGIN:g} point (95 %): "
            f"{name}, {arm}, comes nearest with {ends} at {lost}."
        )
    beside = f"; at random {100 * random['share'].max():g} %" if len(random) else ""
    return (
        f"Up to {share} can go by {name}, {arm}, at a loss of at most {100 * MARGIN:g} point (95 %; "
        f"{ends}){beside}."
    )


def _whole(row: pd.Series) -> str:
    ends = words.percent_interval(row[["estimate", "low", "high"]].astype(float) / 100)
    return f"all {int(row['examples']):,} examples ({row['plan']}): {ends}"
