"""The text of a configuration file as plain values: YAML or JSON in which every key stands once."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

MOST_BYTES = 500_000
"""Of a file: a parser of YAML takes seconds for so many."""
_MOST_VALUES = 200_000  # with aliases written out


def parse(text: str) -> Any:
    """The values that a text holds.

    Raises:
        ValueError: it is neither YAML nor JSON, a key stands twice, or it comes to more values than any study
            has; the message says what.
    """
    try:
        content = _parse(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    except RecursionError:
        raise ValueError("its lists or keys are nested too deeply") from None
    except AttributeError:  # a parser of YAML meets a date that is none
        raise ValueError("a value is not of the type that its tag names") from None
    check_extent(content)
    return content


def check_extent(content: Any) -> None:
    """Refuse values that hold themselves, or whose aliases come to too many once they are written out.

    Raises:
        ValueError: they do.
    """
    if _count(content, {}) > _MOST_VALUES:
        raise ValueError(f"with its aliases written out it holds more than {_MOST_VALUES:,} values")


def _count(value: Any, known: dict[int, int | None]) -> int:
    """Values in a value, itself among them; `known` are those of parts that were met, None of one inside."""
    if not isinstance(value, Mapping | list | tuple | set):
        return 1
    if id(value) not in known:
        known[id(value)] = None
        inner = value.values() if isinstance(value, Mapping) else value
        known[id(value)] = 1 + sum(_count(each, known) for each in inner)
    count = known[id(value)]
    if count is None:
        raise ValueError("a value holds itself, by an alias")
    return count


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)  # 1e-05 is a number in JSON and a text in YAML
    except json.JSONDecodeError:
        return yaml.load(text, _Loader)  # a safe loader: no tag of it calls anything


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


class _Loader(yaml.SafeLoader):
    """The safe loader of YAML, which would take the last of several keys of one name."""

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        names = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in names:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            names.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return node
