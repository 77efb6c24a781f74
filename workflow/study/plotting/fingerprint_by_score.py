"""Figure `fingerprint_by_score`: models named by a score's mean, by a few examples, by all of them."""

import pandas as pd
from matplotlib.figure import Figure

from study.analysis.fingerprint_by_score import AGGREGATE, ALL, FEW
from study.plotting import words
from study.plotting.layout import stripe_rows
from study.plotting.style import GREY, INK, PAGE, Drawing, styled

_FORMS = {
    AGGREGATE: ("mean score", "s", "#D55E00"),
    FEW: ("", "o", INK),
    ALL: ("all examples", "D", "#0072B2"),
}
_OFFSETS = {AGGREGATE: -0.22, FEW: 0.0, ALL: 0.22}


@styled
def draw_fingerprint_by_score(table: pd.DataFrame, dataset: str) -> Drawing:
    """Accuracies of a row of scores, and what examples gain over the mean score, paired by split.

    Args:
        table: `score, statistic, features, k, estimate, low, high, n, n_train, n_test, chance, reason`.
        dataset: its name.
    """
    scores = list(table["score"].unique())
    known = table[table["estimate"].notna()]
    k = int(known[known["features"] == FEW]["k"].iloc[0])
    figure = Figure(figsize=(PAGE, 1.0 + 0.33 * len(scores)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    points = []
    for axes, statistic in ((left, "accuracy"), (right, "gain")):
        stripe_rows(axes, len(scores))
        rows = known[known["statistic"] == statistic]
        for name, (label, marker, colour) in _FORMS.items():
            mine = rows[rows["features"] == name]
            if mine.empty:
                continue
            y = mine["score"].map(scores.index) + _OFFSETS[name]
            label = label or f"{words.count_of(k, 'example')} by p-value"
            axes.hlines(y, mine["low"], mine["high"], color=colour, linewidth=1)
            axes.plot(mine["estimate"], y, marker, color=colour, markersize=3.5, label=label)
            points.append(mine.assign(y=y))
    left.axvline(known["chance"].iloc[0], color=GREY, linestyle=":", linewidth=0.9, label="chance", zorder=1)
    left.set_xlim(0, 1.02)
    left.set_xlabel("accuracy of naming the model")
    left.set_yticks(range(len(scores)), [words.score_label(score) for score in scores])
    right.axvline(0, color=GREY, linewidth=0.6, zorder=1)
    right.set_xlabel("gain over the mean score, paired by split")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(handles), handletextpad=0.3)
    kept = [
        "score",
        "statistic",
        "features",
        "k",
        "y",
        "estimate",
        "low",
        "high",
        "n",
        "monte_carlo",
        "chance",
    ]
    drawn = pd.concat(points, ignore_index=True)[kept]
    return Drawing(figure, drawn, _caption(table, known, scores, k, dataset))


def _caption(table: pd.DataFrame, known: pd.DataFrame, scores: list[str], k: int, dataset: str) -> str:
    first = known.iloc[0]
    parts = [
        f"{dataset}: {words.count_of(known['score'].nunique(), 'score')}, {words.span(known['n'])} splits "
        f"into {int(first['n_train'])} training and {int(first['n_test'])} test runs, the same for all "
        f"scores; chance is {first['chance']:.3g}."
    ]
    gains = known[known["statistic"] == "gain"]
    for name, phrase in ((FEW, f"{words.count_of(k, 'example')} chosen by p-value"), (ALL, "All examples")):
        mine = gains[gains["features"] == name].set_index("score")
        better = [score for score in scores if score in mine.index and mine.loc[score, "low"] > 0]
        worse = [score for score in scores if score in mine.index and mine.loc[score, "high"] < 0]
        span = f"{words.number(mine['estimate'].min())} to {words.number(mine['estimate'].max())}"
        parts.append(
            f"{phrase} name the model more often than the score's mean does with {_listed(better)}, "
            f"less often with {_listed(worse)}; the difference is {span}."
        )
    missing = table[table["estimate"].isna()].drop_duplicates("score")
    for row in missing.itertuples():
        parts.append(f"{words.score_label(row.score)} is left out: {row.reason[0].lower()}{row.reason[1:]}.")
    return " ".join(parts)


def _listed(scores: list[str]) -> str:
    return ", ".join(map(words.score_label, scores)) if scores else "no score"
