"""A changed formula changes a digest; a changed comment or docstring does not; unrelated code does not."""

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
    provenance._read.cache_clear()
    yield copy
    provenance._read.cache_clear()


def digests():
    provenance._read.cache_clear()
    names = ("study.training.run", "study.chapters.difficulty.consistency", "study.chapters.collect")
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
    traced = provenance.traced_modules("study.training.run")
    for module in (
        "study.models.registry",
        "study.scores.pointwise",
        "study.scores.gradient",
        "study.data.dataset",
    ):
        assert module in traced
    assert not any(module.startswith(("study.analysis", "study.plotting")) for module in traced)


def test_an_architecture_reaches_its_own_models_alone(package):
    before = [provenance.training_version(name) for name in ("resnet", "vit")]
    (package / "models/vit.py").open("a").write("\nADDED = 1\n")
    provenance._read.cache_clear()
    after = [provenance.training_version(name) for name in ("resnet", "vit")]
    assert after[0] == before[0] and after[1] != before[1]


def test_package_versions_name_what_computes():
    versions = provenance.package_versions()
    assert {"python", "numpy", "torch"} <= versions.keys() and "absent" not in versions.values()
