"""One function for every kind of source."""

from collections.abc import Callable, Collection

import numpy as np

from study.data.dataset import Dataset, data_digest, split
from study.data.generated import read_blends
from study.data.hub import read_hub
from study.data.local_files import read_files
from study.data.noise import flip_labels, redraw_labels
from study.data.pictures import shape_words
from study.data.splits import Part, Source, held_out, subsample
from study.errors import StudyError
from study.kinds import IMAGE
from study.seeds import generator

_COMPARED = 4096  # inputs that are decoded at a time to be compared with another data set's


def load(name: str, settings, study_seed: int, excluded: Collection[str] = ()) -> Dataset:
    """A data set, whatever its source, complete and checked.

    The split and the subsample depend on the study seed and on the labels alone, so a data set and its
    variant with label noise hold the same examples. Generated images and label noise depend on the name too.

    Args:
        name: the data set's name in the study; ids start with it.
        settings: one of `study.config.datasets.DatasetSettings`.
        study_seed: the study's seed. The seeds of runs play no part: all runs see the same data.
        excluded: content hashes of the inputs to leave out, before anything is drawn.

    Raises:
        StudyError: the data are missing, cannot be read, or are not as they should be.
    """
    source = READERS[settings.source](name, settings, study_seed)
    return assembled(name, source, settings, study_seed, excluded)


def assembled(
    name: str, source: Source, settings, study_seed: int, excluded: Collection[str] = ()
) -> Dataset:
    """A data set from what its source gave; arguments and errors as of `load`."""
    parts, rows = _rows(name, source, settings, study_seed, excluded)
    train_labels, test_labels = (part.labels[kept] for part, kept in zip(parts, rows, strict=True))
    _check_classes(name, source.classes, train_labels, parts[1], rows[1])
    inputs = [part.inputs(kept) for part, kept in zip(parts, rows, strict=True)]
    if settings.kind == IMAGE:
        _check_shapes(inputs, parts, rows)
    rng = generator(study_seed, name, "label noise")
    if settings.redrawn_labels:
        noisy = redraw_labels(train_labels, settings.redrawn_labels, len(source.classes), rng)
    else:
        noisy = flip_labels(train_labels, settings.label_noise, len(source.classes), rng)
    facts = [
        {fact: v[kept] for fact, v in part.facts.items()} for part, kept in zip(parts, rows, strict=True)
    ]
    train = split(name, "train", rows[0], inputs[0], train_labels, noisy, facts[0], source.hashes)
    test = split(name, "test", rows[1], inputs[1], test_labels, facts=facts[1], hashes=source.hashes)
    digest = data_digest(train, test, len(source.classes))
    return Dataset(name, train, test, source.classes, source.description, digest)


def _read_sklearn(name: str, settings, study_seed: int) -> Source:
    """The digits of scikit-learn: pixels from 0 to 16, stretched to 0 to 255 without loss."""
    from sklearn.datasets import load_digits  # takes most of a second: only where it is needed

    digits = load_digits()
    inputs = np.round(digits.images * 255 / 16).astype(np.uint8)[:, None]
    train = Part(
        digits.target.astype(np.int64),
        lambda rows: inputs[rows],
        lambda row: f"scikit-learn digits, image {row}",
    )
    return Source(train, None, tuple(str(k) for k in range(10)), f"sklearn:{settings.name}")


READERS: dict[str, Callable[[str, object, int], Source]] = {
    "sklearn": _read_sklearn,
    "generated": read_blends,
    "files": read_files,
    "hub": read_hub,
}


def _rows(
    name: str, source: Source, settings, study_seed: int, excluded: Collection[str]
) -> tuple[tuple[Part, Part], tuple[np.ndarray, np.ndarray]]:
    """The part that each split is drawn from, and the rows that are drawn."""
    train, test = source.train, source.test or source.train
    if source.test is None:
        kept = held_out(train.labels, settings.test_fraction, generator(study_seed, "split"))
    else:
        kept = np.arange(len(train.labels)), np.arange(len(test.labels))
    kept = tuple(rows[part.labels[rows] >= 0] for part, rows in zip((train, test), kept, strict=True))
    if excluded:
        kept = tuple(
            _without(part, rows, excluded, source.hashes)
            for part, rows in zip((train, test), kept, strict=True)
        )
    for key, rows in zip(("train", "test"), kept, strict=True):
        if not len(rows):
            raise StudyError(
                f"the {key} split has no examples",
                where=f"data set {name}",
                expected="at least one example in each split",
                do="add examples, or change test_fraction in the data set's settings",
            )
    drawn = tuple(
        subsample(
            rows,
            part.labels,
            getattr(settings, f"{key}_examples"),
            generator(study_seed, f"{key}_examples"),
            f"{key}_examples",
            f"data set {name}, split {key}",
        )
        for key, part, rows in zip(("train", "test"), (train, test), kept, strict=True)
    )
    return (train, test), drawn


def _without(part: Part, rows: np.ndarray, excluded: Collection[str], hashes: Callable) -> np.ndarray:
    """The rows whose inputs are not among the excluded contents."""
    blocks = [rows[start : start + _COMPARED] for start in range(0, len(rows), _COMPARED)]
    kept = [block[~np.isin(hashes(part.inputs(block)), list(excluded))] for block in blocks]
    return np.concatenate(kept) if kept else rows


def _check_classes(
    name: str, classes: tuple[str, ...], train_labels: np.ndarray, test: Part, test_rows: np.ndarray
) -> None:
    unseen = np.flatnonzero(~np.isin(test.labels[test_rows], train_labels))
    if len(unseen):
        row = test_rows[unseen[0]]
        label = int(test.labels[row])
        class_name = classes[label] if label < len(classes) else str(label)
        raise StudyError(
            f"class {class_name!r} is tested but never trained on",
            where=test.where(int(row)),
            expected="every class of the test split in the training split",
            do="add training examples of the class, raise train_examples, or do not test on the class",
        )
    if len(np.unique(train_labels)) < 2:
        raise StudyError(
            "all training examples are of one class",
            where=f"data set {name}, split train",
            expected="at least two classes",
            do="name the right column as label_column in the data set's settings",
        )


def _check_shapes(images: list[np.ndarray], parts: tuple[Part, Part], rows: tuple[np.ndarray, ...]) -> None:
    train, test = (split_images.shape[1:] for split_images in images)
    if train != test:
        raise StudyError(
            f"pictures to test on are {shape_words(test)}, those to train on {shape_words(train)}",
            where=f"{parts[1].where(int(rows[1][0]))}, and {parts[0].where(int(rows[0][0]))}",
            expected="pictures of one size, all grey or all in colour, in both splits",
            do="scale or convert the pictures before they go into the data set",
        )
