"""What is added to the gold utterances: chosen by each strategy, at random, all, nothing, or the truth."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.config.selection import StrategySettings
from study.selection.pool import KEPT
from study.selection.strategies import RANDOM, Candidates, chosen
from study.selection.uncertainty import turned

NOTHING, EVERYTHING, TRUTH = "nothing", "everything", "truth"  # arms beside strategies


class Arm(NamedTuple):
    """What is added to the gold utterances."""

    strategy: str
    size: float  # for each gold one; NaN where all or nothing is added
    rows: np.ndarray  # of the table of the pool, in the strategy's order
    values: np.ndarray  # of the score that it goes by; NaN where it goes by none or by several
    weak: bool  # with weak labels, or with true ones


def arms(
    pool: pd.DataFrame,
    deduplicate: bool,
    wanted: dict[float, int],
    strategies: Sequence[StrategySettings],
    scores: list[str],
    stream: Callable[..., np.random.Generator],
) -> Iterator[Arm]:
    """Nothing, everything, and at each size random utterances, the same with their truth, and strategies'.

    Args:
        pool: a row per utterance that is not gold: `weak_domain, frequency, reason` and scores.
        deduplicate: whether each is there once, or as often as it was said.
        wanted: how many to add, by size.
        strategies: ways to choose.
        scores: those that some strategies go by together.
        stream: of some words, the stream of random numbers that they name.

    Raises:
        ValueError: the pool has fewer than wanted.
    """
    rows = in_pool(pool, deduplicate)
    kept = pool.loc[rows].reset_index(drop=True)
    nothing = np.full(len(rows), np.nan)
    yield Arm(NOTHING, np.nan, rows[:0], nothing[:0], True)
    yield Arm(EVERYTHING, np.nan, rows, nothing, True)
    for size, number in wanted.items():
        drawn = rows[chosen(RANDOM, candidates(kept, ()), number, stream(f"{size:g}"))]
        yield Arm(RANDOM, size, drawn, nothing[:number], True)
        yield Arm(TRUTH, size, drawn, nothing[:number], False)
        for how in strategies:
            pooled = candidates(kept, how.goes_by(scores))
            taken = chosen(how.strategy, pooled, number, stream(f"{size:g}", how.name))
            values = kept[how.score].to_numpy()[taken] if how.score else nothing[:number]
            yield Arm(how.name, size, rows[taken], values, True)


def in_pool(pool: pd.DataFrame, deduplicate: bool) -> np.ndarray:
    """The rows of the table that can be added; each as often as it was said, unless once."""
    rows = np.flatnonzero(pool["reason"].to_numpy() == KEPT)
    return rows if deduplicate else np.repeat(rows, pool["frequency"].to_numpy()[rows])


def candidates(kept: pd.DataFrame, scores: Sequence[str]) -> Candidates:
    """A pool as strategies look at it; scores of which a low value counts are turned round."""
    values = tuple(turned(score) * kept[score].to_numpy() for score in scores)
    domains = np.unique(kept["weak_domain"].to_numpy(dtype=str), return_inverse=True)[1]
    return Candidates(domains, kept["frequency"].to_numpy(), values)
