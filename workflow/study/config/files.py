"""Configuration files, merged in the order in which they are named."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from study.config.load import parse_study
from study.config.parsing import MOST_BYTES, parse
from study.config.study import StudySettings
from study.errors import StudyError


def read(files: Iterable[Path]) -> StudySettings:
    """Settings from YAML files; later ones change earlier ones key by key, as `snakemake --configfile` does.

    Raises:
        StudyError: a file is missing, is no YAML, or the merged configuration has mistakes.
    """
    files = list(files)
    merged: dict[str, Any] = {}
    for file in files:
        _merge(merged, read_mapping(file))
    return parse_study(merged, where=", ".join(map(str, files)))


def read_mapping(file: Path) -> dict[str, Any]:
    """The keys of one YAML or JSON file.

    Raises:
        StudyError: the file is missing, is neither YAML nor JSON, holds no keys, or one of them twice.
    """
    if not file.is_file():
        raise StudyError("a configuration file is missing", where=str(file), do="check the path")
    try:
        content = _content(file)
    except (OSError, ValueError) as error:
        raise StudyError(
            f"a configuration file cannot be read: {error}",
            where=str(file),
            expected="`key: value` lines (YAML) or JSON, as UTF-8 text",
            do="correct the file; config/config.yaml is one to start from",
        ) from error
    if not isinstance(content, Mapping):
        raise StudyError(
            "a configuration file holds no keys",
            where=str(file),
            expected="`key: value` lines",
            do="write the keys that config/README.md describes",
        )
    return dict(content)


def _content(file: Path) -> Any:
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"it has {size:,} bytes, and no configuration has more than {MOST_BYTES:,}")
    return parse(file.read_text(encoding="utf-8"))


def _merge(into: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value
