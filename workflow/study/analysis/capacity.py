"""How large a book a model holds: the size at which its recall falls through 90 %."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.claims import no_estimate
from study.analysis.intervals import jackknife, paired_interval

RECALL = 0.9
INSIDE, ABOVE, BELOW = "", "above", "below"


class Crossing(NamedTuple):
    """log2 of a book's size, and whether it is that of the crossing or a bound on it."""

    log2_entries: float
    bound: str  # INSIDE, or where the crossing lies: ABOVE the largest book or BELOW the smallest


def crossing(entries: np.ndarray, recall: np.ndarray) -> Crossing:
    """Where recall falls through 90 %, linear in log2 of the size between two books; never extrapolated.

    Args:
        entries: (S,) sizes, rising.
        recall: (S,) shares of the entries that are recalled.

    Returns:
        The last such place. A bound where even the largest book is held, or not even the smallest one.
    """
    logs, held = np.log2(entries), recall >= RECALL
    if held[-1]:
        return Crossing(float(logs[-1]), ABOVE)
    if not held.any():
        return Crossing(float(logs[0]), BELOW)
    last = np.flatnonzero(held)[-1]
    fall = (recall[last] - RECALL) / (recall[last] - recall[last + 1])
    return Crossing(float(logs[last] + fall * (logs[last + 1] - logs[last])), INSIDE)


def crossings(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per model and seed: `model, seed, log2_entries, bound`, of models that learnt several sizes.

    Args:
        runs: `model, seed, train_examples, train_accuracy` of every run.
    """
    rows = []
    several = runs.groupby("model")["train_examples"].transform("nunique") > 1
    ordered = runs[several].sort_values("train_examples")
    for (model, seed), part in ordered.groupby(["model", "seed"], sort=False):
        found = crossing(part["train_examples"].to_numpy(), part["train_accuracy"].to_numpy())
        rows.append({"model": model, "seed": seed, **found._asdict()})
    return pd.DataFrame(rows, columns=["model", "seed", "log2_entries", "bound"])


def capacities(found: pd.DataFrame) -> pd.DataFrame:
    """A row per model: the mean over seeds of log2 of the size, as a number of entries with its interval.

    Columns: model, estimate, low, high (entries), n, bound (where any seed's crossing is a bound: then there
    is no interval, and the estimate is the bound's mean), seeds_at_bound.
    """
    rows = []
    for model, part in found.groupby("model", sort=False):
        interval = paired_interval(part["log2_entries"].to_numpy())
        bounds = sorted(set(part["bound"]) - {INSIDE})
        low, high = (np.nan, np.nan) if bounds else (2.0 ** float(interval.low), 2.0 ** float(interval.high))
        rows.append(
            {
                "model": model,
                "estimate": 2.0 ** float(interval.estimate),
                "low": low,
                "high": high,
                "n": len(part),
                "bound": " and ".join(bounds),
                "seeds_at_bound": int((part["bound"] != INSIDE).sum()),
            }
        )
    return pd.DataFrame(rows)


def slope_on_experts(found: pd.DataFrame, experts: dict[str, int]) -> dict:
    """Slope of log2 of the size on log2 of the number of experts, within one family: claim E1.

    One slope for each seed, and the t-interval of their mean. A bound counts as the size that it is where
    that can only lower the slope: the dense model BELOW, the one with the most experts ABOVE.

    Returns:
        `estimate, low, high, n, detectable, note`; NaN where a bound could raise the slope.
    """
    family = found[found["model"].isin(experts)].assign(x=lambda t: np.log2(t["model"].map(experts)))
    if family["x"].nunique() < 2:
        return no_estimate("a slope needs two numbers of experts")
    few, many = family["x"].min(), family["x"].max()
    lowers = ((family["x"] == few) & (family["bound"] == BELOW)) | (
        (family["x"] == many) & (family["bound"] == ABOVE)
    )
    if ((family["bound"] != INSIDE) & ~lowers).any():
        return no_estimate("a book's size is known as a bound that could raise the slope: sweep other sizes")
    slopes = [np.polyfit(part["x"], part["log2_entries"], 1)[0] for _, part in family.groupby("seed")]
    note = (
        f"experts {', '.join(str(experts[name]) for name in sorted(set(family['model']), key=experts.get))}"
    )
    if lowers.any():
        note += f"; {int(lowers.sum())} sizes are bounds that can only lower the slope"
    return {**paired_interval(np.array(slopes))._asdict(), "note": note}


def active_ratio(found: pd.DataFrame, active: dict[str, int], mixture: str, dense: list[str]) -> dict:
    """Active parameters with which a mixture holds its 90 % book, over those of a dense model: claim E4.

    The dense models' parameters at the mixture's size are interpolated in logs between their own sizes, for
    each seed; its logs are averaged and their interval is that of the delete-one jackknife over seeds.

    Returns:
        `estimate, low, high, n, detectable, note`; NaN where the mixture's book is outside those of the
        dense models, or any of them is a bound.
    """
    kept = found[found["model"].isin([mixture, *dense])]
    if (kept["bound"] != INSIDE).any():
        return no_estimate(f"{mixture}: a 90 % book is known as a bound only")
    table = kept.pivot(index="seed", columns="model", values="log2_entries")
    ordered = sorted(dense, key=active.get)
    parameters = np.log2([active[model] for model in ordered])

    def log_ratio(rows: pd.DataFrame) -> float:
        means = rows.mean()
        books = means[ordered].to_numpy()
        size = means[mixture]
        if not (np.diff(books) > 0).all() or not books[0] <= size <= books[-1]:
            return np.nan
        return float(np.log2(active[mixture]) - np.interp(size, books, parameters))

    whole = log_ratio(table)
    left_out = np.array([log_ratio(table.drop(index=seed)) for seed in table.index])
    if not np.isfinite([whole, *left_out]).all():
        return no_estimate(f"{mixture}: its 90 % book lies outside those of the dense models")
    found_ = jackknife(whole, left_out)
    ends = {name: 2.0 ** float(getattr(found_, name)) for name in ("estimate", "low", "high")}
    detectable = 2.0 ** float(found_.detectable) - 1
    return {
        **ends,
        "n": len(table),
        "detectable": detectable,
        "note": f"{mixture} beside {', '.join(ordered)}",
    }
