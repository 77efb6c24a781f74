"""Prepared questions as a folder of tasks that the lm-evaluation-harness reads (`--include_path`).

Every task is judged as the study does it: by the study's own functions, of which the folder has a copy; but
final numbers and choices by the harness's own means.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from tokenizers import Tokenizer

from study.analysis.harness.asked import ALL, CHOICE, TRAINED, Task, read_tasks
from study.data.corpus import answers
from study.data.corpus.examples import room
from study.errors import StudyError
from study.files import read_json, write_text

METRICS = {
    "f1": ("f1", "exact_match"),
    "exact": ("exact_match",),
    "number": ("exact_match",),
    CHOICE: ("acc", "acc_norm"),
}
"""By the measure of a task: the names that the harness has for its metrics."""
_JUDGES = {"f1": answers.words_of_harness, "exact": answers.conclusion_of_harness}


class _Function(str):
    """A function that the harness imports from a file beside the task."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Function, lambda dumper, name: dumper.represent_scalar("!function", str(name)))


def write_tasks(
    questions: Path,
    folder: Path,
    *,
    num_fewshot: int | None = None,
    answer_tokens: int | None = None,
    checkpoint: Path | None = None,
) -> None:
    """Write a task for every part of the corpus, a group for every category, and a group of all.

    Args:
        questions: as of `read_tasks`.
        folder: a new folder. Its files name its place on this machine: it cannot be moved.
        num_fewshot: examples before each question, drawn from those that were trained on; None: as many as
            the harness is told, by default none.
        answer_tokens: tokens that are generated at most; None: as many as the study's own evaluation allows.
        checkpoint: a model's folder, by whose tokenizer tokens are counted; None: characters are.

    Raises:
        StudyError: the questions are not as they should be, too few for the examples, or longer than the
            model's positions; or the folder holds something already.
    """
    tasks, count = read_tasks(questions), _counter(checkpoint)
    lengths = {task.name: _lengths(task, count, answer_tokens) for task in tasks}
    for task in tasks:
        _check_examples(task, num_fewshot or 0, questions)
        if checkpoint is not None:
            _check_positions(lengths[task.name], task, num_fewshot or 0, checkpoint)
    if folder.exists() and any(folder.iterdir()):
        raise StudyError(
            "the folder for the tasks is not empty",
            where=str(folder),
            expected="a new one",
            do="name another folder, or remove this one",
        )
    place = folder.absolute()
    for task in tasks:
        settings = _settings(task, place, lengths[task.name].answer)
        _write_yaml(place, task.name, settings | ({"num_fewshot": num_fewshot} if num_fewshot else {}))
        for part, frame in task.parts.items():
            rows = (json.dumps(_row(task.measure, row), ensure_ascii=False) for row in frame.itertuples())
            write_text(_data(place, task, part), "".join(f"{row}\n" for row in rows))
    groups = list(dict.fromkeys(task.group for task in tasks))
    for group in groups:
        _write_yaml(place, group, _group([task for task in tasks if task.group == group]))
    _write_yaml(place, ALL, {"group": ALL, "task": groups})
    shutil.copy(answers.__file__, place / "answers.py")


class _Lengths(NamedTuple):
    """Tokens at most of a task's questions."""

    prompt: int
    whole: int
    """Of a prompt with its first accepted answer."""
    answer: int
    """That may be generated, or of a choice."""


def _lengths(task: Task, count: Callable[[str], int], answer_tokens: int | None) -> _Lengths:
    rows = list(task.questions.itertuples())
    prompts = [count(row.prompt) for row in rows]
    wholes = [count(f"{row.prompt} {row.answers[0]}") for row in rows]
    if task.measure == CHOICE:
        answer = max(count(f" {text}") for row in rows for text in row.choices)
    else:
        longest = max(whole - prompt for whole, prompt in zip(wholes, prompts, strict=True))
        answer = answer_tokens or room(longest)
    return _Lengths(max(prompts), max(wholes), answer)


def _check_positions(lengths: _Lengths, task: Task, num_fewshot: int, checkpoint: Path) -> None:
    """Refuse what the harness would cut from the left."""
    positions = read_json(checkpoint / "config.json").get("max_position_embeddings")
    needed = lengths.prompt + lengths.answer + num_fewshot * (lengths.whole + 2)
    if positions is not None and needed > positions:
        raise StudyError(
            f"questions of {task.name}, {num_fewshot} examples and an answer take up to {needed} tokens",
            where=str(checkpoint),
            expected=f"no more than the {positions} positions of the model",
            do="ask for fewer examples or for shorter answers (answer_tokens), or train on longer rows",
        )


def _check_examples(task: Task, num_fewshot: int, questions: Path) -> None:
    if num_fewshot > task.examples:
        raise StudyError(
            f"the task {task.name} has {task.examples} questions for {num_fewshot} examples",
            where=str(questions),
            expected="as many questions that were trained on, beside the one that is asked",
            do="ask for fewer examples (num_fewshot)",
        )


