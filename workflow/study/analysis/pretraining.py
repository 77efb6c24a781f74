"""What experts bring to language models, knowledge against reasoning: claim E5."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from study.analysis.claims import no_estimate
from study.analysis.intervals import paired_interval
from study.analysis.saturation import slopes

KNOWLEDGE, REASONING = "knowledge", "reasoning"
_NEEDED = "it needs questions of knowledge and of reasoning"


def slope_difference(values: pd.DataFrame, experts: Mapping[str, int]) -> dict:
    """Slope of knowledge on log2 experts minus that of reasoning, paired by seed.

    Both are standardised first: their unit is their standard deviation over all runs of all models, wider
    dense ones among them, so that a category in which models differ little does not count for little.

    Args:
        values: `model, seed, category, value` of every run of a corpus.
        experts: number of experts of the models of one family, by name.

    Returns:
        `estimate, low, high, n, detectable, note`.
    """
    table = values.pivot(index="seed", columns=["category", "model"], values="value")
    categories = table.columns.get_level_values("category").unique()
    if not {KNOWLEDGE, REASONING} <= {*categories}:
        return no_estimate(_NEEDED)
    if len(set(experts.values())) < 2:
        return no_estimate("a slope needs two numbers of experts")
    doublings = {name: float(np.log2(number)) for name, number in experts.items()}
    found = {}
    for category in (KNOWLEDGE, REASONING):
        unit = table[category].to_numpy().std(ddof=1)
        if not unit > 0:
            return no_estimate(f"all runs are alike in {category}")
        found[category] = slopes(table[category][list(experts)], doublings) / unit
    told = ", ".join(f"{category} {slope.mean():+.2f}" for category, slope in found.items())
    interval = paired_interval(found[KNOWLEDGE] - found[REASONING])
    return {**_plain(interval), "note": f"standard deviations a doubling: {told}"}


def at_equal_loss(readings: pd.DataFrame, mixture: str, dense: str) -> pd.DataFrame:
    """What a mixture gains over a dense model when both predict held-out text equally well.

    Of each seed at the loss of the one that ends worse; accuracies between two readings are interpolated in
    the loss, which is the log of the perplexity.

    Args:
        readings: `model, seed, test_loss` and a column for each category, a row per reading.
        mixture, dense: the models.

    Returns:
        `seed, test_loss` and the gain in each category.
    """
    categories = [name for name in readings.columns if name not in ("model", "seed", "test_loss")]
    rows = []
    for seed, of_seed in readings.groupby("seed"):
        runs = [of_seed[of_seed["model"] == name].sort_values("test_loss") for name in (mixture, dense)]
        equal = max(run["test_loss"].iloc[0] for run in runs)
        gains = {
            category: float(np.subtract(*(np.interp(equal, run["test_loss"], run[category]) for run in runs)))
            for category in categories
        }
        rows.append({"seed": seed, "test_loss": equal, **gains})
    return pd.DataFrame(rows)


def gain_difference(gains: pd.DataFrame) -> dict:
    """The gain in knowledge minus that in reasoning, at equal loss, paired by seed.

    Args:
        gains: as of `at_equal_loss`.
    """
    if not {KNOWLEDGE, REASONING} <= {*gains.columns}:
        return no_estimate(_NEEDED)
    told = ", ".join(f"{name} {gains[name].mean():+.3f}" for name in (KNOWLEDGE, REASONING))
    perplexity = float(np.exp(gains["test_loss"].mean()))
    interval = paired_interval((gains[KNOWLEDGE] - gains[REASONING]).to_numpy())
    return {**_plain(interval), "note": f"gains at a perplexity of {perplexity:.2f}: {told}"}


def _plain(interval) -> dict:
    names = ("estimate", "low", "high", "n", "detectable")
    return {name: float(getattr(interval, name)) for name in names} | {"n": int(interval.n)}
