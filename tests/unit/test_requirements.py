"""The pinned environments agree where they hold the same package."""

from pathlib import Path

ENVS = Path(__file__).parents[2] / "envs"


def pins(name):
    lines = (ENVS / name).read_text().splitlines()
    found = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {package.lower().replace("_", "-"): version for package, version in found}


def test_the_harness_has_the_versions_of_the_study():
    study, harness = pins("requirements.txt"), pins("harness.txt")
    both = study.keys() & harness.keys()
    assert {"torch", "transformers", "datasets", "tokenizers", "numpy"} <= both
    assert {package for package in both if study[package] != harness[package]} == {"python-dateutil"}
