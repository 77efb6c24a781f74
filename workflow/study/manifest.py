"""results/manifest.csv: every result file with its digest, and the rule, code and settings that made it.

The workflow writes it when it ends; when it starts, it drops the rows of what it is about to make. By the
manifest a flipped bit is found in files that carry no checksum of their own, and a result says what made it.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from study import paths
from study.completeness import is_complete
from study.files import DamagedFile, digest_of_file, replacing

COLUMNS = ("file", "bytes", "sha256", "rule", "code", "settings")
VOLATILE = ("resources.json", Path(paths.REPORT).name)
"""Files that say what a run took, and whose digests are not kept."""
_TIMED = ("cost", "score_cost", "guidance")  # what scores cost, drawn, and whether that pays
Row = dict[str, str]


def is_timed(file: str | Path) -> bool:
    """Whether a result holds measured seconds, which no two runs have in common."""
    path = Path(file)
    return path.name in VOLATILE or path.stem in _TIMED


class Made(NamedTuple):
    """A result file, and what made it."""

    file: str
    """Relative to the study's folder."""
    rule: str
    code: str
    """Digest of the code that its bytes depend on; empty where the rule alone says it."""
    settings: str
    """Digest of the settings that they depend on; empty where there are none."""
    anew: bool
    """Whether it was made just now."""


def record(files: Iterable[Made], root: str | Path = ".") -> None:
    """Bring the manifest up to date with a run of the workflow.

    A file that was not made anew keeps its digest, so that what happened to it since is found. Files of other
    parts of the study stay listed for as long as they are there. A manifest that is damaged is begun anew.
    """
    root = Path(root)
    try:
        rows = {name: row for name, row in read(root).items() if (root / name).is_file()}
    except DamagedFile:
        rows = {}
    for made in files:
        path = root / made.file
        if path.name in VOLATILE or not path.is_file():
            continue
        row = rows.setdefault(made.file, {"file": made.file})
        row |= {"rule": made.rule, "code": made.code, "settings": made.settings}
        if made.anew or "sha256" not in row:
            row |= {"bytes": str(path.stat().st_size), "sha256": digest_of_file(path)}
    _write(rows, root)


def forget(files: Iterable[str], root: str | Path = ".") -> None:
    """Drop the rows of files that are about to be made.

    A workflow that is killed writes no manifest. As the next run does not make its files anew, they would be
    compared with the digests of what was there before. A manifest that is damaged is left to `record`.
    """
    root = Path(root)
    try:
        rows = read(root)
    except DamagedFile:
        return
    dropped = rows.keys() & set(map(str, files))
    if dropped:
        _write({name: row for name, row in rows.items() if name not in dropped}, root)


def _write(rows: Mapping[str, Row], root: Path) -> None:
    with (
        replacing(root / paths.MANIFEST) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[name] for name in sorted(rows))


def read(root: str | Path = ".") -> dict[str, Row]:
    """The rows of the manifest by file; none where no workflow has ended yet.

    Raises:
        DamagedFile: it is not as it was written.
    """
    path = Path(root) / paths.MANIFEST
    if not path.is_file():
        return {}
    if not is_complete(path):
        raise DamagedFile(path, "it does not end with a line's end")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (csv.Error, UnicodeDecodeError) as error:
        raise DamagedFile(path, f"it is not a table ({error})") from error
    if any(set(row) != set(COLUMNS) or None in row.values() for row in rows):
        raise DamagedFile(path, f"its columns are not {', '.join(COLUMNS)}")
    return {row["file"]: row for row in rows}


def check(path: Path, row: Mapping[str, str] | None) -> None:
    """Compare a file with its row in the manifest, if it has one.

    Raises:
        DamagedFile: its content is not what was written.
    """
    if row is not None and digest_of_file(path) != row["sha256"]:
        raise DamagedFile(path, "its content is not what the study wrote")
