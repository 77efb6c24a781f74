"""From settings to a data set of questions, in the one form that training reads."""

from collections.abc import Collection

import numpy as np

from study.config.questions import AtlasData, GraphSettings, PhoneBookData, QuestionData, ShortestPathData
from study.data.dataset import Dataset, Split, data_digest, split
from study.data.questions import atlas, phone_book, shortest_path
from study.data.questions.tokens import PAD, Questions
from study.errors import StudyError
from study.seeds import generator

TRAINED, HELD_OUT = "trained on", "held out"  # kinds of graphs: these two are drawn alike


def load(name: str, settings: QuestionData, study_seed: int, excluded: Collection[str] = ()) -> Dataset:
    """The questions of a family, deterministic in the study's seed and the data set's name.

    Args:
        name: the data set's name: another name gives other questions.
        settings: one of `study.config.questions.AnyQuestions`.
        study_seed: the study's seed.
        excluded: nothing can be left out of generated questions.

    Raises:
        StudyError: the generator could not make so many different ones.
    """
    rng = generator(study_seed, name, settings.family)
    try:
        vocabulary, train, test = _MAKERS[settings.family](settings, rng)
    except ValueError as error:
        raise StudyError(
            str(error), where=f"data set {name}", expected="sizes that exist", do="change them"
        ) from None
    width = max(train.tokens.shape[1], test.tokens.shape[1])
    parts = (_split(name, "train", train, width), _split(name, "test", test, width))
    digest = data_digest(*parts, len(vocabulary))
    return Dataset(name, *parts, vocabulary, f"generated:{settings.family}", digest)


def _phone_book(
    settings: PhoneBookData, rng: np.random.Generator
) -> tuple[tuple[str, ...], Questions, Questions]:
    sizes = (settings.entries, settings.strangers, settings.letters, settings.digits)
    return phone_book.VOCABULARY, *phone_book.phone_book(*sizes, rng)


def _shortest_path(
    settings: ShortestPathData, rng: np.random.Generator
) -> tuple[tuple[str, ...], Questions, Questions]:
    """Test questions about graphs of other kinds stand last; the fact `kind` names them."""
    names = max(kind.vertices for kind in (settings, *settings.elsewhere.values()))
    seen: set[bytes] = set()

    def asked(graphs: int, kind: GraphSettings) -> tuple[Questions, Questions]:
        drawn = (kind.vertices, kind.edge_probability, kind.hop_weights, settings.queries)
        return shortest_path.shortest_paths(graphs, settings.held_out, *drawn, rng, names, seen)

    train, test = asked(settings.graphs, settings)
    found = {HELD_OUT: test} | {kind: asked(0, other)[1] for kind, other in settings.elsewhere.items()}
    train.facts["kind"] = np.full(len(train.tokens), TRAINED)
    return shortest_path.vocabulary(names), train, _joined(found)


def _joined(found: dict[str, Questions]) -> Questions:
    """Questions of several kinds as one, their graphs numbered on, with the fact `kind`."""
    width = max(part.tokens.shape[1] for part in found.values())
    before, graphs = 0, []
    for part in found.values():
        graphs.append(part.facts["graph"] + before)
        before += int(part.facts["graph"][-1]) + 1
    return Questions(
        np.concatenate([_widened(part.tokens, width) for part in found.values()]),
        {
            "graph": np.concatenate(graphs),
            "hops": np.concatenate([part.facts["hops"] for part in found.values()]),
            "kind": np.repeat(list(found), [len(part.tokens) for part in found.values()]),
        },
    )


def _atlas(settings: AtlasData, rng: np.random.Generator) -> tuple[tuple[str, ...], Questions, Questions]:
    parts = atlas.atlas(
        settings.vertices, settings.roads, settings.asked, settings.held_out, settings.show_steps, rng
    )
    return atlas.vocabulary(settings.vertices, settings.roads), *parts


_MAKERS = {"phone_book": _phone_book, "shortest_path": _shortest_path, "atlas": _atlas}


def _split(name: str, part: str, questions: Questions, width: int) -> Split:
    tokens = _widened(questions.tokens, width)
    return split(name, part, np.arange(len(tokens)), tokens, questions.labels, facts=questions.facts)


def _widened(tokens: np.ndarray, width: int) -> np.ndarray:
    return np.pad(tokens, ((0, 0), (0, width - tokens.shape[1])), constant_values=PAD)
