"""Figure `run_map`: each run a point, by principal components and by discriminants of held-out runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.layout import model_key
from study.plotting.style import PAGE, Drawing, model_colours, model_markers, present, styled

_FEATURES = {"aggregate": "means of scores", "per_example": "every example"}
_SPACES = {"pca": "principal components", "lda": "discriminants, held-out runs"}
_AXIS = {"pca": "component", "lda": "discriminant"}


@styled
def draw_run_map(table: pd.DataFrame, models: Sequence[str], dataset: str) -> Drawing:
    """Four maps of the runs: aggregate and per-example features, by PCA and by LDA.

    Args:
        table: `features, space, model, run, x, y, x_share, y_share, n_fitted, named, reason, score`; `y` is
            missing where there is one discriminant only: such runs are drawn in a row per model.
        models: all of the study's, in order.
        dataset: its name.
    """
    shown = present(table, models)
    row_of_model = table["model"].map(shown.index).astype(float)
    table = table.assign(y=table["y"].fillna(row_of_model))
    figure = Figure(figsize=(PAGE, 6.4), layout="constrained")
    grid = figure.subplots(2, 2)
    colours, markers = model_colours(models), model_markers(models)
    for row, (features, title) in enumerate(_FEATURES.items()):
        for column, (space, how) in enumerate(_SPACES.items()):
            axes = grid[row, column]
            here = table[(table["features"] == features) & (table["space"] == space)]
            for model in shown:
                mine = here[here["model"] == model]
                axes.plot(
                    mine["x"],
                    mine["y"],
                    markers[model],
                    color=colours[model],
                    markersize=4,
                    alpha=0.8,
                    markeredgewidth=0,
                )
            axes.set_title(f"{title}: {how}")
            _name_axes(axes, here, _AXIS[space], shown)
    model_key(figure, shown, models)
    kept = ["features", "space", "model", "run", "x", "y", "x_share", "y_share", "n_fitted", "named"]
    return Drawing(figure, table[kept], _caption(table, shown, dataset))


def _name_axes(axes: Axes, here: pd.DataFrame, what: str, shown: Sequence[str]) -> None:
    of = "variance" if what == "component" else "difference between models"
    first = here.iloc[0]
    axes.set_xlabel(f"{what} 1 ({words.percent(first['x_share'], 0)} of {of})")
    if np.isfinite(first["y_share"]):
        axes.set_ylabel(f"{what} 2 ({words.percent(first['y_share'], 0)})")
    else:
        axes.set_yticks(range(len(shown)), shown)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_ylabel("no second discriminant")


def _caption(table: pd.DataFrame, shown: Sequence[str], dataset: str) -> str:
    parts = []
    for features, title in _FEATURES.items():
        lda = table[(table["features"] == features) & (table["space"] == "lda")]
        share = lda["named"].astype(str).eq("True").mean()
        parts.append(f"{words.percent(share, 0)} by {title}")
    pca = table[(table["features"] == "per_example") & (table["space"] == "pca")].iloc[0]
    score = words.score_label(table["score"].iloc[0])
    return (
        f"{dataset}: {words.count_of(len(shown), 'model')}, "
        f"{words.count_of(int(pca['n_fitted']), 'run')}. Discriminants were fitted to "
        f"{int(lda['n_fitted'].iloc[0])} runs and show the {len(lda)} others: of these the nearest fitted "
        f"centre in the plane is that of their own model for {' and '.join(parts)} ({score}; chance is "
        f"{words.percent(1 / len(shown), 0)}). The first two principal components of every example hold "
        f"{words.percent(pca['x_share'] + pca['y_share'], 0)} of the variance between runs."
    )
