"""What differs between two versions of a JSON or YAML file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from study.config.files import read_mapping
from study.differences.found import Difference, Number, Word
from study.files import read_json


def compare_json(path_a: Path, path_b: Path, found: Difference) -> None:
    """Add the keys of two JSON files whose values are others.

    Raises:
        DamagedFile: one of them is not JSON.
    """
    _compare(read_json(path_a), read_json(path_b), found)


def compare_yaml(path_a: Path, path_b: Path, found: Difference) -> None:
    """Add the keys of two YAML files whose values are others.

    Raises:
        StudyError: one of them is not YAML.
    """
    _compare(read_mapping(path_a), read_mapping(path_b), found)


def _compare(a: Any, b: Any, found: Difference) -> None:
    a, b = dict(_leaves(a)), dict(_leaves(b))
    for side, own, other in (("first", a, b), ("second", b, a)):
        found.missing += [f"only the {side} has the key {key}" for key in own if key not in other]
    for key in a:
        if key not in b or a[key] == b[key]:
            continue
        if _is_number(a[key]) and _is_number(b[key]):
            found.numbers.append(Number("", key, float(a[key]), float(b[key])))
        else:
            found.words.append(Word("", key, _as_text(a[key]), _as_text(b[key])))


def _leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that holds no others, with its place: `provenance.versions.torch`, `loads[0][3]`."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{at}[{place}]")
    else:
        yield at, value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)
