"""A changed formula changes a digest; a changed comment or docstring does not; unrelated code does not."""

import ast
import shutil
from pathlib import Path

import pytest

from study import provenance

ROOT = Path(provenance.__file__).parent


@pytest.fixture
def package(tmp_path, monkeypatch):
    copy = tmp_path / "study"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "PACKAGE", copy)
    forget()
    yield copy
    forget()


def forget():
    provenance._read.cache_clear()
    provenance._version.cache_clear()


def digests():
    forget()
    names = ("study.training.image_runs", "study.chapters.difficulty.consistency", "study.chapters.collect")
    return [provenance.code_version(name) for name in names]


def edit(path: Path, old: str, new: str):
    text = path.read_text()
    assert old in text, f"{path} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1))


def test_comments_and_docstrings_do_not_count(package):
    before = digests()
    loop = package / "training/loop.py"
    loop.write_text("# a new comment\n" + loop.read_text().replace('"""', '"""Altered. ', 1))
    assert digests() == before


def test_strings_that_stand_alone_do_not_count_wherever_they_stand(package):
    before = digests()
    edit(
        package / "data/dataset.py",
        '"""Images (N, C, H, W), rows of tokens (N, L) or packed texts (N, W): uint8, some tokens uint16."""',
        '"""Pictures."""',
    )  # of an attribute
    edit(
        package / "training/loop.py",
        "        if checkpoint:\n",
        "        if checkpoint:\n            'Now.'\n",
    )
    assert digests() == before


def test_strings_that_are_values_do_count(package):
    before = digests()
    edit(package / "data/dataset.py", '"arrays.safetensors"', '"array.safetensors"')
    assert digests()[0] != before[0]


@pytest.mark.parametrize(
    ("upgraded", "reached"),
    [("torch", [True, False, False]), ("scipy", [False, True, False]), ("pandas", [False, False, False])],
)
def test_an_upgrade_repeats_what_computes_with_the_package(package, monkeypatch, upgraded, reached):
    before = digests()
    installed = provenance.version
    monkeypatch.setattr(provenance, "version", lambda name: "99.0" if name == upgraded else installed(name))
    assert [a != b for a, b in zip(digests(), before, strict=True)] == reached


def test_builds_of_one_version_for_different_devices_are_the_same_code(package, monkeypatch):
    monkeypatch.setattr(provenance, "version", lambda name: "2.13.0+cpu")
    before = digests()
    monkeypatch.setattr(provenance, "version", lambda name: "2.13.0")
    assert digests() == before


def test_every_package_that_computes_is_installed_under_its_name():
    assert "absent" not in provenance._versions(tuple(provenance.COMPUTING)).values()


def test_fields_that_a_version_of_python_adds_empty_do_not_count():
    tree = ast.parse("def f(x):\n    return x\n\nclass A:\n    pass\n")
    before = provenance._shape(tree)
    for node in tree.body:
        node._fields = (*type(node)._fields, "added")
        node.added = []
    assert provenance._shape(tree) == before


def test_a_changed_loop_reaches_training_alone(package):
    before = digests()
    (package / "training/loop.py").open("a").write("\nADDED = 1\n")
    after = digests()
    assert after[0] != before[0] and after[1:] == before[1:]


def test_a_changed_analysis_reaches_its_own_step_alone(package):
    before = digests()
    (package / "analysis/consistency.py").open("a").write("\nADDED = 1\n")
    after = digests()
    assert after[1] != before[1] and (after[0], after[2]) == (before[0], before[2])


def test_settings_are_not_traced(package):
    before = digests()
    (package / "config/training.py").open("a").write("\nADDED = 1\n")
    assert digests() == before


def test_training_covers_models_scores_and_data():
    traced = provenance.traced_modules("study.training.image_runs")
    for module in (
        "study.models.registry",
        "study.scores.pointwise",
        "study.scores.gradient",
        "study.data.dataset",
    ):
        assert module in traced
    assert not any(module.startswith(("study.analysis", "study.plotting")) for module in traced)


def test_an_architecture_reaches_its_own_models_alone(package):
    before = [provenance.training_version("image", name) for name in ("resnet", "vit")]
    (package / "models/vit.py").open("a").write("\nADDED = 1\n")
    provenance._read.cache_clear()
    after = [provenance.training_version("image", name) for name in ("resnet", "vit")]
    assert after[0] == before[0] and after[1] != before[1]


def test_package_versions_name_what_computes():
    versions = provenance.package_versions()
    assert {"python", "numpy", "torch"} <= versions.keys() and "absent" not in versions.values()
