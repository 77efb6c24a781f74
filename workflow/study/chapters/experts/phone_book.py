"""Step `phone_book`: recall of every book, and the largest book that each model holds."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.capacity import capacities, crossings
from study.chapters.experts.reading import CHAPTER, answers_of, metrics_of
from study.config import StudySettings
from study.files import read_csv, write_csv

_FLAT = 0.01  # a gain in recall over the last tenth of training below this counts as none
_KEPT = (
    *("dataset", "model", "seed", "entries", "recall", "digits_right", "strangers_right"),
    *("bits_recalled", "bits_per_parameter", "gained_last", "flat", "lr", "epochs", "steps"),
    "training_operations",
)


def run(study: StudySettings) -> None:
    """Write phonebook.csv, a row per run, crossings.csv and capacity.csv."""
    task = study.experts.phone_book
    runs, answers = metrics_of(study, task), answers_of(study, task)
    keys = ["dataset", "model", "seed"]
    book = answers[answers["split"] == "train"].groupby(keys, sort=False)
    strangers = answers[answers["split"] == "test"].groupby(keys, sort=False)["exact"].mean()
    held = task.digits * np.log2(10)
    of_book = pd.DataFrame(
        {
            "digits_right": book["token_accuracy"].mean(),
            # What the model knows of a number: its bits less those that it still needs; never below 0.
            "bits_of_entry": book["bits"].apply(lambda bits: (held - bits).clip(lower=0).mean()),
            "strangers_right": strangers,
        }
    ).reset_index()
    sizes = read_csv(paths.table(CHAPTER, "parameters"))
    total = sizes[sizes["task"] == task.tuning_name].set_index("model")["total"]
    table = runs.merge(of_book, on=keys)
    table = table.assign(
        entries=table["train_examples"],
        recall=table["train_accuracy"],  # of the recorded entries, as is what is known of one
        bits_recalled=table["bits_of_entry"] * table["train_examples"],
        bits_per_parameter=table["bits_of_entry"] * table["train_examples"] / table["model"].map(total),
        flat=table["gained_last"] < _FLAT,
    )
    write_csv(paths.table(CHAPTER, "phonebook"), table[list(_KEPT)])
    found = crossings(runs)
    write_csv(paths.table(CHAPTER, "crossings"), found)
    write_csv(paths.table(CHAPTER, "capacity"), capacities(found))
