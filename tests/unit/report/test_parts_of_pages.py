"""Pictures, captions, times and descriptions, each by itself."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.report.made_up import ROOT

from study.files import DamagedFile
from study.report.captions import as_html, caption
from study.report.contents import Timed
from study.report.descriptions import descriptions
from study.report.pictures import embedded, shrunk
from study.report.times import SHARED, by_chapter, by_rule, finished_jobs, measured

TEXTS = ROOT / "workflow/study/report/texts"
HEADER = "s\th:m:s\tmax_rss\tmax_vms\tcpu_time\n"


@pytest.fixture
def plot(tmp_path):
    """A picture as matplotlib would write it: white, with a ramp of colours."""
    values = np.full((120, 200, 4), 255, np.uint8)
    values[20:100, 20:180, 0] = np.arange(160)
    Image.fromarray(values).save(tmp_path / "plot.png")
    return tmp_path / "plot.png"


def test_pictures_keep_their_size_and_look(plot):
    png, size = shrunk(plot)
    assert size == (200, 120) and len(png) <= plot.stat().st_size
    with Image.open(io.BytesIO(png)) as small, Image.open(plot) as original:
        difference = np.subtract(small.convert("RGB"), original.convert("RGB"), dtype=float)
    assert np.abs(difference).max() <= 2
    assert embedded(plot).uri.startswith("data:image/png;base64,") and embedded(plot) == embedded(plot)


def test_pictures_can_be_scaled_down_and_never_up(plot):
    assert shrunk(plot, width=100)[1] == (100, 60)
    assert shrunk(plot, width=1000)[1] == (200, 120)


def test_what_is_no_picture_is_told(tmp_path):
    (tmp_path / "plot.png").write_text("no picture")
    with pytest.raises(DamagedFile, match="not a picture"):
        embedded(tmp_path / "plot.png")


@pytest.mark.parametrize("name", sorted(path.stem for path in TEXTS.glob("*.rst")))
def test_every_caption_can_be_read(name):
    found = caption(name)
    assert found.lead and not found.lead.endswith(".") and found.reading.startswith("<p>")


def test_every_script_has_a_caption_and_every_caption_a_script():
    scripts = {path.stem.removeprefix("fig_") for path in (ROOT / "workflow/scripts").glob("fig_*.py")}
    assert {path.stem for path in TEXTS.glob("*.rst")} == scripts


def test_a_figure_without_a_caption_is_named_in_words():
    assert caption("my_own_figure").lead == "my own figure"


def test_a_caption_that_is_wrong_is_told():
    with pytest.raises(Exception, match="literal"):
        as_html("an ``open literal")


def test_files_are_not_included():
    with pytest.raises(Exception, match="include"):
        as_html(".. include:: /etc/passwd")


def test_tables_are_described_once():
    lines = (TEXTS / "tables.csv").read_text().splitlines()[1:]
    names = [tuple(line.split(",")[:2]) for line in lines]
    assert len(names) == len(set(names))
    assert descriptions("experts")["capacity"] and descriptions("nothing") == {}


def logged(root, name, text):
    file = root / "logs" / f"{name}.benchmark.tsv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEADER + text)


RULES = (
    Timed("any", r"logs/(?P<a>.+)/(?P<b>.+)\.benchmark\.tsv$"),
    Timed("train_seeds_0_to_5", r"logs/difficulty/seeds=0\.benchmark\.tsv$"),
    Timed("train_seeds_6", r"logs/difficulty/seeds=1\.benchmark\.tsv$"),
)


def test_jobs_are_of_the_rule_whose_pattern_says_most(tmp_path):
    logged(tmp_path, "difficulty/seeds=0", "10.5\t0:00:10\t300.5\t-\t9.5\n")
    logged(tmp_path, "difficulty/seeds=1", "20\t0:00:20\tNA\t-\t-\n")
    logged(tmp_path, "data/other", "1\t0:00:01\t50\t-\t0.5\n")
    logged(tmp_path, "unknown", "99\t0:01:39\t50\t-\t0.5\n")
    jobs = finished_jobs(RULES, tmp_path)
    assert [job.rule for job in jobs] == ["any", "train_seeds", "train_seeds"] and np.isnan(
        jobs[-1].memory_mb
    )
    table = measured(jobs)
    assert table.to_numpy().tolist() == [["any", 1, 1.0, 50.0], ["train_seeds", 2, 20.0, 300.5]]
    train, rest = by_rule(jobs)
    assert train == ("train_seeds", "difficulty", 2, 30.5, 20.0, 9.5, 300.5)
    assert rest.chapter == SHARED and [part.name for part in by_chapter([rest, train])] == [
        "difficulty",
        SHARED,
    ]


@given(st.lists(st.tuples(st.sampled_from("01"), st.floats(0, 1e4)), max_size=20))
@settings(max_examples=30, deadline=None)
def test_sums_over_rules_and_chapters_are_the_sum_over_jobs(tmp_path_factory, repeats):
    root = tmp_path_factory.mktemp("logs")
    for seed in "01":
        rows = [f"{seconds}\t0\t1\t1\t{seconds}\n" for part, seconds in repeats if part == seed]
        logged(root, f"difficulty/seeds={seed}", "".join(rows))
    rules = by_rule(finished_jobs(RULES, root))
    for parts in (rules, by_chapter(rules)):
        assert sum(part.seconds for part in parts) == pytest.approx(sum(seconds for _, seconds in repeats))
        assert sum(part.jobs for part in parts) == len(repeats)
