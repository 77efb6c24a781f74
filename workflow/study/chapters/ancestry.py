"""Command `provenance`: what made a result file, and whether it would be the same now.

Snakemake is asked for the file's history and its plan; metrics.json of the runs behind the file says with
which code, data, packages and devices they trained; the manifest says what was written.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from study import manifest, paths
from study.completeness import has_end, is_complete
from study.config.files import read_mapping
from study.errors import StudyError
from study.files import DamagedFile, digest_of_file, read_json
from study.provenance import package_versions
from study.training.device import device_kind, prepare_device

PROJECT = Path(__file__).parents[3]
_SHOWN = 5  # of each kind of thing, the rest is counted
_REASONS = {
    "ok": "made from what would be made again",
    "params changed": "its code or settings are others now",
    "rule implementation changed": "its rule is another now",
}


class Step(NamedTuple):
    """A file on the way to a result, as Snakemake knows it."""

    file: str
    date: str
    rule: str
    inputs: tuple[str, ...]
    command: str
    status: str
    """`ok`, or what has changed since the file was made."""
    stays: bool
    """Whether Snakemake would leave it as it is."""


def told(file: str | Path, root: str | Path = ".") -> Iterator[str]:
    """What made a file, and whether it would be the same now; a line each.

    Raises:
        StudyError: the file is not there, or no rule of the study makes it.
        DamagedFile: it is cut off, or a file that says something of it is damaged.
    """
    root, name = Path(root), _name(Path(file), Path(root))
    for needed in (name, paths.CONFIG):
        if _is_cut(root / needed):
            raise DamagedFile(root / needed, "it is cut off or empty")
    steps = {step.file: step for step in _history(name, root)}
    if name not in steps:
        raise _not_of_the_study(name)
    step, behind = steps[name], _behind(name, steps)
    row, digest = manifest.read(root).get(name), digest_of_file(root / name)
    runs = _runs([steps[file] for file in behind], root)
    yield name
    yield f"  made by    rule {step.rule}, {step.date}"
    yield f"  command    {step.command}"
    yield from _configuration(root, row)
    yield from _content(root / name, digest, row)
    yield f"  made from  {len(behind) - 1} files, {len(runs)} of them runs of models"
    yield from _of_runs(runs)
    altered = row is not None and digest != row["sha256"]
    yield from _now([steps[file] for file in behind], altered, root, runs)


def _name(file: Path, root: Path) -> str:
    if not (root / file).is_file():
        raise StudyError(
            "there is no such file",
            where=str(root / file),
            expected="a result file, as a path from the study's folder (results/...)",
            do="correct the path, or change to the study's folder",
        )
    path = (root / file).resolve()
    return path.relative_to(root.resolve()).as_posix() if path.is_relative_to(root.resolve()) else str(path)


def _is_cut(path: Path) -> bool:
    return path.is_file() and has_end(path) and not is_complete(path)


def _history(name: str, root: Path) -> list[Step]:
    """What Snakemake knows of a file and of all that it is made from."""
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(PROJECT / "Snakefile")),
        *("--configfile", paths.CONFIG, "--nolock", "--quiet", "all", "--detailed-summary", "--", name),
    ]
    environment = {key: value for key, value in os.environ.items() if key != "STUDY_CONFIG"}
    asked = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment)
    lines = asked.stdout.splitlines()
    heads = [place for place, line in enumerate(lines) if line.startswith("output_file\t")]
    if asked.returncode != 0 or not heads:
        raise _not_of_the_study(name, asked.stderr)
    rows = csv.DictReader(lines[heads[0] :], delimiter="\t", quoting=csv.QUOTE_NONE)
    return [
        Step(
            row["output_file"],
            row["date"],
            row["rule"],
            tuple(file for file in row["input-file(s)"].split(",") if file != "-"),
            row["shellcmd"],
            row["status"],
            row["plan"] == "no update",
        )
        for row in rows
    ]


def _behind(name: str, steps: dict[str, Step]) -> list[str]:
    """A file and all that it is made from."""
    found, waiting = {name: None}, [name]
    while waiting:
        for file in steps[waiting.pop()].inputs:
            if file in steps and file not in found:
                found[file] = None
                waiting.append(file)
    return list(found)


def _runs(steps: Iterable[Step], root: Path) -> dict[str, dict[str, Any]]:
    """What runs of models say of themselves, by their folders."""
    folders = dict.fromkeys(os.path.dirname(step.file) for step in steps)
    found = {folder: root / folder / "metrics.json" for folder in folders}
    read = {folder: read_json(path) for folder, path in found.items() if path.is_file()}
    return {folder: metrics["provenance"] for folder, metrics in read.items() if "provenance" in metrics}


def _configuration(root: Path, row: manifest.Row | None) -> Iterator[str]:
    owner = read_json(root / paths.OWNER)
    files = " + ".join(owner["configuration"])
    yield f"  config     study {owner['name']!r} from {files}, resolved in {paths.CONFIG}"
    if row is not None:
        code, settings = row["code"] or "none of its own", row["settings"] or "none of its own"
        yield f"  digests    code {code}, settings {settings}"


def _content(path: Path, found: str, row: manifest.Row | None) -> Iterator[str]:
    if row is None:
        said = "not in the manifest: no run of the workflow has ended since it was, or was to be, made"
    else:
        said = "as it was written" if found == row["sha256"] else f"written was {row['sha256'][:16]}: CHANGED"
    yield f"  content    sha256 {found[:16]}, {path.stat().st_size:,} bytes, {said}"


def _of_runs(runs: dict[str, dict[str, Any]]) -> Iterator[str]:
    if not runs:
        return
    for label, key in (("data", "data"), ("code", "code"), ("device", "device"), ("threads", "threads")):
        yield f"  {label:<10} {_listed(str(run[key]) for run in runs.values())}"
    packages = (", ".join(f"{k} {v}" for k, v in run["packages"].items()) for run in runs.values())
    yield f"  packages   {_listed(packages)}"


def _now(steps: list[Step], altered: bool, root: Path, runs: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Whether the file would be the same if it were made now, and what speaks against it."""
    reasons = []
    if altered:
        reasons.append("its content was changed after it was written (`python -m study verify`)")
    here, installed = _device(root), package_versions()
    for device in dict.fromkeys(run["device"] for run in runs.values()):
        if device != here:
            reasons.append(f"runs were made on {device}, this machine has {here}: equal to rounding only")
    then = dict.fromkeys((k, v) for run in runs.values() for k, v in run["packages"].items())
    reasons += [
        f"{package} was {version}, {installed.get(package)} is installed"
        for package, version in then
        if installed.get(package) != version
    ]
    cut = [step.file for step in steps if _is_cut(root / step.file)]
    reasons += [f"cut off or empty: {_listed(cut, 1)}"] if cut else []
    reasons += _changed(steps)
    same = "it would be the same" + (", but for measured seconds" if manifest.is_timed(steps[0].file) else "")
    yield f"  now        {'it would be made again, or differ:' if reasons else same}"
    yield from (f"             {reason}" for reason in reasons)


def _changed(steps: list[Step]) -> Iterator[str]:
    """What Snakemake would make again among a file and what it is made from, by reason."""
    files: dict[str, list[str]] = {}
    for step in steps:
        if not step.stays:
            files.setdefault(_REASONS.get(step.status, step.status), []).append(step.file)
    for reason, changed in files.items():
        yield f"{reason}: {_listed(changed, 1)}"


def _device(root: Path) -> str:
    """The kind of device on which the study would train here."""
    wanted = read_mapping(root / paths.CONFIG)["runtime"]["device"]
    return device_kind(prepare_device("cpu" if wanted == "cpu" else "auto", 1))


def _listed(values: Iterable[str], shown: int = _SHOWN) -> str:
    found = list(dict.fromkeys(values))
    more = f" and {len(found) - shown} more" if len(found) > shown else ""
    return "; ".join(found[:shown]) + more


def _not_of_the_study(name: str, said: str = "") -> StudyError:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return StudyError(
        "no rule of this study makes the file" + (f": {lines[-1]}" if lines else ""),
        where=name,
        expected="a result of the study in this folder, with its results/config.yaml",
        do="name a file of results/, from the folder in which the study ran",
    )
