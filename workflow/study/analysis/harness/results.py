"""What the lm-evaluation-harness writes, as a tidy table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from study.errors import StudyError
from study.files import as_written, read_json

COLUMNS = ("task", "category", "metric", "filter", "n_shot", "value", "stderr", "n")
CATEGORIES = {
    "knowledge": ("triviaqa", "nq_open", "webqs"),
    "common_sense": (
        *("arc_easy", "arc_challenge", "commonsense_qa", "hellaswag", "openbookqa", "piqa", "sciq"),
        *("social_iqa", "winogrande"),
    ),
    "reasoning": ("gsm8k", "hendrycks_math", "minerva_math"),
}
"""Tasks of the harness by what arXiv 2410.19034 counts them as; parts of one begin with its name."""


def read_results(path: Path) -> pd.DataFrame:
    """A row for every task or group, metric and filter, in the order of the file.

    Returns:
        `task`; `category`, empty where it is not known; `metric`; `filter`, that what was generated passed
        through; `n_shot`, examples before each question; `value`; `stderr`, NaN where the harness has none;
        `n`, questions.

    Raises:
        StudyError: the file is not there, or not what the harness writes.
    """
    found = read_json(path)
    if not isinstance(found, dict) or not isinstance(found.get("results"), dict):
        raise StudyError(
            "these are no results of the lm-evaluation-harness",
            where=str(path),
            expected="its results_*.json, an object with the key `results`",
            do="name the file that lm_eval wrote to its --output_path",
        )
    with as_written(path):
        rows = [
            (task, _category(task, found), metric, name, *_numbers(found, task, metric, name))
            for task, values in found["results"].items()
            for metric, _, name in (key.partition(",") for key in values)
            if name and not metric.endswith("_stderr")
        ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _numbers(found: Mapping[str, Any], task: str, metric: str, name: str) -> tuple[int, float, float, int]:
    """n_shot, value, standard error and n."""
    values = found["results"][task]
    stderr = values.get(f"{metric}_stderr,{name}")
    n = values.get("sample_count", {}).get(f"{metric},{name}", values.get("sample_len"))
    shots = found.get("n-shot", {}).get(task, 0)
    return shots, values[f"{metric},{name}"], stderr if isinstance(stderr, float) else float("nan"), n


def _category(task: str, found: Mapping[str, Any]) -> str:
    """The category that a task of ours names, or that is known; of a group, that of all its tasks."""
    members = found.get("group_subtasks", {}).get(task, ())
    if members:
        categories = {_category(member, found) for member in members}
        return categories.pop() if len(categories) == 1 else ""
    named = (found.get("configs", {}).get(task, {}).get("metadata") or {}).get("category")
    known = (
        category
        for category, names in CATEGORIES.items()
        if any(task == name or task.startswith(f"{name}_") for name in names)
    )
    return named or next(known, "")
