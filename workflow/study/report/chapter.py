"""A chapter of the report: its template filled with numbers, and its figures with captions."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment
from markupsafe import Markup

from study.report import origin
from study.report.captions import Caption, as_html, caption
from study.report.contents import Figure
from study.report.descriptions import descriptions
from study.report.pictures import Picture, embedded
from study.report.reading import Facts, Results


class Panel(NamedTuple):
    """A figure of one data set, or of all."""

    figure: Figure
    picture: Picture
    found: Markup
    """What its numbers say, as HTML."""

    @property
    def anchor(self) -> str:
        """Its place in the page."""
        return "-".join(filter(None, (self.figure.chapter, self.figure.name, self.figure.dataset)))


class Shown(NamedTuple):
    """A figure, for each data set that it is drawn for."""

    title: str
    caption: Caption
    paper: str
    panels: list[Panel]


class Chapter(NamedTuple):
    """A chapter as the page shows it."""

    name: str
    title: str
    sections: tuple[str, ...]
    panels: tuple[Panel, ...]
    html: Markup


def chapter(results: Results, name: str, environment: Environment) -> Chapter:
    """A chapter from its own template or, where it has none, from that of any chapter."""
    template = environment.select_template([f"{name}.html", "chapter.html"])
    sections = dict(_sections(results, name))
    tables = results.contents.tables.get(name, {})
    values = {
        "name": name,
        "study": results.study,
        "settings": getattr(results.study, name),
        "results": results,
        "facts": _facts(results, name),
        "claims": [claim for claim in results.claims if claim.chapter == name],
        "sections": sections,
        "tables": [(table, path, descriptions(name).get(table, "")) for table, path in tables.items()],
        "made": origin.made(results, name),
    }
    title = "".join(template.blocks["title"](template.new_context(values)))
    panels = tuple(panel for shown in sections.values() for figure in shown for panel in figure.panels)
    return Chapter(name, title, tuple(sections), panels, Markup(template.render(values)))


def found(path: str | Path) -> Markup:
    """The words of a study on its numbers, a file of reStructuredText, as HTML."""
    return Markup(as_html(Path(path).read_text(encoding="utf-8")))


def _facts(results: Results, name: str) -> Facts:
    module = f"study.report.{name}"
    return import_module(module).facts(results) if find_spec(module) else Facts()


def _sections(results: Results, name: str) -> Iterator[tuple[str, list[Shown]]]:
    """The figures of a chapter by section, both in the order of its plan."""
    mine = [figure for figure in results.contents.figures if figure.chapter == name]
    for section in dict.fromkeys(figure.section for figure in mine):
        of_section = (figure for figure in mine if figure.section == section)
        groups = (list(group) for _, group in groupby(of_section, lambda figure: figure.name))
        yield section, [_shown(group) for group in groups]


def _shown(figures: list[Figure]) -> Shown:
    first = figures[0]
    panels = [Panel(figure, embedded(figure.files["png"]), found(figure.files["rst"])) for figure in figures]
    return Shown(first.title, caption(first.name), first.paper, panels)
