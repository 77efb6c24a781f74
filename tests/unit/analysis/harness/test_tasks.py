"""Folders of tasks for the harness: every file is read as the harness reads it."""

import json
from pathlib import Path

import pytest
import yaml
from tokenizers import Tokenizer, models, pre_tokenizers

from study.analysis.harness.tasks import write_tasks
from study.data.corpus import answers
from study.errors import StudyError


class Loader(yaml.SafeLoader):
    """Keeps the names of functions."""


Loader.add_constructor("!function", lambda loader, node: f"function {loader.construct_scalar(node)}")


def read(folder):
    """Tasks and groups, by their names."""
    found = [yaml.load(path.read_text(), Loader) for path in folder.glob("*.yaml")]
    assert {path.stem for path in folder.glob("*.yaml")} == {
        one.get("group", one.get("task")) for one in found
    }
    groups = {one["group"]: one for one in found if "group" in one}
    return {one["task"]: one for one in found if "group" not in one}, groups


def lines(task, part):
    with open(task["dataset_kwargs"]["data_files"][part]) as file:
        return [json.loads(line) for line in file]


@pytest.fixture
def written(questions, tmp_path):
    write_tasks(questions(), tmp_path / "tasks")
    return read(tmp_path / "tasks")


def test_tasks_ask_what_was_not_trained_on_where_they_can(written):
    tasks, _ = written
    asked = {name: (task["test_split"], len(lines(task, task["test_split"]))) for name, task in tasks.items()}
    assert asked == {
        "own_facts": ("trained", 6),
        "own_sums": ("held_out", 2),
        "own_sums_trained": ("trained", 4),
        "own_chains_of_2": ("held_out", 2),
        "own_chains_of_2_trained": ("trained", 4),
        "own_colours": ("held_out", 6),
    }
    for name, task in tasks.items():
        assert task.get("fewshot_split") == (None if name == "own_colours" else "trained")
        assert task["metadata"]["category"] in ("knowledge", "reasoning", "common_sense")
        assert task["dataset_path"] == "json" and "num_fewshot" not in task
    assert [row["example_id"] for row in lines(tasks["own_sums"], "held_out")] == ["s4", "s5"]
    assert [row["example_id"] for row in lines(tasks["own_sums"], "trained")] == ["s0", "s1", "s2", "s3"]


def test_every_measure_is_judged_in_its_way(written):
    tasks, _ = written
    metrics = {name: [metric["metric"] for metric in task["metric_list"]] for name, task in tasks.items()}
    assert metrics["own_facts"] == ["f1", "exact_match"] and metrics["own_colours"] == [
        "acc",
        "acc_norm",
    ]
    assert metrics["own_sums"] == metrics["own_chains_of_2"] == ["exact_match"]
    assert tasks["own_facts"]["process_results"] == "function answers.words_of_harness"
    assert tasks["own_chains_of_2"]["process_results"] == "function answers.conclusion_of_harness"
    assert (
        "process_results" not in tasks["own_sums"] and tasks["own_sums"]["filter_list"][0]["name"] == "number"
    )
    assert tasks["own_colours"]["output_type"] == "multiple_choice"
    for name in set(tasks) - {"own_colours"}:
        assert tasks[name]["output_type"] == "generate_until"
        assert tasks[name]["generation_kwargs"]["do_sample"] is False


def test_rows_hold_what_tasks_name(written):
    tasks, _ = written
    for task in tasks.values():
        for part in task["dataset_kwargs"]["data_files"]:
            for row in lines(task, part):
                named = [task["doc_to_text"], task["doc_to_target"], task.get("doc_to_choice", "prompt")]
                assert all(key in row for key in named)
    assert lines(tasks["own_sums"], "held_out")[0] == {
        "example_id": "s4",
        "prompt": "4 + 5 :",
        "answers": ["4 + 5 = 9 ; 9 ."],
        "numbers": ["9"],
    }
    assert lines(tasks["own_colours"], "held_out")[0]["right"] == 1


def test_groups_are_the_categories_and_all(written):
    _, groups = written
    assert {name: group["task"] for name, group in groups.items()} == {
        "own": ["own_knowledge", "own_reasoning", "own_reasoning_trained", "own_common_sense"],
        "own_knowledge": ["own_facts"],
        "own_reasoning": ["own_sums", "own_chains_of_2"],
        "own_reasoning_trained": ["own_sums_trained", "own_chains_of_2_trained"],
        "own_common_sense": ["own_colours"],
    }
    metrics = [metric["metric"] for metric in groups["own_knowledge"]["aggregate_metric_list"]]
    assert metrics == ["f1", "exact_match"]


