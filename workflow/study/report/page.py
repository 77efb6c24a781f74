"""The report: one HTML page that needs no other file; its bytes follow from results, but for its times."""

from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from study import paths
from study.config import StudySettings
from study.files import write_text
from study.plotting import words
from study.report import origin, times
from study.report.captions import caption
from study.report.chapter import chapter, found
from study.report.claims import sentence, tally
from study.report.contents import read_contents
from study.report.pictures import embedded
from study.report.reading import Results

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN_SHARE = 0.01  # rules that took a smaller share of all time are folded away


def write_report(study: StudySettings, contents: str | Path) -> None:
    """Write results/report.html of the study in whose folder this process runs.

    Args:
        study: its settings.
        contents: the file in which the workflow listed what is shown.

    Raises:
        StudyError: a result is missing.
        DamagedFile: one cannot be read.
    """
    write_text(paths.REPORT, page(Results(study, read_contents(contents))))


def page(results: Results) -> str:
    """The page as text."""
    environment = _environment()
    chapters = [chapter(results, name, environment) for name in results.study.chapters]
    return environment.get_template("page.html").render(
        style=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
        study=results.study,
        results=results,
        claims=results.claims,
        tally=tally(results.claims),
        anchors={panel.figure.files["png"]: panel.anchor for part in chapters for panel in part.panels},
        forest=embedded(paths.study_figure("claims", "png")),
        forest_caption=caption("claims"),
        forest_found=found(paths.study_figure("claims", "rst")),
        chapters=chapters,
        data_sets=origin.data_sets(results),
        versions=origin.versions(results),
        reached=found(paths.INDEX_IN_WORDS),
        times=_times(results),
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": words.number,
        "percent": words.percent,
        "beside": lambda path: path.removeprefix(f"{paths.RESULTS}/"),  # the report stands in that folder
        "duration": duration,
        "sentence": sentence,
    }
    environment.globals |= {"count_of": words.count_of}
    return environment


def duration(seconds: float) -> str:
    """`42 s`, `3.5 min` or `1.7 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:,.1f} h"


def _times(results: Results) -> dict[str, Any]:
    """The one part of the page that no second run repeats."""
    rules = times.by_rule(times.finished_jobs(results.contents.rules))
    total = sum(spent.seconds for spent in rules)
    return {
        "date": date.today().isoformat(),
        "hosts": origin.hosts(results),
        "total": total,
        "processor": sum(spent.processor_seconds for spent in rules),
        "jobs": sum(spent.jobs for spent in rules),
        "chapters": times.by_chapter(rules),
        "most": [spent for spent in rules if spent.seconds >= _SHOWN_SHARE * total],
        "less": [spent for spent in rules if spent.seconds < _SHOWN_SHARE * total],
    }
