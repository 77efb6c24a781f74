"""The code keeps the rules that it set itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "workflow/study"
BIN = Path(sys.executable).parent
# Whoever stands further right may import whoever stands further left, never the other way.
LAYERS = (
    "ground",
    "config",
    "data",
    "theory",
    "models",
    "scores",
    "selection",
    "training",
    "analysis",
    "plotting",
    "chapters",
    "report",
    "cli",
)
GROUND = {
    "completeness",
    "errors",
    "kinds",
    "manifest",
    "counts",
    "names",
    "processes",
    "seeds",
    "stopping",
    "paths",
    "files",
    "provenance",
    "tables",
    "telling",
}
# Names of scores are metadata that the configuration checks names against, sizes of decoders are arithmetic.
ALLOWED = {
    ("config", "study.models.counting"),
    ("config", "study.scores.registry"),
    ("config", "study.scores.pointwise"),
    ("config", "study.selection.uncertainty"),
    ("config", "study.names"),
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def layer(module: str) -> str:
    part = module.split(".")[1] if "." in module else ""
    if part in GROUND:
        return "ground"
    chapters, cli = ("results", "differences"), ("__main__", "commands", "tools")
    return "chapters" if part in chapters else "cli" if part in cli else part or "ground"


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


def name_of(path: Path) -> str:
    return ".".join(("study", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path):
    own = LAYERS.index(layer(name_of(path)))
    for module in imports(path):
        assert not module.startswith("snakemake"), f"{path} imports snakemake"
        if module.startswith("study.") and (LAYERS[own], module) not in ALLOWED:
            assert LAYERS.index(layer(module)) <= own, f"{path} imports {module}"


def test_models_and_scores_do_not_know_each_other():
    for path in (PACKAGE / "models").glob("*.py"):
        assert not any(module.startswith("study.scores") for module in imports(path)), path
    for path in (PACKAGE / "scores").glob("*.py"):
        assert not any(module.startswith("study.models") for module in imports(path)), path


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_and_functions_are_small(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 300, path
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and body_lines(node) > 60
    ]
    assert not long, f"{path}: {long}"


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_scripts_only_draw():
    for path in (ROOT / "workflow/scripts").glob("*.py"):
        assert len(path.read_text().splitlines()) <= 40, path


def test_the_root_snakefile_is_short():
    assert len((ROOT / "Snakefile").read_text().splitlines()) <= 70


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("snakefmt", "--check", "Snakefile", "workflow/rules"),
        ("snakemake", "--lint"),
    ],
    ids=" ".join,
)
def test_linters_have_nothing_to_say(command):
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
