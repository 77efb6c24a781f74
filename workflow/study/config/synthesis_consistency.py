"""Values of the chapter `synthesis` that are right alone and wrong together."""

from collections.abc import Iterator

from study.config.study import StudySettings
from study.kinds import QUESTION
from study.models.counting import size_of
from study.names import not_among
from study.scores.registry import columns_of

_HERE = "synthesis"
_APART = 0.05  # of the mixture's parameters, by which a model that is said to be equal may differ
_EQUAL = {  # by key: the count that has to agree, and its name
    "equal_active": (
        "active_without_embeddings",
        "active parameters without routers and embeddings",
    ),
    "equal_total": ("total_without_embeddings", "parameters without embeddings"),
}


def unknown_in_synthesis(settings: StudySettings) -> Iterator[str]:
    """Models and scores that the chapter names and that are not there."""
    chapter = settings.synthesis
    if chapter is None:
        return
    for key in ("mixture", *_EQUAL):
        yield from not_among([getattr(chapter, key)], list(settings.models), f"{_HERE}.{key}", "model")
    where = f"{_HERE}.fingerprint.score"
    yield from not_among([chapter.fingerprint.score], columns_of(QUESTION), where, "score of an answer")


def inconsistent_synthesis(settings: StudySettings) -> Iterator[str]:
    """A mixture without experts, and models that are said to be equal and are not."""
    chapter = settings.synthesis
    if chapter is None:
        return
    mixture = settings.models[chapter.mixture]
    if mixture.experts == 1:
        yield f"{_HERE}.mixture: {chapter.mixture} is a dense model (experts: 1); name one with experts"
        return
    for key, (count, meaning) in _EQUAL.items():
        name = getattr(chapter, key)
        model = settings.models[name]
        if model.experts > 1:
            yield f"{_HERE}.{key}: {name} is a mixture of {model.experts} experts; name a dense model"
            continue
        # Without embeddings the vocabulary plays no part.
        found, wanted = (getattr(size_of(one, vocabulary=0), count) for one in (model, mixture))
        if abs(found - wanted) > _APART * wanted:
            yield (
                f"{_HERE}.{key}: {name} has {found:,} {meaning}, and {chapter.mixture} has {wanted:,}: "
                f"{100 * abs(found - wanted) / wanted:.1f} % apart, where {100 * _APART:.0f} % is allowed; "
                "change ffn of one of them"
            )
