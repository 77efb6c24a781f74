"""Step `verify`: read every result file from end to end, and compare it with the manifest."""

from collections.abc import Callable
from pathlib import Path

import yaml
from PIL import Image

from study import manifest, paths
from study.completeness import is_complete
from study.data import dataset
from study.files import DamagedFile, read_csv, read_json, read_parquet
from study.results import files_below, results_folder


def run(root: str | Path = ".") -> list[tuple[Path, str]]:
    """The result files that are not what was written, or cannot be read, with the reasons; nothing is moved.

    Raises:
        StudyError: there are no results.
    """
    damaged, known = [], _manifest(Path(root))
    for path in files_below(results_folder(root)):
        try:
            _read(path)
            manifest.check(path, known.get(path.relative_to(root).as_posix()))
        except DamagedFile as error:
            if error.path == path:  # what a file is compared with has a turn of its own
                damaged.append((path, error.what))
        except OSError as error:
            damaged.append((path, f"a result file cannot be read: {error.strerror or error}"))
    return damaged


def _manifest(root: Path) -> dict[str, manifest.Row]:
    """What the manifest says; a damaged one says nothing, and is found when its own turn comes."""
    try:
        return manifest.read(root)
    except DamagedFile:
        return {}


def _read(path: Path) -> None:
    if not is_complete(path):
        raise DamagedFile(path, "it is cut off or empty")
    if path.name == Path(paths.MANIFEST).name:
        manifest.read(path.parents[1])
    elif path.suffix in READERS:
        READERS[path.suffix](path)


def _read_arrays(path: Path) -> None:
    """The arrays of a data set with its digest. A model's weights have none: their size was looked at."""
    if path.name == dataset.ARRAYS and (path.parent / dataset.EXAMPLES).is_file():
        dataset.check(path.parent)


def _read_picture(path: Path) -> None:
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DamagedFile(path, f"it is not a picture ({error})") from error


def _read_yaml(path: Path) -> None:
    try:
        yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DamagedFile(path, f"it is not YAML ({error})") from error


def _read_text(path: Path) -> None:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DamagedFile(path, f"it is not UTF-8 text ({error})") from error


READERS: dict[str, Callable[[Path], object]] = {
    ".csv": read_csv,
    ".html": _read_text,
    ".json": read_json,
    ".parquet": read_parquet,
    ".png": _read_picture,
    ".rst": _read_text,
    ".safetensors": _read_arrays,
    ".yaml": _read_yaml,
}
