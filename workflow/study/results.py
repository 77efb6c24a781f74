"""A results folder as a whole: whose it is, and whether its files are complete."""

import sys
from collections.abc import Iterator
from filecmp import cmp
from pathlib import Path

from study import paths
from study.config import StudySettings
from study.errors import StudyError
from study.files import DamagedFile, is_complete, read_csv, read_json, read_parquet, set_aside


def guard(study: StudySettings, root: str | Path = ".") -> None:
    """Refuse a results folder that belongs to a study of another name.

    Raises:
        StudyError: the folder was made by another study; nothing in it was touched.
    """
    stamp = Path(root) / paths.OWNER
    if not stamp.is_file() or not is_complete(stamp):
        return
    owner = read_json(stamp).get("name")
    if owner != study.name:
        raise StudyError(
            f"this results folder belongs to the study {owner!r}, and {study.name!r} was asked for",
            where=str(stamp.resolve().parent),
            expected=f"a folder that is empty or belongs to {study.name!r}",
            do=f"give the study a folder of its own: snakemake --directory studies/{study.name} ...; "
            "or remove the old results",
        )


def repair(study: StudySettings, root: str | Path = ".", pretend: bool = False) -> list[Path]:
    """Set aside result files that are cut off, so that Snakemake makes them again; name each on stderr.

    Only the ends of files are looked at (microseconds a file); damage inside a file is found by whoever reads
    it, and by `python -m study verify`.

    Args:
        pretend: name them only (dry run).

    Returns:
        The damaged files.
    """
    damaged = [path for path in _written_by_runs(study, Path(root)) if not is_complete(path)]
    for path in damaged:
        if not pretend:
            set_aside(path)
        print(f"{path} is cut off: it is set aside, and computed again", file=sys.stderr)
    return damaged


def _written_by_runs(study: StudySettings, root: Path) -> Iterator[Path]:
    aggregated: dict[Path, None] = {}
    for run in (*study.runs(), *study.variant_runs()):
        aggregated[root / paths.scores(run.chapter, run.dataset, run.model)] = None
        files = paths.run_files(paths.run_folder(*run), trajectory=True, checkpoint=False)
        yield from (root / path for path in files if (root / path).is_file())
    yield from (path for path in aggregated if path.is_file())


def verify(root: str | Path = ".") -> list[tuple[Path, str]]:
    """Read every result file from end to end; those that cannot be read, with the reason."""
    readers = {".json": read_json, ".csv": read_csv, ".parquet": read_parquet}
    damaged = []
    for path in sorted((Path(root) / paths.RESULTS).rglob("*")):
        if path.suffix not in readers or path.name.startswith("."):
            continue
        try:
            readers[path.suffix](path)
        except DamagedFile as error:
            damaged.append((path, error.what))
    return damaged


def compare(a: str | Path, b: str | Path) -> list[str]:
    """Differences between two results folders, a sentence each; run resources and the report do not count.

    Files are compared by their bytes: on one machine type, one configuration gives the same bytes.
    """
    files_a, files_b = (_comparable(Path(folder)) for folder in (a, b))
    differences = [f"only in {a}: {name}" for name in sorted(files_a.keys() - files_b.keys())]
    differences += [f"only in {b}: {name}" for name in sorted(files_b.keys() - files_a.keys())]
    both = sorted(files_a.keys() & files_b.keys())
    return differences + [
        f"differs: {name}" for name in both if not cmp(files_a[name], files_b[name], shallow=False)
    ]


def _comparable(folder: Path) -> dict[str, Path]:
    volatile = ("resources.json", Path(paths.REPORT).name)
    return {
        str(path.relative_to(folder)): path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in volatile and not path.name.startswith(".")
    }