def _settings(task: Task, folder: Path, answer_tokens: int) -> dict[str, Any]:
    """A task as the harness's yaml has it."""
    shared = {
        "task": task.name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {part: str(_data(folder, task, part)) for part in task.parts}},
        "test_split": task.judged,
        **({"fewshot_split": TRAINED} if TRAINED in task.parts else {}),
        "doc_to_text": "prompt",
        "target_delimiter": " ",
        "metric_list": [_mean(name) for name in METRICS[task.measure]],
        "metadata": {"version": 1.0, "category": task.category, "questions": task.judged},
    }
    if task.measure == CHOICE:
        return shared | {
            "output_type": "multiple_choice",
            "doc_to_choice": "choices",
            "doc_to_target": "right",
        }
    shared |= {
        "output_type": "generate_until",
        # Examples stand between empty lines; a text ends by its token anyway.
        "generation_kwargs": {"until": ["\n\n"], "do_sample": False, "max_gen_toks": answer_tokens},
    }
    if task.measure == "number":
        return shared | number_settings()
    judge = _Function(f"answers.{_JUDGES[task.measure].__name__}")
    return shared | {"doc_to_target": "answers", "process_results": judge}


def number_settings() -> dict[str, Any]:
    """How the harness judges final numbers: what its filter takes from a text, and what its metric ignores.

    Of a number the filter takes no zeros at the end of a fraction; the metric ignores all else that does not
    change the value. So equal texts are equal numbers, as of `study.data.corpus.answers.number`.
    """
    whole = rf"({answers.SIGN}{answers.WHOLE}\.[0-9]*[1-9])0*|({answers.SIGN}{answers.WHOLE})(?:\.0+)?"
    fraction = rf"({answers.SIGN}{answers.POINT}[0-9]*[1-9])0*|{answers.SIGN}{answers.POINT}(0)0*"
    taken = f"(?:{whole}|{fraction})"
    pattern = rf"(?s)\A.*?{answers.MARK}{taken}.*\Z|{answers.CONCLUSION}|{taken}"
    regex = {"function": "regex", "regex_pattern": pattern, "group_select": -1}
    ignored = {"regexes_to_ignore": [r"[,\s]", r"^\+", "(?<![0-9.])0+(?=[0-9.])", "^-(?=0$)"]}
    return {
        "doc_to_target": "numbers",
        "fewshot_config": {"doc_to_target": "answers"},  # examples show the working
        "filter_list": [{"name": "number", "filter": [regex, {"function": "take_first"}]}],
        "metric_list": [_mean("exact_match") | ignored],
    }


def _row(measure: str, row: Any) -> dict[str, Any]:
    """A question as a line of the data has it."""
    found = {"example_id": row.example_id, "prompt": row.prompt, "answers": list(row.answers)}
    if measure == "number":
        found["numbers"] = [_shortest(text) for text in row.answers]
    if measure == CHOICE:
        right = next(place for place, text in enumerate(row.choices) if text in row.answers)
        found |= {"choices": list(row.choices), "right": right}
    return found


def _shortest(text: str) -> str:
    """The number that an answer comes to, without zeros at the end of its fraction."""
    found = f"{answers.number(text):f}"
    return found.rstrip("0").rstrip(".") if "." in found else found


def _group(tasks: list[Task]) -> dict[str, Any]:
    """The group of some tasks: of each metric, the mean over the questions that have it."""
    metrics = dict.fromkeys(name for task in tasks for name in METRICS[task.measure])
    return {
        "group": tasks[0].group,
        "task": [task.name for task in tasks],
        "aggregate_metric_list": [{"metric": name, "weight_by_size": True} for name in metrics],
        "metadata": {"version": 1.0},
    }


def _mean(metric: str) -> dict[str, Any]:
    return {"metric": metric, "aggregation": "mean", "higher_is_better": True}


def _counter(checkpoint: Path | None) -> Callable[[str], int]:
    """Says how many tokens a text has."""
    if checkpoint is None:
        return len
    path = checkpoint / "tokenizer.json"
    if not path.is_file():
        raise StudyError(
            "a model's folder has no tokenizer",
            where=str(path),
            expected="the file tokenizer.json of the transformers library",
            do="name the folder of a model that was saved with its tokenizer",
        )
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing more special
        raise StudyError(
            f"the tokenizer cannot be read: {str(error).splitlines()[0]}",
            where=str(path),
            expected="the file tokenizer.json of the transformers library",
            do="save the model with its tokenizer again",
        ) from None
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))


def _data(folder: Path, task: Task, part: str) -> Path:
    return folder / "data" / f"{task.name}.{part}.jsonl"


def _write_yaml(folder: Path, name: str, value: dict[str, Any]) -> None:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    write_text(folder / f"{name}.yaml", text)
