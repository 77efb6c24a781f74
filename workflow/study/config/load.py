"""From a mapping to settings, with every mistake told at once and in words."""

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Any

from pydantic import BaseModel, ValidationError

from study.config.consistency import inconsistent
from study.config.parsing import check_extent
from study.config.study import StudySettings
from study.errors import StudyError
from study.kinds import IMAGE
from study.names import nearest, not_among
from study.scores.registry import SCORES, columns_of


def parse_study(raw: Mapping[str, Any], where: str = "the configuration") -> StudySettings:
    """Settings from a mapping, as YAML or JSON gives it.

    Raises:
        StudyError: names every mistake: unknown keys with the nearest right one, wrong types, values out of
            bounds, data sets, models and scores that are named and not known.
    """
    try:
        check_extent(raw)
    except ValueError as error:
        raise _mistaken([f"(the whole configuration): {error}"], where) from None
    mistakes = list(_unknown_names(raw))
    settings = None
    try:
        settings = StudySettings.model_validate(dict(raw))
    except ValidationError as error:
        mistakes = [_in_words(entry, raw) for entry in error.errors()] + mistakes
    if settings is not None and not mistakes:
        mistakes = list(inconsistent(settings))
    if mistakes:
        raise _mistaken(mistakes, where)
    return settings


def _mistaken(mistakes: Sequence[str], where: str) -> StudyError:
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    return StudyError(
        f"the configuration has {count}:\n" + "\n".join(f"  - {mistake}" for mistake in mistakes),
        where=where,
        expected="the keys and values that config/README.md describes",
        do="mend the lines above; no job was started",
    )


