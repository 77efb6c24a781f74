"""A results folder as a whole: whose it is, and whether its files are complete."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from study import paths
from study.completeness import has_end, is_complete
from study.config import StudySettings
from study.errors import StudyError
from study.files import read_json, set_aside, write_json
from study.provenance import digest

_SKEW = 10  # seconds by which clocks of a file server and of a machine may differ


def claim(study: StudySettings, configuration: Sequence[str], root: str | Path = ".") -> None:
    """Write down whose results a folder holds: the study's name, its files, and digests of its runs."""
    owner = {"name": study.name, "configuration": _file_names(configuration), "runs": _runs(study)}
    write_json(Path(root) / paths.OWNER, owner)


def guard(study: StudySettings, configuration: Sequence[str], root: str | Path = ".") -> None:
    """Refuse a results folder that belongs to another study.

    That is one of another name. It is also one of the same name from other configuration files that would put
    other runs in place of those that are there, or share none with them: most likely an overlay without a
    name and a folder of its own. An edited file is the same study, and an overlay that adds to it is welcome.
    Files are told apart by their names.

    Args:
        study: what was asked for.
        configuration: the files that it came from. The study's own resolved configuration, which jobs are
            given, is at home everywhere.

    Raises:
        StudyError: the folder was made by another study; nothing in it was touched.
    """
    stamp = Path(root) / paths.OWNER
    if not stamp.is_file() or not is_complete(stamp):
        return
    owner = read_json(stamp)
    name, where = owner.get("name"), str(stamp.resolve().parent)
    if name != study.name:
        raise StudyError(
            f"this results folder belongs to the study {name!r}, and {study.name!r} was asked for",
            where=where,
            expected=f"a folder that is empty or belongs to {study.name!r}",
            do=f"give the study a folder of its own: snakemake --directory studies/{study.name} ...; "
            "or remove the old results",
        )
    files, resolved = _file_names(configuration), _file_names([os.environ.get("STUDY_CONFIG", "")])
    if files not in (owner.get("configuration", files), resolved):
        _refuse_to_replace(owner, study, files, where)


def _refuse_to_replace(owner: dict, study: StudySettings, files: list[str], where: str) -> None:
    """Refuse configuration files that keep a study's name and would put other runs in place of its own."""
    before, now = owner.get("runs", {}), _runs(study)
    shared = before.keys() & now.keys()
    other = sorted(run for run in shared if before[run] != now[run])
    if not other and (shared or not before):
        return
    runs = ", ".join(other[:3]) + (f" and {len(other) - 3} more" if len(other) > 3 else "")
    reason = f"the runs {runs} would be others" if other else "they share no run"
    raise StudyError(
        f"{' + '.join(files)} would replace the results of {' + '.join(owner['configuration'])}: "
        f"both are named {study.name!r}, and {reason}",
        where=where,
        expected="a name of its own for each study, so that none replaces the results of another",
        do=f"write `name: ...` into {files[-1]}, and give the study a folder of its own "
        f"(snakemake --directory studies/...); if it is to replace these results, remove {paths.OWNER}",
    )


def _runs(study: StudySettings) -> dict[str, str]:
    """What the trainings of each model depend on but for the seed, as digests."""
    named = dict.fromkeys((run.chapter, run.dataset, run.model) for run in study.runs())
    left_out = {"seed": True, "dataset": {"licence"}}
    return {"/".join(run): digest(study.run(*run, 0).model_dump_json(exclude=left_out)) for run in named}


def _file_names(configuration: Sequence[str]) -> list[str]:
    """Names without folders: a project that was moved is the same."""
    return [Path(file).name for file in configuration]


def repair(study: StudySettings, root: str | Path = ".", pretend: bool = False) -> list[Path]:
    """Set aside result files that are empty or cut, so that Snakemake makes them again; name each on stderr.

    Only the ends of files are looked at (25 µs a file); damage inside a file is found by whoever reads it,
    and by `python -m study verify`. Files from the future, by a clock that was wrong, get the time of now:
    Snakemake fails every job that reads an input of such a time.

    Args:
        pretend: name cut files only (dry run).

    Returns:
        The damaged files.
    """
    damaged, ahead, now = [], [], time.time()
    for path in _written_by(study, Path(root)):
        with suppress(FileNotFoundError):  # a job that runs meanwhile replaced it
            if not is_complete(path):
                damaged.append(path)
            elif path.stat().st_mtime > now + _SKEW:
                ahead.append(path)
    for path in damaged:
        if not pretend:
            set_aside(path)
        done = "would be" if pretend else "is"
        print(f"{path} is cut off: it {done} set aside, and computed again", file=sys.stderr)
    if ahead and not pretend:
        for path in ahead:
            os.utime(path, (now, now))  # one time for all: none is newer than another
        print(
            f"{len(ahead)} result files were from the future, {ahead[0]} the first: their time is set to "
            "now. Check the clock of this machine, or of the one that they were copied from.",
            file=sys.stderr,
        )
    return damaged


def _written_by(study: StudySettings, root: Path) -> Iterator[Path]:
    """The files of this study's data sets and chapters; others in the folder would not be computed again."""
    folders = [paths.data_folder(dataset) for dataset in study.all_datasets]
    for chapter in study.chapters:
        place = Path(paths.table(chapter, "any")).parents[1]
        folders += [str(place / name) for name in ("tables", "tuning", "walls")]
        yield from (path for path in files_below(root / place / "figures") if path.parent.name == "figures")
        for dataset in getattr(study, chapter).datasets:
            folders.append(str(Path(paths.analysis(chapter, dataset, "any")).parents[1]))
            folders.append(str(Path(paths.figure(chapter, dataset, "any", "pdf")).parent))
    yield from (root / path for path in (paths.INDEX, paths.REPORT, paths.CONFIG) if (root / path).is_file())
    for folder in folders:
        yield from files_below(root / folder)


def files_below(folder: Path) -> Iterator[Path]:
    """Result files in a folder and those below it, in order: no hidden ones, none that were set aside."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and has_end(path):
                yield path


def results_folder(root: str | Path) -> Path:
    """The results below a folder in which a study runs.

    Raises:
        StudyError: there are none.
    """
    folder = Path(root) / paths.RESULTS
    if next(files_below(folder), None) is None:
        raise StudyError(
            "there are no results",
            where=str(folder.resolve()),
            expected="a folder in which the study ran",
            do="change to the study's folder (see snakemake --directory), or run the study first",
        )
    return folder
