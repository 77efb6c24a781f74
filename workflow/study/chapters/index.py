"""Step `index`: every run of the study in one table."""

import pandas as pd

from study import paths
from study.config import StudySettings
from study.config.study import RunName
from study.files import as_written, read_json, write_csv, write_text
from study.plotting.words import as_rst

_NUMBERS = ("epochs", "steps", "parameters", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
_LOW, _FITTED = 0.95, 0.995  # test accuracy of a run; training accuracy, mean over runs
_ORIGIN = ("data", "code", "device", "threads")


def run(study: StudySettings) -> None:
    """Write results/index.csv, a row per run, variants last, and index.rst: what models reach, in words."""
    rows = [_row(name) for name in (*study.runs(), *study.variant_runs())]
    index = pd.DataFrame(rows, columns=[*RunName._fields, *_NUMBERS, *_ORIGIN, "folder"])
    write_csv(paths.INDEX, index)
    write_text(paths.INDEX_IN_WORDS, as_rst(accuracies_in_words(index)) + "\n")


def accuracies_in_words(index: pd.DataFrame) -> str:
    """What models of images reach on each data set, and what holds back those with a run that stays low."""
    whole = index[index["variant"].isna() & (index["chapter"] == "difficulty")]
    return " ".join(_of_dataset(name, runs) for name, runs in whole.groupby("dataset", sort=False))


def _of_dataset(name: str, runs: pd.DataFrame) -> str:
    parts, low = [], []
    for model, of_model in runs.groupby("model", sort=False):
        accuracy = of_model["test_accuracy"]
        parts.append(f"{model} {_percent(accuracy.mean())} ({_percent(accuracy.min())})")
        if accuracy.min() < _LOW:
            low.append(f"{model} ({_why(of_model)})")
    text = f"{name}: mean test accuracy of the runs, lowest run in brackets: {', '.join(parts)}."
    if low:
        text += f" Some run stays below {_percent(_LOW)} with {', '.join(low)}."
    return text


def _why(runs: pd.DataFrame) -> str:
    """Whether low runs have learned what they were given."""
    trained = runs["train_accuracy"].mean()
    what = "fitted: more of training would not help" if trained >= _FITTED else "not fitted to their end"
    return f"its training examples, {_percent(trained)} right, are {what}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _row(which: RunName) -> dict:
    folder = paths.run_folder(*which)
    path = f"{folder}/metrics.json"
    metrics = read_json(path)
    with as_written(path):
        origin = {name: metrics["provenance"][name] for name in _ORIGIN}
        numbers = {name: metrics[name] for name in _NUMBERS}
    return {**which._asdict(), **numbers, **origin, "folder": folder}