def _in_words(error: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    """One pydantic error as a sentence: key, problem, and the nearest right key."""
    location = _without_tags(error["loc"], raw)
    key = ".".join(str(part) for part in location) or "(the whole configuration)"
    if error["type"] == "extra_forbidden":
        allowed = _allowed_keys(error["loc"][:-1])
        near = nearest(str(location[-1]), allowed)
        hint = f"did you mean {near!r}?" if near else f"known here: {', '.join(allowed)}"
        return f"{key}: unknown key; {hint}"
    if error["type"] == "missing":
        return f"{key}: is missing"
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        tag = error["ctx"].get("tag")
        discriminator = error["ctx"]["discriminator"].strip("'")
        expected = error["ctx"].get("expected_tags", "")
        choices = [choice.strip("' ") for choice in expected.split(",")] if expected else []
        near = nearest(str(tag), choices) if tag else None
        problem = f"unknown {discriminator} {tag!r}" if tag else f"`{discriminator}` is missing"
        return (
            f"{key}: {problem}"
            + (f"; did you mean {near!r}?" if near else "")
            + (f" (one of {', '.join(choices)})" if choices else "")
        )
    if error["type"] == "string_type" and location[-1:] == ("[key]",):
        name = ".".join(map(str, location[:-1]))
        return f"{name}: a name has to be text; one that looks like a number needs quotes"
    message = error["msg"].removeprefix("Value error, ")
    return f"{key}: {message[0].lower()}{message[1:]} (it is {error['input']!r:.80})"


def _without_tags(location: tuple, raw: Any) -> tuple:
    """A pydantic location without the tags of unions ("resnet"), which are no keys of the user's file."""
    path, value = [], raw
    for position, part in enumerate(location):
        last = position == len(location) - 1
        inside = isinstance(value, Mapping) and part in value
        inside = inside or (isinstance(value, list) and isinstance(part, int))
        is_tag = isinstance(value, Mapping) and part in (value.get("architecture"), value.get("source"))
        if is_tag and not inside:
            continue
        if inside or last:
            path.append(part)
            value = value[part] if inside else None
    return tuple(path)


def _allowed_keys(location: tuple) -> list[str]:
    """The keys that the settings at a pydantic location know."""
    annotation: Any = StudySettings
    for part in location:
        annotation = _descend(_without_none(annotation), part)
    annotation = _without_none(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return list(annotation.model_fields)
    return []


def _without_none(annotation: Any) -> Any:
    """Settings or null as the settings."""
    inner = [kind for kind in getattr(annotation, "__args__", ()) if kind is not type(None)]
    return inner[0] if isinstance(annotation, UnionType) and len(inner) == 1 else annotation


def _descend(annotation: Any, part: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if part in annotation.model_fields:
            return annotation.model_fields[part].annotation
        return annotation
    for candidate in _models_in(annotation):
        if part in _tags(candidate):
            return candidate
    inner = getattr(annotation, "__args__", ())
    return inner[-1] if inner else annotation


def _tags(model: type[BaseModel]) -> Iterator[Any]:
    """The values of the key by which a union tells this class from its others."""
    for key in ("architecture", "source"):
        if key in model.model_fields:
            yield from getattr(model.model_fields[key].annotation, "__args__", ())


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    for inner in getattr(annotation, "__args__", ()):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield inner
        else:
            yield from _models_in(inner)


def _unknown_names(raw: Mapping[str, Any]) -> Iterator[str]:
    """Names in `difficulty` that nothing has; told even where the rest of the configuration is wrong."""
    datasets = raw.get("datasets")
    for name, dataset in datasets.items() if isinstance(datasets, Mapping) else ():
        if isinstance(dataset, Mapping) and isinstance(dataset.get("without"), list):
            others = [other for other in datasets if other != name]
            yield from not_among(dataset["without"], others, f"datasets.{name}.without", "other data set")
    yield from _unknown_in_tasks(raw)
    chapter = raw.get("difficulty")
    if not isinstance(chapter, Mapping):
        return
    for key, kind in (("datasets", "data set"), ("models", "model")):
        known, named = raw.get(key), chapter.get(key)
        if isinstance(known, Mapping) and isinstance(named, list):
            yield from not_among(named, list(known), f"difficulty.{key}", kind)
    if isinstance(models_of := chapter.get("models_of"), Mapping):
        for dataset, named in models_of.items():
            # Known to the study, not to the chapter: an overlay with its own data keeps the default's.
            yield from not_among(
                [dataset], _names_of(raw.get("datasets")), "difficulty.models_of", "data set"
            )
            if isinstance(named, list):
                known = _names_of(raw.get("models"))
                yield from not_among(named, known, f"difficulty.models_of.{dataset}", "model")
    analysis = chapter.get("analysis")
    if isinstance(analysis, Mapping):
        lists = {"difficulty.analysis.scores": analysis.get("scores")}
        for part in ("sensitivity", "fingerprint"):
            if isinstance(analysis.get(part), Mapping) and "score" in analysis[part]:
                lists[f"difficulty.analysis.{part}.score"] = [analysis[part]["score"]]
        for where, named in lists.items():
            if isinstance(named, list):
                yield from not_among(named, [*SCORES, *_names_of(chapter.get("user_scores"))], where, "score")
    yield from _unknown_in_variants(raw)


def _unknown_in_tasks(raw: Mapping[str, Any]) -> Iterator[str]:
    """Models that tasks of `experts` name and the study does not have."""
    chapter, known = raw.get("experts"), _names_of(raw.get("models"))
    for task, settings in chapter.items() if isinstance(chapter, Mapping) else ():
        if isinstance(settings, Mapping):
            for key in ("models", "books"):
                named = settings.get(key)
                if isinstance(named, list | Mapping):
                    yield from not_among(list(named), known, f"experts.{task}.{key}", "model")


def _unknown_in_variants(raw: Mapping[str, Any]) -> Iterator[str]:
    """Data sets, models and scores that variant runs name and the study does not have."""
    for family in ("subsets", "pruning"):
        settings = raw["difficulty"].get(family)
        if not isinstance(settings, Mapping):
            continue
        model, score = ([settings[key]] if key in settings else None for key in ("model", "score"))
        for key, kind, named, known in (
            ("datasets", "data set", settings.get("datasets"), raw.get("datasets")),
            ("models", "model", settings.get("models"), raw.get("models")),
            ("model", "model", model, raw.get("models")),
            ("score", "score of a run", score, dict.fromkeys(columns_of(IMAGE))),
        ):
            if isinstance(named, list) and isinstance(known, Mapping):
                yield from not_among(named, list(known), f"difficulty.{family}.{key}", kind)


def _names_of(value: Any) -> list[str]:
    return list(value) if isinstance(value, Mapping) else []
