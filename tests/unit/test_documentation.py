"""Pages of the repository name what is there: links lead somewhere, commands can be typed as they stand."""

import re
import shlex
from pathlib import Path

import pytest
from snakemake.cli import get_argument_parser

from study import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "config/README.md"])
PAGES += [ROOT / "results/README.md", ROOT / "benchmarks/BENCHMARKS.md"]
LINES = 60  # of a page that is read at one go, tables of figures aside
LONG = ("README.md", "figures.md", "gallery.md")


def fenced(text: str) -> list[str]:
    """The code blocks of a page without a language: what is typed."""
    return re.findall(r"^```\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def commands(path: Path) -> list[str]:
    """The commands that a page shows, in blocks or in a line of text."""
    text = path.read_text().replace("\\\n", "")
    typed = [line for block in fenced(text) for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`([^`]+)`", prose)
    known = ("python -m study ", "python benchmarks/", "snakemake ", "make ", "pip ")
    return [
        line for line in (*typed, *spans) if line.startswith(known) and "…" not in line and "<" not in line
    ]


def every(page_commands: str) -> list[tuple[str, list[str]]]:
    """Commands that begin so on all pages, each with its page and split into words."""
    return [
        (path.name, shlex.split(command, comments=True))
        for path in PAGES
        for command in commands(path)
        if command.startswith(page_commands)
    ]


def slug(heading: str) -> str:
    """The anchor that a heading gets on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, anchor = link.partition("#")
        if name.startswith(("http:", "https:")):
            continue
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(), flags=re.MULTILINE)
            assert anchor in map(slug, headings), f"{page.name}: {link}"


def test_every_page_is_reached_from_the_first():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        for link in re.findall(r"\]\(([^)#\s]+\.md)", page.read_text()):
            target = (page.parent / link).resolve()
            waiting += [target] if target not in seen else []
    assert set((ROOT / "docs").glob("*.md")) <= seen


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_a_page_is_read_at_one_go(page):
    assert page.name in LONG or len(page.read_text().splitlines()) <= LINES


def test_commands_of_the_study_parse(monkeypatch):
    monkeypatch.setenv("STUDY_CONFIG", "work/config.json")
    found = every("python -m study ")
    assert len({words[3] for _, words in found}) >= 5
    for page, words in found:
        named_alone = len(words) == 4  # in a sentence: the name has to be right
        assert parses(words[3:]) or (named_alone and parses([words[3], "--help"])), (
            f"{page}: {shlex.join(words)}"
        )


def parses(arguments: list[str]) -> bool:
    try:
        cli._parser().parse_args(arguments)
    except SystemExit as left:
        return left.code == 0
    return True


def test_commands_of_snakemake_parse():
    parser, found = get_argument_parser(), every("snakemake ")
    assert len(found) >= 8
    for page, words in found:
        try:
            options = parser.parse_args(words[1:])
        except SystemExit:
            pytest.fail(f"{page}: {shlex.join(words)}")
        files = [*(options.configfile or []), *map(Path, options.profile or [])]
        for file in files:
            assert (ROOT / file).exists() or file.name == "mine.yaml", f"{page}: {file}"


def test_scripts_and_targets_are_there():
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    for page, words in every("make "):
        assert words[1] in targets, f"{page}: {shlex.join(words)}"
    for page, words in every("python benchmarks/"):
        assert (ROOT / words[1]).is_file(), f"{page}: {shlex.join(words)}"
    for page, words in every("pip "):
        assert all((ROOT / name).is_file() for name in words if name.endswith(".txt")), page


def test_files_of_the_repository_that_are_named_are_there():
    """Paths that begin with one of its folders, in the text or in commands."""
    folders = "benchmarks|config|docs|envs|profiles|tests|workflow"
    for page in PAGES[:-2]:
        for name in re.findall(rf"(?<![\w/.])((?:{folders})/[\w./-]+)", page.read_text()):
            at = [ROOT / name, page.parent / name, ROOT / "workflow/study" / name]
            assert any(path.exists() for path in at), f"{page.name}: {name}"
