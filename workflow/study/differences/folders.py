"""Two results folders, file by file."""

from collections.abc import Callable
from filecmp import cmp
from pathlib import Path

from study import paths
from study.completeness import is_complete
from study.differences.arrays import compare_arrays
from study.differences.examples import compare_parquet
from study.differences.found import ERRORS, Comparison, Difference, Number, Values
from study.differences.tables import compare_csv
from study.differences.trees import compare_json, compare_yaml
from study.errors import StudyError
from study.files import DAMAGED
from study.manifest import is_timed

READERS: dict[str, Callable[[Path, Path, Difference], None]] = {
    ".csv": compare_csv,
    ".json": compare_json,
    ".parquet": compare_parquet,
    ".safetensors": compare_arrays,
    ".yaml": compare_yaml,
}
_DRAWN = (".html", ".pdf", ".png", ".rst")


def compare(a: str | Path, b: str | Path) -> Comparison:
    """What differs between two results folders, but for what holds measured seconds.

    Files are compared by their bytes first: on one machine type, one configuration gives the same bytes.
    Those that differ are read.

    Raises:
        StudyError: one of the folders is missing, or holds no files.
    """
    a, b = Path(a), Path(b)
    files_a, files_b = _comparable(a, b), _comparable(b, a)
    both = sorted(files_a.keys() & files_b.keys())
    found = (_difference(name, files_a[name], files_b[name]) for name in both)
    return Comparison(
        str(a),
        str(b),
        len(files_a.keys() | files_b.keys()),
        _topmost(files_a.keys() - files_b.keys(), files_b),
        _topmost(files_b.keys() - files_a.keys(), files_a),
        [difference for difference in found if difference],
    )


def _comparable(folder: Path, other: Path) -> dict[str, Path]:
    """The files of a folder by their names below it, without those of the other folder if that is inside."""
    whole, part = folder.resolve(), other.resolve()
    inside = folder / part.relative_to(whole) if whole in part.parents else None
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file()
        and not is_timed(path)
        and path.name != Path(paths.MANIFEST).name  # it says in digests what the other files say
        and not path.name.startswith(".")
        and path.suffix != DAMAGED
        and inside not in path.parents
    }
    if not found:
        raise StudyError(
            "there is nothing to compare",
            where=str(folder),
            expected="a folder with results",
            do="correct the path",
        )
    return found


def _topmost(names: set[str], others: dict[str, Path]) -> dict[str, int]:
    """Files, or whole folders of which the other side has nothing, each with its number of files."""
    known = {parent for name in others for parent in Path(name).parents}
    found: dict[str, int] = {}
    for name in sorted(names):
        above = [parent for parent in Path(name).parents if parent not in known]
        place = f"{above[-1].as_posix()}/" if above else name
        found[place] = found.get(place, 0) + 1
    return found


def _difference(name: str, a: Path, b: Path) -> Difference | None:
    """What differs between two files; None if they have the same bytes."""
    found = Difference(name, drawn=Path(name).suffix in _DRAWN)
    try:
        if cmp(a, b, shallow=False):
            return None
        found.unread += [f"{path} is cut off or empty" for path in (a, b) if not is_complete(path)]
        reader = READERS.get(Path(name).suffix)
        if reader and not found.unread:
            reader(a, b, found)
            found.opened = True
    except StudyError as error:
        found.unread.append(" ".join(f"{error.where}: {error.what}".split()))
    except OSError as error:
        found.unread.append(f"{error.filename or name} cannot be read: {error.strerror or error}")
    found.words.sort(key=lambda word: word.column != "verdict")
    found.numbers.sort(key=_rank)
    found.values.sort(key=_rank_of_values)
    return found


def _rank(number: Number) -> tuple[int, float]:
    """Most standard errors first, then by relative change; what came or went leads those without either."""
    errors, relative = abs(number.standard_errors), abs(number.relative)
    if errors == errors:
        return 0, -errors
    return (1, 0.0) if relative != relative else (2, -relative)


def _rank_of_values(values: Values) -> tuple[bool, float]:
    """Most standard errors first, then most standard deviations, then what has no unit."""
    return values.unit != ERRORS, -values.in_units[0] if values.unit else 0.0
