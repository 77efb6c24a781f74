"""Figure `pruning_windows`: what a model learns from a window of a ranking by difficulty."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.layout import label_ends, note
from study.plotting.style import GREY, INK, PAGE, Drawing, styled

LEVEL = 0.05
PANELS = {"window": "windows of the whole ranking", "stratified": "windows of each class's ranking"}
LINES = {  # sources of the ranking: label, colour
    "average": ("ranked by the\nmean over runs", INK),
    "run": ("ranked by\none run", "#D55E00"),
    "random": ("random\nexamples", GREY),
    "all": ("all examples", GREY),
}
_HEIGHT = 2.3


@styled
def draw_pruning_windows(table: pd.DataFrame, balance: pd.DataFrame, dataset: str) -> Drawing:
    """Test accuracy against the window's place; left windows of the whole ranking, right of each class's.

    Filled markers: the window differs from as many random examples, after Holm over the windows.

    Args:
        table: `arm, source, offset, statistic, against, estimate, low, high, n, p_holm, model, score,
            examples`, as pruning.csv.
        balance: `arm, source, offset, distance`, as pruning_balance.csv; the caption tells the worst.
        dataset: its name.
    """
    accuracy = table[table["statistic"] == "accuracy"]
    panels = [arm for arm in PANELS if (accuracy["arm"] == arm).any()]
    figure = Figure(figsize=(PAGE, _HEIGHT + 0.5), layout="constrained")
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    points = {arm: _points(accuracy[accuracy["arm"].isin([arm, "all"])], table, arm) for arm in panels}
    grid[0].set_ylim(*_limits(pd.concat(points.values())))
    ends = [_draw_panel(axes, points[arm]) for axes, arm in zip(grid, panels, strict=True)]
    for axes, arm, at in zip(grid, panels, ends, strict=True):  # once the shared axis has its final limits
        axes.set_title(PANELS[arm])
        axes.set_xlabel("examples that are easier than the window, %")
        label_ends(axes, at, {source: LINES[source][1] for source in at}, _HEIGHT - 0.3, _label, lines=2)
    grid[0].set_ylabel("test accuracy, %")
    note(grid[-1], 0.02, f"filled: differs from random (Holm, {LEVEL:g})")
    kept = ["panel", "source", "offset", "x", "estimate", "low", "high", "n", "p_holm", "differs"]
    return Drawing(
        figure, pd.concat(points.values(), ignore_index=True)[kept], _caption(table, balance, dataset)
    )


def _label(source: str) -> str:
    return LINES[source][0]


def _points(rows: pd.DataFrame, table: pd.DataFrame, panel: str) -> pd.DataFrame:
    """Accuracies of a panel in percent, with the test of each window against random examples."""
    tests = table[table["against"] == "random"].dropna(subset=["offset"])
    found = rows.drop(columns="p_holm").merge(
        tests[["arm", "source", "offset", "p_holm"]], on=["arm", "source", "offset"], how="left"
    )
    beside = [source for source in ("run", "average") if (found["source"] == source).any()]
    shift = {source: 1.2 * (place - (len(beside) - 1) / 2) for place, source in enumerate(beside)}
    return found.assign(
        panel=panel,
        x=100 * found["offset"] + found["source"].map(shift),  # intervals beside, not over, each other
        differs=found["p_holm"] <= LEVEL,
        **found[["estimate", "low", "high"]] * 100,
    )


def _limits(points: pd.DataFrame) -> tuple[float, float]:
    """All intervals are shown, but for what lies beyond 0 and 100 %, and a line of text below them."""
    low, high = max(0.0, points["low"].min()), min(100.0, points["high"].max())
    room = 0.05 * (high - low)
    return low - 2 * room, high + room


def _draw_panel(axes: Axes, points: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Draws lines and intervals; gives the right end of each line."""
    windows = points.dropna(subset=["x"])
    right, ends = windows["x"].max() + 4, {}
    axes.set_xlim(windows["x"].min() - 4, right)
    for row in points[points["x"].isna()].itertuples():
        style = "--"
        if row.source == "random":
            axes.axhspan(row.low, row.high, color="#e9e9e9", linewidth=0, zorder=0)
        else:
            style = ":"
        axes.axhline(row.estimate, color=GREY, linestyle=style, linewidth=0.9, zorder=1)
        ends[row.source] = (right, row.estimate)
    for source, rows in windows.groupby("source"):
        colour, x = LINES[source][1], rows["x"]
        axes.vlines(x, rows["low"], rows["high"], color=colour, linewidth=1)
        axes.plot(x, rows["estimate"], color=colour)
        for differs, face in ((True, colour), (False, "white")):
            here = rows[rows["differs"] == differs]
            axes.plot(here["x"], here["estimate"], "o", color=colour, markerfacecolor=face)
        ends[source] = (x.iloc[-1], rows["estimate"].iloc[-1])
    return ends


