"""The harness's command line and table, with another program in its place."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models

from study.analysis.harness.run import Request, command_line, environment, evaluate, find_harness
from study.cli import main
from study.config.harness import HarnessSettings
from study.errors import StudyError
from study.files import read_csv

RESULTS = '{"results": {"own_sum": {"sample_len": 2, "exact_match,number": 0.5}}}'


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Put a program in the place of the harness, of some shell lines."""
    monkeypatch.chdir(tmp_path)
    Path("model").mkdir()
    Path("model/config.json").write_text('{"eos_token_id": 0}')
    Tokenizer(models.WordLevel({"?": 0}, unk_token="?")).save("model/tokenizer.json")

    def write(lines):
        path = tmp_path / "lm_eval"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)
        monkeypatch.setenv("LM_EVAL", str(path))

    return write


def test_the_command_is_the_harness_own(tmp_path):
    request = Request(Path("r/model"), ("own", "arc_easy"), Path("q.parquet"), "cpu", 8, 5, 64, 10)
    assert " ".join(command_line(request, Path("bin/lm_eval"), Path("w"))) == (
        "bin/lm_eval --model hf --model_args pretrained=r/model,dtype=float32 --tasks own,arc_easy "
        "--include_path w/tasks --device cpu --batch_size 8 --num_fewshot 5 --limit 10 "
        "--output_path w/results.json --log_samples"
    )
    others = command_line(Request(Path("m"), ("arc_easy",)), Path("lm_eval"), Path("w"))
    assert not {"--include_path", "--num_fewshot", "--limit"} & set(others)


@pytest.mark.parametrize(
    ("tasks", "offline"), [(("own",), True), (("own_sum", "own"), True), (("own", "piqa"), False)]
)
def test_own_tasks_need_no_network(tasks, offline, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "workflow")
    found = environment(Request(Path("m"), tasks), tmp_path)
    assert (found.get("HF_HUB_OFFLINE") == found.get("HF_DATASETS_OFFLINE") == "1") == offline
    assert "PYTHONPATH" not in found


def test_settings_are_options_of_the_command():
    assert HarnessSettings().options == "--tasks own --batch-size 32"
    settings = HarnessSettings(tasks=["own", "gsm8k"], num_fewshot=0, answer_tokens=9, limit=3, batch_size=4)
    assert settings.options == (
        "--tasks own gsm8k --num-fewshot 0 --batch-size 4 --answer-tokens 9 --limit 3"
    )


ANSWERS = f"""echo "$@" > said
test -f work/harness/out/tasks/own.yaml || exit 1
echo '{RESULTS}' > work/harness/out/results_2026.json"""


def test_a_checkpoint_is_asked_and_its_results_are_a_table(program, questions):
    program(ANSWERS)
    questions()
    options = ["--checkpoint", "model", "--questions", "questions.parquet", "--output", "out.csv"]
    assert main(["harness", *options, "--tasks", "own", "--limit", "2"]) == 0
    assert read_csv("out.csv")["value"].tolist() == [0.5]
    assert "--limit 2" in Path("said").read_text()
    assert main(["harness", *options]) == 0  # what the first one left is no hindrance


@pytest.mark.parametrize(
    ("lines", "told"), [("exit 3", "the lm-evaluation-harness failed"), ("exit 0", "wrote no results")]
)
def test_failures_of_the_harness_are_told(program, questions, lines, told):
    program(lines)
    with pytest.raises(StudyError, match=told):
        evaluate(Request(Path("model"), questions=questions()), Path("out.csv"))
    assert not Path("out.csv").exists()


def test_what_is_missing_is_told(program, questions, monkeypatch):
    program("exit 0")
    with pytest.raises(StudyError, match="no questions"):
        evaluate(Request(Path("model")), Path("out.csv"))
    with pytest.raises(StudyError, match="no checkpoint"):
        evaluate(Request(Path("nowhere"), questions=questions()), Path("out.csv"))
    Path("model/generation_config.json").write_text("{}")  # goes before the other
    with pytest.raises(StudyError, match="which token ends a text"):
        evaluate(Request(Path("model"), questions=questions()), Path("out.csv"))
    monkeypatch.setenv("LM_EVAL", "nowhere/lm_eval")
    with pytest.raises(StudyError, match="not installed") as error:
        find_harness()
    assert "make harness" in error.value.do
