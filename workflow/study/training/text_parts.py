"""Which examples an encoder's variant run trains on: all, all but a fold, or what pruning leaves."""

from pathlib import Path

import numpy as np

from study import paths
from study.config.runs import RunSettings
from study.config.text_variants import PrunedVariant
from study.data.dataset import Split
from study.data.splits import stratified
from study.errors import StudyError
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
        StudyError: the ranking is not there, or what is left is of one class.
    """
    n, keys = len(train.labels), (run.study_seed, run.dataset_name, run.seed)
    if run.variant.family == "folds":
        folds = fold_of_each(train.labels, run.variant.folds, generator(*keys, "folds"))
        return np.flatnonzero(folds != run.variant.fold)
    if run.variant.family != "pruned" or run.variant.arm == "full":
        return np.arange(n)
    rng = generator(*keys, run.variant_name)
    size = n - round(run.variant.fraction * n)
    if run.variant.arm == "random":
        kept = np.sort(rng.choice(n, size, replace=False))
    else:
        kept = left(_hardness(run, run.variant, Path(root)), size, run.variant.arm, run.variant.draw, rng)
    _check_classes(run, train.labels[kept])
    return kept


def fold_of_each(labels: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """(N,) the fold of each example, 0 ... folds - 1, with equal class shares in each."""
    found, rest = np.zeros(len(labels), np.int64), np.arange(len(labels))
    for fold in range(1, folds):
        members = rest[stratified(labels[rest], len(labels) // folds, rng)]
        found[members] = fold
        rest = np.setdiff1d(rest, members)
    return found


def left(hardness: np.ndarray, size: int, pruned: str, draw: str, rng: np.random.Generator) -> np.ndarray:
    """The examples that are left when the easiest or the hardest are pruned.

    A cut keeps those at the other end; among equals the position in the data set decides. A Gumbel draw keeps
    examples at random, without replacement, each next one with chances in proportion to e to the standardised
    hardness (arXiv 1903.06059): to that of ease where hard ones are pruned.

    Args:
        hardness: (N,) high means hard.
        size: how many are left.
        pruned: `easy` or `hard`.
        draw: `cut` or `gumbel`.
        rng: the stream of a Gumbel draw.

    Returns:
        (size,) positions, ascending.
    """
    wanted = hardness if pruned == "easy" else -hardness
    if draw == "gumbel":
        spread = wanted.std()
        wanted = (wanted - wanted.mean()) / (spread if spread > 0 else 1.0)
        wanted = wanted + rng.gumbel(size=len(wanted))
    return np.sort(np.argsort(-wanted, kind="stable")[:size])


def _hardness(run: RunSettings, variant: PrunedVariant, root: Path) -> np.ndarray:
    """(N,) the score that ranks, turned so that high means hard: of the run with this seed, or averaged."""
    place = (run.chapter, run.dataset_name, run.model_name)
    if variant.source == "run":
        path = f"{paths.run_folder(*place, run.seed)}/examples.parquet"
    else:
        path = paths.rankings(*place)
    values = read_parquet(root / path, [variant.score])[variant.score].to_numpy(dtype=np.float64)
    return orient(variant.score, values)


def _check_classes(run: RunSettings, labels: np.ndarray) -> None:
    if len(np.unique(labels)) < 2:
        raise StudyError(
            f"of {len(labels)} examples that pruning leaves all are of one class",
            where=f"{run.model_name} on {run.dataset_name}, {run.variant_name}, seed {run.seed}",
            expected="examples of at least two classes",
            do="prune a smaller fraction, or rank by a score that is normalised within classes",
        )
