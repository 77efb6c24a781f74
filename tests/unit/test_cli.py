"""`python -m study`: what it reads, and what it sets aside. What it refuses: tests/bad_input."""

import json

import pytest
from tests.tiny_study import prepare, tiny_study

from study.cli import main
from study.files import write_json


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A resolved configuration in an empty folder, in which commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STUDY_CONFIG", raising=False)
    write_json("config.json", tiny_study().model_dump(mode="json"))
    return "config.json"


@pytest.fixture
def refused(capsys):
    """Run a command that must fail with one complete message; returns what it said."""

    def run(*arguments: str) -> str:
        assert main(arguments) == 1
        said = capsys.readouterr()
        text = said.out + said.err
        assert text.count("error: ") == 1 and "do:" in text and "Traceback" not in text
        return text

    return run


def test_the_configuration_may_be_yaml(config, tmp_path):
    import yaml

    (tmp_path / "c.yaml").write_text(yaml.safe_dump(json.loads((tmp_path / config).read_text())))
    assert main(["prepare", "--config", "c.yaml", "--dataset", "tiny"]) == 0


def test_damage_is_set_aside_and_named(config, tmp_path, refused, capsys):
    prepare(tmp_path)
    arrays = tmp_path / "results/data/tiny/arrays.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-1])
    assert "arrays.safetensors" in refused("card", "--dataset", "tiny", "--config", config)
    assert not arrays.exists() and arrays.with_name("arrays.safetensors.damaged").exists()
    prepare(tmp_path)
    arrays.write_bytes(arrays.read_bytes()[:-1])
    with pytest.raises(SystemExit, match="1"):
        main(["verify"])
    assert "1 damaged file" in capsys.readouterr().out
    assert main(["verify"]) == 0 and "can be read" in capsys.readouterr().out
