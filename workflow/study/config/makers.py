"""Which module makes or reads a data set, and which one describes it: the workflow traces no more code."""

from study.config.base import Settings
from study.kinds import CORPUS, IMAGE, QUESTION, TEXT

_SOURCES = "study.data.sources"
_LOADERS = {QUESTION: "study.data.questions.load", TEXT: "study.data.text.generated"}
_DESCRIBERS = {
    CORPUS: "study.data.corpus.card",
    QUESTION: "study.data.questions.card",
    TEXT: "study.data.text.card",
    IMAGE: "study.data.card",
}


def loader_of(settings: Settings) -> str:
    """The module that makes or reads a data set."""
    if settings.kind == CORPUS:
        return "study.data.corpus.make"
    return _LOADERS.get(settings.kind, _SOURCES) if settings.source == "generated" else _SOURCES


def store_of(settings: Settings) -> str:
    """The module that opens it when it is prepared."""
    return "study.data.corpus.store" if settings.kind == CORPUS else "study.data.dataset"


def describer_of(settings: Settings) -> str:
    """The module that writes the card of a data set."""
    return _DESCRIBERS[settings.kind]