def test_the_scorers_lie_beside_the_tasks(written, tmp_path):
    text = (tmp_path / "tasks/answers.py").read_text()
    assert text == Path(answers.__file__).read_text()
    assert "import study" not in text and "from study" not in text


def test_answers_have_room_for_the_longest(questions, tmp_path, written):
    room = {name: task.get("generation_kwargs", {}).get("max_gen_toks") for name, task in written[0].items()}
    assert room["own_facts"] == int(1.25 * len(" kalo")) + 2  # the first accepted answer
    assert room["own_sums"] == int(1.25 * len(" 5 + 5 = 10 ; 10 .")) + 2 and room["own_colours"] is None
    assert room["own_sums_trained"] == room["own_sums"]
    write_tasks(questions(), tmp_path / "more", answer_tokens=7)
    assert read(tmp_path / "more")[0]["own_sums"]["generation_kwargs"]["max_gen_toks"] == 7


def test_a_tokenizer_says_how_long_answers_are(questions, tmp_path):
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "config.json").write_text('{"max_position_embeddings": 16}')
    write_tasks(questions(), tmp_path / "tasks", checkpoint=tmp_path)
    tasks, _ = read(tmp_path / "tasks")
    assert tasks["own_facts"]["generation_kwargs"]["max_gen_toks"] == 3  # of one
    assert tasks["own_sums"]["generation_kwargs"]["max_gen_toks"] == 12  # of eight; its prompts have four
    (tmp_path / "config.json").write_text('{"max_position_embeddings": 15}')
    with pytest.raises(StudyError, match="own_sums, 0 examples and an answer take up to 16 tokens"):
        write_tasks(questions(), tmp_path / "more", checkpoint=tmp_path)


def test_examples_are_asked_for_where_there_are_enough(questions, tmp_path):
    trained = questions(lambda frame: frame[frame["task"] != "colours"])
    write_tasks(trained, tmp_path / "tasks", num_fewshot=3)
    tasks, _ = read(tmp_path / "tasks")
    assert {task["num_fewshot"] for task in tasks.values()} == {3}
    with pytest.raises(StudyError, match="own_sums_trained has 3 questions for 4 examples"):
        write_tasks(trained, tmp_path / "more", num_fewshot=4)  # of four, one is asked
    with pytest.raises(StudyError, match="own_colours has 0 questions for 1 examples"):
        write_tasks(questions(), tmp_path / "more", num_fewshot=1)


def test_folders_that_hold_something_are_left_alone(questions, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/own.yaml").write_text("mine")
    with pytest.raises(StudyError, match="not empty"):
        write_tasks(questions(), tmp_path / "mine")
    assert (tmp_path / "mine/own.yaml").read_text() == "mine"


def with_values(**values):
    return lambda frame: frame.assign(**{name: [value] * len(frame) for name, value in values.items()})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: frame.drop(columns="measure"), "no column 'measure'"),
        (with_values(measure="bleu"), "'bleu' is no measure"),
        (with_values(answers=[]), "no accepted answer"),
        (with_values(measure="number", answers=["none"]), "has no number"),
        (with_values(measure="choice", choices=["red", "blue"], answers=["green"]), "not just one"),
        (with_values(measure="choice", choices=["red", "blue"], answers=["red", "blue"]), "not just one"),
        (lambda frame: frame.replace({"task": {"sums": "chains, of 2"}}), "two tasks come to the name"),
        (lambda frame: frame.replace({"task": {"sums": "reasoning"}}), "a task and a group come to the name"),
    ],
)
def test_bad_questions_are_told(questions, tmp_path, change, told):
    with pytest.raises(StudyError, match=told) as error:
        write_tasks(questions(change), tmp_path / "tasks")
    assert "questions.parquet" in error.value.where and not (tmp_path / "tasks").exists()


def test_a_folder_without_a_tokenizer(questions, tmp_path):
    with pytest.raises(StudyError, match="no tokenizer"):
        write_tasks(questions(), tmp_path / "tasks", checkpoint=tmp_path)
