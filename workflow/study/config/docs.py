"""The reference of the configuration, generated from its models: config/README.md and config/schema.json."""

import ast
import inspect
import json
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from study.config.base import Settings
from study.config.study import StudySettings
from study.config.training import TrainingChanges, TrainingSettings

_INTRODUCTION = """\
# Configuration

Generated from the models in `workflow/study/config/` by `python -m study docs`; do not edit it here.

| file | what for |
|---|---|
| `config.yaml` | the default study: embedded data, a laptop, minutes |
| `smoke.yaml` | the same workflow, smaller still: tests, a first look |
| `paper.yaml` | the papers' public data, models and numbers of runs, on a cluster |
| `schema.json` | a JSON schema of all of this, for editors |
| `examples/` | overlays to start from: your own data, real MNIST and CIFAR-10 |

An overlay is a second file that names only what it changes. Mappings merge key by key, lists are replaced:

```
snakemake --configfile config/config.yaml mine.yaml --directory studies/mine
```

`--directory` gives the overlay a folder of its own for `results/`, `work/` and `logs/`. Paths of data files
are relative to that folder, or absolute. A misspelt key, a wrong type or a value out of bounds stops the
study before any job starts; all mistakes are told at once.
"""


def schema() -> str:
    """The JSON schema of the configuration, as the text of config/schema.json."""
    describe()
    return json.dumps(StudySettings.model_json_schema(), indent=2) + "\n"


def readme() -> str:
    """The text of config/README.md."""
    describe()
    return "\n".join([_INTRODUCTION, *_section(StudySettings, "", "The study")]).rstrip() + "\n"


@cache
def describe() -> None:
    """Describe every field of all settings by the docstring below it.

    pydantic would do so when it makes a class, and take a tenth of a second of every job.
    """
    for model in _below(Settings):
        told = {}
        for ancestor in reversed(model.__mro__):
            if ancestor is not Settings and issubclass(ancestor, Settings):
                told |= _docstrings(TrainingSettings if ancestor is TrainingChanges else ancestor)
        for name, field in model.model_fields.items():
            field.description = " ".join(told.get(name, "").split()) or None  # a cell of a table is one line
        model.model_rebuild(force=True)


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """All classes that are derived from one, directly or not."""
    for child in model.__subclasses__():
        yield child
        yield from _below(child)


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    """What stands below the fields of a class, by their names."""
    (made,) = ast.parse(inspect.getsource(model)).body
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(made.body)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


def _section(model: type[BaseModel], prefix: str, title: str) -> Iterator[str]:
    """A heading and a table for one settings class, then the same for the classes in it."""
    yield f"## {title}\n"
    yield " ".join((model.__doc__ or "").split()) + "\n"
    yield "| key | type | default | meaning |\n|---|---|---|---|"
    inner: list[tuple[type[BaseModel], str, str]] = []
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        yield f"| `{key}` | {_type(field)} | {_default(field)} | {field.description or ''} |"
        inner += _classes(key, field.annotation)
    yield ""
    for child, key, heading in inner:
        yield from _section(child, f"{key}.", heading)


def _classes(key: str, annotation: Any) -> list[tuple[type[BaseModel], str, str]]:
    """The settings classes that a field holds, each with the prefix and heading of its section."""
    found = [
        child for child in _flatten(annotation) if isinstance(child, type) and issubclass(child, BaseModel)
    ]
    if len(found) == 1 and not _is_mapping(annotation):  # the class itself, or the class or null
        return [(found[0], key, f"`{key}`")]
    tagged = len(found) > 1
    return [
        (child, f"{key}.<name>", f"`{key}.<name>`" + (f" with `{_tag(child)}`" if tagged else ""))
        for child in found
    ]


def _is_mapping(annotation: Any) -> bool:
    return get_origin(annotation) is dict


def _tag(model: type[BaseModel]) -> str:
    """The key and value by which a union tells its classes apart."""
    for key in ("architecture", "source", "family"):
        if key in model.model_fields:
            return f"{key}: {get_args(model.model_fields[key].annotation)[0]}"
    raise ValueError(f"{model.__name__} has no key that tells it apart")


def _flatten(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _flatten(argument)


def _type(field: Any) -> str:
    """A field's type and bounds in words."""
    words = _type_words(field.annotation)
    bounds = " and ".join(_bounds(field.metadata))
    return f"{words}, {bounds}" if bounds else words


def _type_words(annotation: Any) -> str:
    arguments = get_args(annotation)
    origin = getattr(annotation, "__origin__", None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    if origin is dict:
        return "mapping of names"
    if origin is list:
        return f"list of {_type_words(arguments[0])}"
    if origin is tuple:
        return "[" + ", ".join(_type_words(argument) for argument in arguments) + "]"
    if hasattr(annotation, "__metadata__"):
        bounds = " and ".join(_bounds(annotation.__metadata__))
        return _type_words(annotation.__origin__) + (f" ({bounds})" if bounds else "")
    if origin is Literal:
        return " or ".join(f"`{argument}`" for argument in arguments)
    if arguments:
        return " or ".join(_type_words(argument) for argument in arguments)
    names = {int: "integer", float: "number", str: "text", bool: "true or false", type(None): "null"}
    return names.get(annotation, str(annotation))


def _bounds(metadata: Any) -> Iterator[str]:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "length ≥", "pattern": "matching"}
    for constraint in metadata:
        inner = getattr(constraint, "metadata", None) or [constraint]
        for part in inner:
            for name, sign in signs.items():
                value = getattr(part, name, None)
                if value is not None:
                    yield f"{sign} `{value}`" if name == "pattern" else f"{sign} {value:g}"


def _default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if isinstance(field.default, BaseModel):
        return "see below"
    return f"`{json.dumps(field.default, default=_given)}`"


def _given(settings: BaseModel) -> dict[str, Any]:
    """Settings within a list, as they are written: only what differs from defaults."""
    return settings.model_dump(mode="json", exclude_unset=True)
