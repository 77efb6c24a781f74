"""What commands of `python -m study` do that no rule calls: they are for people.

Modules are imported when a command is called: torch costs seconds, and most commands need none.
"""

import argparse
from importlib import import_module
from pathlib import Path

from study.errors import StudyError
from study.files import DamagedFile, set_aside, write_csv


def measured(options: argparse.Namespace) -> None:
    """What jobs took.

    Raises:
        StudyError: no job has finished in this folder.
    """
    times, contents = import_module("study.report.times"), import_module("study.report.contents")
    jobs = times.finished_jobs(contents.read_contents(contents.latest()).rules)
    if not jobs:
        raise StudyError(
            "no job has finished here",
            where=str(Path.cwd()),
            expected="a folder in which the study ran, or a part of it",
            do="run a part of the study first: one job of each kind is enough",
        )
    write_csv(options.output, times.measured(jobs))


def docs(options: argparse.Namespace) -> None:
    """The pages that describe the configuration."""
    docs = import_module("study.config.docs")
    (options.folder / "README.md").write_text(docs.readme())
    (options.folder / "schema.json").write_text(docs.schema())


def figures(options: argparse.Namespace) -> None:
    """The page that lists the figures."""
    contents = import_module("study.report.contents").read_contents(options.contents)
    page = import_module("study.report.figure_map").figure_map(contents)
    (options.folder / "figures.md").write_text(page, encoding="utf-8")


def gallery(options: argparse.Namespace) -> None:
    """The page with the main figures, small."""
    import_module("study.report.gallery").write_gallery(options.results, options.folder)


def check(options: argparse.Namespace) -> None:
    """Check configuration files."""
    study = import_module("study.config.files").read(options.files)
    print(f"the configuration of the study {study.name!r} is right")


def diff(options: argparse.Namespace) -> None:
    """Compare two results folders; they may not differ by more than the tolerance."""
    found = import_module("study.differences.folders").compare(options.a, options.b)
    print(import_module("study.differences.told").in_words(found, options.most, options.tolerance))
    if options.output:
        write_csv(options.output, found.table())
    if found.beyond(options.tolerance):
        raise SystemExit(1)


def verify(options: argparse.Namespace) -> None:
    """Read every result file and set damaged ones aside."""
    damaged = import_module("study.chapters.verify").run()
    for path, reason in damaged:
        set_aside(path)
        print(f"{path}: {reason}: it is set aside")
    print(f"{len(damaged)} damaged files" if damaged else "every result file can be read")
    if damaged:
        raise SystemExit(1)


def provenance(options: argparse.Namespace) -> None:
    """What made a result file.

    Raises:
        StudyError: a file that is asked for, or looked at, is damaged; looking moves no file.
    """
    try:
        for line in import_module("study.chapters.ancestry").told(options.file):
            print(line)
    except DamagedFile as error:
        do = "`python -m study verify` sets it aside; the next snakemake makes it again"
        raise StudyError(error.what, where=error.where, expected=error.expected, do=do) from error


def pin(options: argparse.Namespace) -> None:
    """The latest revision of a data set of the hub."""
    pin = import_module("study.data.hub").latest_revision
    print(f"{options.id}: revision: {pin(options.id)}")
