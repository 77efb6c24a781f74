"""Figure `ablations`: what each part of a mixture is worth."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.layout import stripe_rows
from study.plotting.style import GREY, PAGE, Drawing, model_colours, model_markers, styled


@styled
def draw_ablations(table: pd.DataFrame, base: str, models: Sequence[str]) -> Drawing:
    """A panel for each task, a row for each changed part: accuracy minus that of the base model.

    Args:
        table: `task, dataset, model, part, value, base_accuracy, estimate, low, high, n`.
        base: the model that the others differ from in one part.
        models: all of the study's, in order.
    """
    sets = list(dict.fromkeys(table["dataset"]))
    rows = [model for model in models if model in set(table["model"])]
    names = {row["model"]: _in_words(row["part"], row["value"]) for _, row in table.iterrows()}
    figure = Figure(figsize=(PAGE, 1.1 + 0.3 * len(rows)), layout="constrained")
    panels = figure.subplots(1, len(sets), sharey=True, squeeze=False)[0]
    colours, markers = model_colours(models), model_markers(models)
    for axes, dataset in zip(panels, sets, strict=True):
        stripe_rows(axes, len(rows))
        axes.axvline(0, color=GREY, linewidth=0.8)
        here = table[table["dataset"] == dataset].set_index("model")
        for place, model in enumerate(rows):
            if model in here.index:
                found = here.loc[model]
                axes.plot(found["estimate"], place, markers[model], color=colours[model])
                axes.hlines(place, found["low"], found["high"], color=colours[model])
        accuracy = words.percent(here["base_accuracy"].iloc[0], 0)
        axes.set_title(f"{dataset} ({base}: {accuracy})")
        axes.set_xlabel(f"right answers minus those of {base}")
    panels[0].set_yticks(range(len(rows)), [names[model] for model in rows])
    return Drawing(figure, table, _caption(table, base, names))


def _in_words(part: str, value: object) -> str:
    """`router: hash`, `1 expert a token`, `experts 64 wide`, `6 layers`."""
    if part == "router":
        return f"router: {value}"
    if part == "expert_width":
        return f"experts {value} wide"
    thing = {"top_k": "expert", "layers": "layer", "heads": "head"}[part]
    return words.count_of(int(value), thing) + (" a token" if part == "top_k" else "")


def _caption(table: pd.DataFrame, base: str, names: dict[str, str]) -> str:
    parts = []
    for dataset, rows in table.groupby("dataset", sort=False):
        values = ", ".join(
            f"{names[row['model']]} {words.percent_interval(row)}" for _, row in rows.iterrows()
        )
        parts.append(f"{dataset}: {values}")
    return (
        f"Share of right answers minus that of {base}, paired by seed, over "
        f"{words.span(table['n'], ' seeds')} with 95 % interval. {'; '.join(parts)}."
    )
