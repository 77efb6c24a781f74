"""What pages of the repository say of results is so in the plan of the default study."""

import re

import pytest

from study import paths
from study.report.contents import Contents, read_contents
from study.report.descriptions import descriptions
from study.report.figure_map import figure_map
from study.report.gallery import MAIN
from tests.project import ROOT
from tests.unit.test_documentation import PAGES

DESCRIBED = [page for page in PAGES if page.parent.name in (ROOT.name, "docs")]


def named_results() -> dict[str, str]:
    """Every file of the default study that a page names, with the page."""
    found = {}
    for page in DESCRIBED:
        for path in re.findall(r"(?<![\w/-])results/[\w./=-]+\.\w+", page.read_text()):
            if not path.endswith("README.md") and path not in (paths.MANIFEST, paths.OWNER):  # of no rule
                found[path] = page.name
    return found


@pytest.fixture(scope="module")
def contents(checkout, tmp_path_factory) -> Contents:
    """What the report of the default study would show, after a plan of every file that pages name."""
    folder = tmp_path_factory.mktemp("default")
    wanted = [paths.REPORT, *named_results()]
    ran = checkout.snakemake("--dry-run", "--", *wanted, config=("config/config.yaml",), folder=folder)
    assert ran.code == 0, ran.text  # a file that no rule makes is named
    (listed,) = (folder / "work").glob("report-*.json")
    return read_contents(listed)


def test_the_list_of_figures_is_in_step_with_the_plans(contents):
    hint = "run: python -m study figures --contents work/report-*.json"
    assert (ROOT / "docs/figures.md").read_text() == figure_map(contents), hint


def test_every_table_is_described(contents):
    for chapter, tables in contents.tables.items():
        assert set(tables) <= set(descriptions(chapter)), f"workflow/study/report/texts/tables.csv: {chapter}"


def test_figures_of_the_gallery_are_made(contents):
    made = {figure.files["png"] for figure in contents.figures} | {paths.study_figure("claims", "png")}
    assert {f"{paths.RESULTS}/{name}.png" for names in MAIN.values() for name in names} <= made


def test_pages_name_results():
    assert len(named_results()) > 20
