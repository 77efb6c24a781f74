"""Texts that are made here, each with a known reason to be hard."""

from collections.abc import Collection

from study.data.dataset import Dataset
from study.data.sources import assembled
from study.data.splits import Part, Source
from study.data.text import nli, nlu
from study.data.text.examples import Texts
from study.data.text.nlu_languages import ENGLISH
from study.data.text.packed import pack, text_hashes
from study.errors import StudyError
from study.seeds import generator


def load(name: str, settings, study_seed: int, excluded: Collection[str] = ()) -> Dataset:
    """The texts of a family, deterministic in the study's seed: a set and its noisy variant hold the same.

    Args:
        name: the data set's name.
        settings: one of `study.config.texts.GeneratedTexts`.
        study_seed: the study's seed.
        excluded: content hashes of the inputs to leave out.

    Raises:
        StudyError: the generator could not make so many different ones.
    """
    rng = generator(study_seed, settings.family, *_varieties(settings))
    try:
        classes, train, test = _MAKERS[settings.family](settings, rng)
    except ValueError as error:
        raise StudyError(
            str(error), where=f"data set {name}", expected="sizes that exist", do="change them"
        ) from None
    parts = (
        _part(texts, f"generated data set {name}, {part}")
        for texts, part in ((train, "train"), (test, "test"))
    )
    source = Source(*parts, classes, f"generated:{settings.family}", text_hashes)
    return assembled(name, source, settings, study_seed, excluded)


def _nli(settings, rng) -> tuple[tuple[str, ...], Texts, Texts]:
    sizes = (settings.train_size, settings.test_size, settings.artefacts, settings.ambiguity)
    return nli.CLASSES, *nli.nli(*sizes, rng)


def _nlu(settings, rng) -> tuple[tuple[str, ...], Texts, Texts]:
    sizes = (settings.train_size, settings.test_size, settings.imbalance, settings.slips)
    return nlu.DOMAINS, *nlu.nlu(*sizes, rng, settings.language)


def _varieties(settings) -> list[str]:
    """What tells the draws of a family apart, beside the study's seed."""
    language = getattr(settings, "language", ENGLISH)
    return [] if language == ENGLISH else [language]


_MAKERS = {"nli": _nli, "nlu": _nlu}


def _part(made: Texts, where: str) -> Part:
    def inputs(rows):
        return pack([[column[row] for row in rows] for column in made.texts])

    return Part(made.labels, inputs, lambda row: f"{where}, example {row}", made.facts)
