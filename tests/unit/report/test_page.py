"""The report is one whole page of what there is, and nothing in it changes from run to run but its times."""

import re
from pathlib import Path

import pytest
from tests.unit.report.html_checks import Page, faults
from tests.unit.report.made_up import FIGURES, ROOT

from study import paths
from study.analysis.claim_list import CLAIMS
from study.config.study import CHAPTERS
from study.files import write_json
from study.report.page import duration, page, write_report

TEMPLATES = ROOT / "workflow/study/report/templates"


def outside_times(text: str) -> str:
    before, _, rest = text.partition("<!-- times -->")
    inside, _, after = rest.partition("<!-- /times -->")
    assert 'id="times"' in inside
    return before + after


def benchmark(path: str, seconds: float) -> None:
    file = Path("logs") / f"{path}.benchmark.tsv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"s\th:m:s\tmax_rss\tcpu_time\n{seconds}\t0:00:00\t100.0\t{seconds / 2}\n")


def test_the_page_is_whole_and_loads_nothing(results):
    assert faults(page(results)) == []


def test_faults_are_found(whole):
    text = page(whole)
    for old, new, fault in (
        ('alt="', 'title="', "without words"),
        ("<main>", "<main><script></script>", "a script"),
        ("data:image/png", "https://example.org/png", "loads https"),
        ('id="made"', 'id="times"', "two ids"),
        ('href="#claims"', 'href="#nothing"', "no place"),
        ("</main>", "", "closes nothing"),
        ("<h3", "<h6", "is not closed"),
    ):
        found = "; ".join(faults(text.replace(old, new, 1)))
        assert fault in found or "closes nothing" in found, (old, found)


def test_sections_come_from_what_there_is(results):
    text, chapters = page(results), results.study.chapters
    shown = [name for name in FIGURES if f'<section class="chapter" id="{name}"' in text]
    assert shown == list(chapters)
    assert len(Page(text).images) == 1 + sum(len(FIGURES[name]) for name in chapters)
    for claim in CLAIMS:
        assert f'<span class="id">{claim.id}</span>' in text


def test_every_chapter_says_what_was_asked_done_found_and_what_to_do(whole):
    text = page(whole)
    for chapter in whole.study.chapters:
        for part in ("asked", "done", "came-out", "advice", "tables", "made"):
            assert text.count(f'id="{chapter}-{part}"') == 1
            assert f'href="#{chapter}-{part}"' in text
    for said in (
        "EL2N (early) needs 3",
        "50 % of the texts can go",
        "choose by top by entropy joint",
        "10 [5, 15]",
        "90,000 tokens",
    ):
        assert said in text, said


def test_evidence_of_a_claim_leads_to_its_figure(whole):
    assert '<a href="#difficulty-runs_needed-digits">other</a>' in page(whole)


def test_links_to_files_lead_to_files_from_where_the_page_stands(whole):
    text = page(whole)
    for link in Page(text).links:
        if not link.startswith(("#", "http")) and "made_up" not in link and link != "config.yaml":
            assert (Path(paths.RESULTS) / link).is_file(), link


def test_nothing_but_times_differs_between_two_runs(whole):
    benchmark("difficulty/figures/digits/runs_needed.pdf", 7)
    first = page(whole)
    benchmark("difficulty/figures/digits/runs_needed.pdf", 700)
    benchmark("difficulty/tables/claims.csv", 3)
    for file in Path(paths.RESULTS).rglob("resources.json"):
        write_json(file, {"host": "a-second-host"})
    second = page(whole)
    assert first != second and outside_times(first) == outside_times(second)
    assert "a-second-host" in second and "a-second-host" not in outside_times(second)


def test_the_table_of_times_adds_up(whole):
    benchmark("difficulty/figures/digits/runs_needed.pdf", 120)
    benchmark("difficulty/figures/digits-noisy/runs_needed.pdf", 30)
    benchmark("difficulty/tables/claims.csv", 0.5)
    text = page(whole).partition("<!-- times -->")[2]
    row = re.search(r"<tr><th scope=\"row\">difficulty_figure_runs_needed</th>.*?</tr>", text).group()
    assert re.findall(r"<td[^>]*>(.*?)</td>", row)[:5] == ["difficulty", "2", "2.5 min", "99.7 %", "2.0 min"]
    assert "1 rule that took less" in text and "3 jobs" in text


def test_without_logs_the_page_says_so(whole):
    assert "No job left its time" in page(whole)


def test_the_command_writes_it(whole):
    write_report(whole.study, "work/report-1.json")
    assert Path(paths.REPORT).read_text().rstrip().endswith("</html>")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_has_a_template(chapter):
    assert (TEMPLATES / f"{chapter}.html").is_file()


def test_numbers_of_templates_come_from_results():
    """Digits stand in templates as numbers of papers, in names of tags, and in two words of the field."""
    for template in TEMPLATES.glob("*.html"):
        text = re.sub(
            r"\{[{%#].*?[}%#]\}|<[^>]*>|arXiv [\d.]+|<!--.*?-->", "", template.read_text(), flags=re.S
        )
        assert not re.findall(r"\d", text.replace("depth 1", "").replace("95 % interval", "")), template


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (99, "99 s"), (150, "2.5 min"), (7200, "2.0 h")])
def test_duration(seconds, said):
    assert duration(seconds) == said
