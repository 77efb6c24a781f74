"""docs/figures.md: every figure, what makes it, from which tables, and which of a paper's it follows."""

from collections.abc import Iterator
from itertools import groupby

from study import paths
from study.report.captions import caption
from study.report.contents import Contents, Figure

_INTRODUCTION = """\
# Figures

Generated from the default study's plan by `python -m study figures`; do not edit it here.

Any of them can be asked for by its path: `snakemake <path>`. Beside each pdf lie a png, a csv with exactly
the plotted points, and the words on its numbers. Where a row names a figure of the paper, the one here shows
the same of this study's data and models, and mostly more; where it names none, it is this study's own, or it
is not known here which of the paper's it follows.
"""
_HEAD = "| figure | shows | rule | ask for it as | drawn from | in the paper |\n|---|---|---|---|---|---|"


def figure_map(contents: Contents) -> str:
    """The page as markdown."""
    return "\n".join([_INTRODUCTION, *_of_study(), *_of_chapters(contents)]) + "\n"


def _of_study() -> Iterator[str]:
    path, table = paths.study_figure("claims", "pdf"), paths.CLAIMS
    yield f"## All chapters\n\n{_HEAD}"
    yield _row("claims", caption("claims").lead, "draw_claims", path, (table,), "")


def _of_chapters(contents: Contents) -> Iterator[str]:
    for chapter, figures in groupby(contents.figures, lambda figure: figure.chapter):
        yield f"\n## {chapter}\n\n{_HEAD}"
        for name, panels in groupby(figures, lambda figure: figure.name):
            yield _of_figure(name, list(panels))


def _of_figure(name: str, panels: list[Figure]) -> str:
    first = panels[0]
    others = len(panels) - 1
    more = f", and {others} other data set{'' if others == 1 else 's'}" if others else ""
    row = (caption(name).lead, first.rule, first.files["pdf"], first.tables, first.paper)
    return _row(name, *row, more)


def _row(
    name: str, shows: str, rule: str, path: str, tables: tuple[str, ...], paper: str, more: str = ""
) -> str:
    names = dict.fromkeys(table.rpartition("/")[2] for table in tables)
    drawn_from = ", ".join(f"`{table}`" for table in names) or "results of runs"
    cells = (f"`{name}`", shows.replace("|", r"\|"), f"`{rule}`", f"`{path}`{more}", drawn_from, paper or "–")
    return f"| {' | '.join(cells)} |"
