"""Values of the chapter `selection` that are right alone and wrong together."""

from collections.abc import Iterator

from study.config.study import StudySettings
from study.names import not_among
from study.selection.uncertainty import columns

_HERE = "selection"


def unknown_in_selection(settings: StudySettings) -> Iterator[str]:
    """Data sets, models and scores that the chapter names and that are not there."""
    chapter = settings.selection
    if chapter is None:
        return
    yield from not_among(chapter.datasets, list(settings.datasets), f"{_HERE}.datasets", "data set")
    yield from not_among([chapter.model], list(settings.models), f"{_HERE}.model", "model")
    known = columns(chapter.slots is not None)
    yield from not_among(chapter.scores, known, f"{_HERE}.scores", "score of a pool")
    named = [how.score for how in chapter.strategies if how.score]
    yield from not_among(list(dict.fromkeys(named)), known, f"{_HERE}.strategies", "score of a pool")


def inconsistent_selection(settings: StudySettings) -> Iterator[str]:
    """Readings after the end, where all names are known."""
    chapter = settings.selection
    if chapter is None:
        return
    epochs = settings.run(_HERE, chapter.datasets[0], chapter.model, 0).training.epochs
    if chapter.early_epoch > epochs:
        yield (
            f"{_HERE}.early_epoch: {chapter.early_epoch} is after the end: {chapter.model} trains for "
            f"{epochs} epochs"
        )
