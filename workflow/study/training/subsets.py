"""Which examples a variant run trains on."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from study import paths
from study.config.runs import RunSettings
from study.config.variants import PruningVariant
from study.data.dataset import Split
from study.data.splits import class_quotas, stratified
from study.files import read_parquet
from study.scores.registry import orient
from study.seeds import generator


def chosen(run: RunSettings, train: Split, root: str | Path = ".") -> np.ndarray:
    """Positions in the training set, ascending, of the examples that a variant run trains on.

    Args:
        run: a run with a variant.
        train: the whole training set.
        root: the folder in which the study runs; a ranking is read from its results.

    Raises:
        StudyError: the ranking is not there.
    """
    keys = (run.study_seed, run.dataset_name)
    if run.variant.family == "subsets":
        return balanced_part(train.labels, run.variant.fraction, run.seed, *keys)
    if run.variant.source == "random":
        rng = generator(*keys, run.variant_name, run.seed)
        return random_part(train.labels, run.variant.width, run.variant.arm == "stratified", rng)
    hardness = _hardness(run, run.variant, Path(root))
    return window(hardness, train.labels, run.variant.offset, run.variant.width, run.variant.arm)


def balanced_part(labels: np.ndarray, fraction: float, run: int, *keys: int | str) -> np.ndarray:
    """The part of run 0, 1, …: random, and out of all runs up to it every example is left out as often.

    Within each class, a run leaves out those examples that the runs before it left out least often, at random
    among equals. So after any number of runs S, two examples of a class differ by at most one in how often
    they were left out, each was left out at least ⌊(1 - fraction) · S⌋ times, and each run leaves out the
    class's share to within one example. (Feldman & Zhang 2020, arXiv 2008.03703, draw each run's part alone:
    then with few runs some examples are never out.) Further runs change none of the earlier.

    Args:
        labels: (N,) classes, as trained on.
        fraction: share of each class that a run trains on.
        run: number of the run, from 0.
        keys: what the random streams are derived from; runs of different models share their parts.

    Returns:
        (n,) positions, ascending.
    """
    classes = [np.flatnonzero(labels == value) for value in np.unique(labels)]
    times_out = np.zeros(len(labels), dtype=np.int64)
    for number in range(run + 1):
        rng = generator(*keys, "subset", number)
        left_out = []
        for members in classes:
            before, after = (round(len(members) * (1 - fraction) * k) for k in (number, number + 1))
            shuffled = rng.permutation(members)
            least = np.argsort(times_out[shuffled], kind="stable")
            left_out.append(shuffled[least[: after - before]])
        times_out[np.concatenate(left_out)] += 1
    return np.setdiff1d(np.arange(len(labels)), np.concatenate(left_out))


def random_part(labels: np.ndarray, width: float, by_class: bool, rng: np.random.Generator) -> np.ndarray:
    """round(width · N) random examples, ascending; with `by_class` each class keeps its share."""
    size = part_size(len(labels), width)
    if by_class:
        return stratified(labels, size, rng)
    return np.sort(rng.choice(len(labels), size, replace=False))


def window(hardness: np.ndarray, labels: np.ndarray, offset: float, width: float, arm: str) -> np.ndarray:
    """The examples with `offset` · N easier ones before them, round(width · N) in all.

    Args:
        hardness: (N,) high means hard; among equals the position in the data set decides.
        labels: (N,) classes.
        offset: share of easier examples; a window that would pass the end is moved back to end there.
        width: share of the examples in the window.
        arm: "window" of the whole ranking, or "stratified": the same window of each class's own ranking, with
            as many examples in all.

    Returns:
        (n,) positions, ascending.
    """
    size = part_size(len(hardness), width)
    if arm == "window":
        return np.sort(_slice(np.arange(len(hardness)), hardness, offset, size))
    values, sizes = np.unique(labels, return_counts=True)
    parts = [
        _slice(np.flatnonzero(labels == value), hardness, offset, quota)
        for value, quota in zip(values, class_quotas(sizes, size), strict=True)
    ]
    return np.sort(np.concatenate(parts))


def part_size(n: int, width: float) -> int:
    """Examples in a share of n, at least one."""
    return max(1, round(width * n))


def taken(split: Split, rows: np.ndarray) -> Split:
    """A split with some of its examples."""
    names = ("ids", "contents", "labels", "true_labels", "inputs")
    arrays = {name: getattr(split, name)[rows] for name in names}
    return replace(split, **arrays, facts={name: values[rows] for name, values in split.facts.items()})


def _slice(members: np.ndarray, hardness: np.ndarray, offset: float, size: int) -> np.ndarray:
    start = min(round(offset * len(members)), len(members) - size)
    ordered = members[np.argsort(hardness[members], kind="stable")]
    return ordered[start : start + size]


def _hardness(run: RunSettings, variant: PruningVariant, root: Path) -> np.ndarray:
    """(N,) the score that ranks, turned so that high means hard: of the run with this seed, or averaged."""
    place = (run.chapter, run.dataset_name, run.model_name)
    if variant.source == "run":
        path, column = f"{paths.run_folder(*place, run.seed)}/examples.parquet", variant.score
    else:
        path, column = paths.scores(*place), f"{variant.score}_mean"
    values = read_parquet(root / path, [column])[column].to_numpy(dtype=np.float64)
    return orient(variant.score, values)
