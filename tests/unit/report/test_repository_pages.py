"""Pages of the repository that are made from plans and from results."""

import re
from pathlib import Path

import pytest
from PIL import Image

from study.errors import StudyError
from study.report.figure_map import figure_map
from study.report.gallery import MAIN, write_gallery


def test_the_list_of_figures_has_a_row_for_each(whole):
    rows = [line for line in figure_map(whole.contents).splitlines() if line.startswith("| `")]
    cells = {row.split(" | ")[0].strip("| `"): row.strip("| ").split(" | ") for row in rows}
    assert set(cells) == {"claims", *(figure.name for figure in whole.contents.figures)}
    assert len(rows) == len(cells)
    runs_needed = cells["runs_needed"]
    assert runs_needed[2:] == [
        "`difficulty_figure_runs_needed`",
        "`results/difficulty/figures/digits/runs_needed.pdf`, and 1 other data set",
        "`made_up.csv`",
        "figure 1",
    ]
    assert cells["claims"][-2:] == ["`claims.csv`", "–"]


@pytest.fixture
def drawn(tmp_path):
    """A results folder with all main figures."""
    for figures in MAIN.values():
        for name in figures:
            (tmp_path / f"results/{name}.png").parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (1400, 700), "white").save(tmp_path / f"results/{name}.png")
    return tmp_path / "results"


def test_the_gallery_has_every_main_figure_small(drawn, tmp_path):
    write_gallery(drawn, tmp_path / "docs")
    page = (tmp_path / "docs/gallery.md").read_text()
    named = re.findall(r"\]\((gallery/.+?\.png)\)", page)
    assert len(named) == len(set(named)) == sum(len(figures) for figures in MAIN.values())
    for name in named:
        with Image.open(tmp_path / "docs" / name) as picture:
            assert picture.width == 900


def test_a_missing_figure_is_told(drawn, tmp_path):
    Path(drawn, "figures/claims.png").unlink()
    with pytest.raises(StudyError, match="a figure is missing"):
        write_gallery(drawn, tmp_path / "docs")
