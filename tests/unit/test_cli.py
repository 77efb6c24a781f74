"""`python -m study`: plain mistakes end in one message, and cost nothing."""

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


@pytest.mark.parametrize("text", ["name: [1", "- 1\n", "\udcff", '{"name": "x"'])
def test_a_configuration_that_cannot_be_read_stays_where_it_is(config, tmp_path, refused, text):
    mine = tmp_path / "c.yaml"
    mine.write_bytes(text.encode(errors="surrogateescape"))
    assert "c.yaml" in refused("prepare", "--config", str(mine), "--dataset", "tiny")
    assert mine.exists() and not list(tmp_path.glob("*.damaged"))


def test_the_configuration_may_be_yaml(config, tmp_path):
    import yaml

    (tmp_path / "c.yaml").write_text(yaml.safe_dump(json.loads((tmp_path / config).read_text())))
    assert main(["prepare", "--config", "c.yaml", "--dataset", "tiny"]) == 0


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("prepare --dataset tyny", ("unknown data set 'tyny'", "did you mean 'tiny'?")),
        ("card --dataset foo", ("unknown data set 'foo'", "one of tiny")),
        ("card --dataset tiny", ("not prepared", "arrays.safetensors")),
        ("train --chapter difficulty --dataset tiny --model mpl --seeds 0", ("unknown model", "'mlp'?")),
        ("train --chapter difficulty --dataset tiny --model mlp --seeds 0", ("not prepared",)),
        ("analyse agregate --chapter difficulty --dataset tiny", ("unknown step", "'aggregate'?")),
        ("analyse reading --chapter difficulty --dataset tiny", ("unknown step 'reading'",)),
        ("analyse aggregate --chapter difficulty --dataset tiny", ("looks at one model", "--model")),
        (
            "analyse fingerprint --chapter difficulty --dataset tiny --model mlp",
            ("looks at all models", "leave --model out"),
        ),
        ("analyse aggregate --chapter difficulty --dataset tiny --model mlp", ("is missing", "mlp/seed=0")),
        ("join --chapter difficulty --dataset tiny --tables foo.csv", ("is missing", "foo.csv")),
        ("collect --chapter difficulty --table foo", ("nothing to put into the table 'foo'",)),
        ("index", ("is missing", "metrics.json")),
    ],
)
def test_a_name_or_file_that_is_not_there(config, refused, command, told):
    said = refused(*command.split(), "--config", config)
    assert all(word in said for word in told), said


def test_a_chapter_that_the_study_does_not_run(config, refused, monkeypatch):
    monkeypatch.setattr("study.config.StudySettings.chapters", ("other",))
    assert "unknown chapter" in refused(
        "collect", "--chapter", "difficulty", "--table", "x", "--config", config
    )


@pytest.mark.parametrize("command", ["verify", "diff a b", "check none.yaml"])
def test_commands_without_anything_to_work_on(config, refused, command):
    refused(*command.split())


def test_a_place_that_is_no_folder(config, tmp_path, refused):
    (tmp_path / "results").write_text("a file")
    said = refused("prepare", "--dataset", "tiny", "--config", config)
    assert "cannot be written" in said and "results/data/tiny" in said and "--directory" in said


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
