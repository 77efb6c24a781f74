"""Figure `cumulative_domains`: what is kept of each domain as more of the data set is kept, hardest first."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting.defined import nothing_to_draw
from study.plotting.influence.normalised import (
    OVERALL,
    WITHIN,
    kept_of_classes,
    known_vog,
    left_of,
    named_classes,
    said_normalised,
)
from study.plotting.layout import model_key, text_width
from study.plotting.style import GREY, PAGE, TEXT, Drawing, model_colours, styled

_ACROSS = (6, 5, 4)  # panels side by side: whichever leaves the fewest places empty
_STEPS = 50  # at which curves are drawn
_STYLES = {OVERALL: "-", WITHIN: (0, (2.5, 1.2))}
_REMARK = (
    "solid: by VoG normalised over all examples; dashed: within each domain; "
    "grey band: as many random examples (95 % of draws)"
)


@styled
def draw_cumulative_domains(
    rankings: pd.DataFrame, names: Mapping[int, str], models: Sequence[str], dataset: str
) -> Drawing:
    """A small panel a domain, the largest first: share of it that is kept against the share of all.

    Args:
        rankings: `model, example_id, label, vog_embedding, vog_embedding_class`.
        names: of the domains, by label.
        models: all of the study's, in order.
        dataset: its name.
    """
    known = known_vog(rankings, models)
    if not known:
        return nothing_to_draw(dataset, " Not shown: VoG (no encoder tells examples apart by it).")
    points = pd.concat([_curves(rows, names).assign(model=m) for m, rows in known.items()], ignore_index=True)
    domains = points.drop_duplicates("class_name")[["class_name", "examples"]]
    across = min(_ACROSS, key=lambda count: (-(-len(domains) // count) * count, -count))
    across = min(across, len(domains))
    down = -(-len(domains) // across)
    figure = Figure(figsize=(PAGE, max(1.1 * down, 6.0 / across) + 0.75), layout="constrained")
    panels = figure.subfigures()
    grid = panels.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    width = (PAGE - 0.8) / across - 0.02
    for axes, domain in zip(grid.flat, domains.itertuples(), strict=False):
        _panel(axes, points[points["class_name"] == domain.class_name], known, models)
        axes.set_title(f"{_fitted(domain.class_name, width)}\nn = {domain.examples:,}")
    for place, axes in enumerate(grid.flat):
        if place >= len(domains):
            axes.remove()
        elif place + across >= len(domains):
            axes.tick_params(labelbottom=True)  # the last of its column
    panels.supxlabel("kept of all examples, hardest first (%)", fontsize=TEXT)
    panels.supylabel("kept of the domain (%)", fontsize=TEXT)
    model_key(figure, list(known), models, _REMARK)
    return Drawing(figure, points, _caption(points, known, dataset))


def _curves(rows: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    n = len(rows)
    sizes = np.unique(np.linspace(0, n, _STEPS + 1).round().astype(int))
    sizes = np.union1d(sizes, [left_of(n, 0.5)])
    return kept_of_classes(rows, named_classes(rows, names, by_size=True), sizes)


def _fitted(text: str, width: float) -> str:
    """The text, cut where it is wider than a panel; bold letters are a sixth wider."""
    if 1.17 * text_width(text, TEXT) <= width:
        return text
    while len(text) > 1 and 1.17 * text_width(f"{text}…", TEXT) > width:
        text = text[:-1]
    return f"{text}…"


def _panel(
    axes: Axes, points: pd.DataFrame, known: Mapping[str, pd.DataFrame], models: Sequence[str]
) -> None:
    colours = model_colours(models)
    for model in known:
        for column, style in _STYLES.items():
            line = points[(points["model"] == model) & (points["normalised"] == column)]
            axes.plot(100 * line["kept_of_all"], 100 * line["kept"], linestyle=style, color=colours[model])
    chance = points[(points["model"] == next(iter(known))) & (points["normalised"] == OVERALL)]
    share = 100 * chance["kept_of_all"]
    axes.fill_between(
        share, 100 * chance["random_low"], 100 * chance["random_high"], color="#dddddd", linewidth=0, zorder=0
    )
    axes.plot([0, 100], [0, 100], color=GREY, linewidth=0.6, zorder=1)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xticks([0, 50])
    axes.set_yticks([0, 50, 100])


def _caption(points: pd.DataFrame, known: Mapping[str, pd.DataFrame], dataset: str) -> str:
    n, domains = len(next(iter(known.values()))), points["class_name"].nunique()
    half = points[points["kept_of_all"] == left_of(n, 0.5) / n]
    parts = [f"{dataset}: {n:,} training examples of {domains} domains."]
    parts += [
        f"The harder half by VoG with {model} holds, "
        f"{said_normalised(half[half['model'] == model], 'domain')}."
        for model in known
    ]
    return " ".join(parts)