def _caption(table: pd.DataFrame, balance: pd.DataFrame, dataset: str) -> str:
    accuracy = table[table["statistic"] == "accuracy"]
    random = accuracy[(accuracy["arm"] == "window") & (accuracy["source"] == "random")].iloc[0]
    whole = accuracy[accuracy["arm"] == "all"].iloc[0]
    seeds, score = words.count_of(int(random["n"]), "seed"), words.score_label(random["score"])
    parts = [
        f"{dataset}: {random['model']} trained on {random['examples']:,} examples, {seeds} a window, ranked "
        f"by {score}.",
        f"They train for {random['steps']:,} steps; on all examples, for {random['steps_all']:,}.",
        f"Random examples give {words.percent_interval(random)}, "
        f"all examples {words.percent_interval(whole)}.",
    ]
    for arm, source, name in (
        ("window", "average", "Of the windows of the whole ranking by the mean over runs"),
        ("stratified", "average", "Of the windows of each class's ranking"),
    ):
        parts.append(_against_random(table, arm, source, name))
    for arm, against, name in (
        ("window", "run", "Ranking by the mean over runs instead of by one run"),
        ("stratified", "run", "With windows of each class, averaging"),
        ("stratified", "window", "Taking windows of each class instead of the whole ranking"),
    ):
        parts.append(_mean_difference(table, arm, against, name))
    parts.append(_imbalance(balance))
    return " ".join(part for part in parts if part)


def _imbalance(balance: pd.DataFrame) -> str:
    """How much of a window would have to be of other classes, at worst, by one run and by the average."""
    worst = balance[balance["arm"] == "window"].groupby("source")["distance"].max()
    named = {"run": "by one run", "average": "by the mean over runs", "random": "of random examples"}
    told = [f"{words.percent(worst[key], 0)} {name}" for key, name in named.items() if key in worst]
    return (
        "To be balanced like the training set, this share of a window of the whole ranking would have to be "
        f"of other classes, at worst: {', '.join(told)}."
    )


def _against_random(table: pd.DataFrame, arm: str, source: str, name: str) -> str:
    """How many windows are better and worse than random examples, and where."""
    tests = table[(table["arm"] == arm) & (table["source"] == source) & (table["against"] == "random")]
    windows = tests.dropna(subset=["offset"])
    if windows.empty:
        return ""
    told = []
    for verb, sign in (("better", 1), ("worse", -1)):
        rows = windows[(windows["p_holm"] <= LEVEL) & (sign * windows["estimate"] > 0)]
        listed = "all" if len(rows) == len(windows) else f"after {_percents(rows['offset'])} %"
        where = f" ({listed})" if len(rows) else ""
        told.append(f"{len(rows)} {verb}{where}")
    return f"{name}, {' and '.join(told)} than random of {len(windows)}, after Holm."


def _percents(offsets: pd.Series) -> str:
    return ", ".join(f"{100 * offset:.0f}" for offset in offsets)


def _mean_difference(table: pd.DataFrame, arm: str, against: str, name: str) -> str:
    """The mean difference over all windows ranked by the average, in points, and what it says."""
    key = (table["arm"] == arm) & (table["source"] == "average") & (table["against"] == against)
    rows = table[key & table["offset"].isna()]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    points = row[["estimate", "low", "high"]] * 100
    verdict = (
        "helps" if row["low"] > 0 else "harms" if row["high"] < 0 else "makes no difference that is seen here"
    )
    return f"{name} {verdict}: {words.interval(points)} points of accuracy in the mean over windows."
