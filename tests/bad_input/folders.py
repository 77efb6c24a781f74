"""Folders of small studies in which something is to be wrong."""

import json
from pathlib import Path
from typing import Any

from tests.tiny_study import tiny_study

CONFIG = "c.json"


def plain() -> dict[str, Any]:
    """The configuration of the tiny study of images."""
    return tiny_study().model_dump(mode="json")


def changed(study: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A configuration in which one key has another value."""
    *parents, last = path.split(".")
    place = study
    for part in parents:
        place = place[part]
    place[last] = value
    return study


def configured(folder: Path, study: dict[str, Any]) -> list[str]:
    """Write a configuration; returns the option that names it."""
    (folder / CONFIG).write_text(json.dumps(study))
    return ["--config", CONFIG]


def owning(study: dict[str, Any], data: dict[str, Any], chapter: str = "difficulty") -> dict[str, Any]:
    """A configuration whose only data set is `own`."""
    return changed(changed(study, "datasets", {"own": data}), f"{chapter}.datasets", ["own"])
