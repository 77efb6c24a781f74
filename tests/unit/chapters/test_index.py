"""The index in words: what models reach, and whether those that stay low have fitted their training set."""

import numpy as np
import pandas as pd

from study.chapters.index import accuracies_in_words


def index(**accuracies):
    """Two runs of each model: (lower test accuracy, training accuracy)."""
    rows = [
        {
            "chapter": "difficulty",
            "dataset": "digits",
            "model": model,
            "variant": None,
            "test_accuracy": test + up,
            "train_accuracy": t,
        }
        for model, (test, t) in accuracies.items()
        for up in (0.0, 0.02)
    ]
    rows.append({**rows[0], "variant": "subset", "test_accuracy": 0.1})
    rows.append({**rows[0], "chapter": "experts", "model": "decoder", "test_accuracy": 0.1})
    return pd.DataFrame(rows)


def test_means_lowest_runs_and_what_holds_them_back():
    text = accuracies_in_words(index(good=(0.97, 1.0), small=(0.94, 0.998), slow=(0.9, 0.93)))
    assert "good 98.0 % (97.0 %), small 95.0 % (94.0 %), slow 91.0 % (90.0 %)" in text
    assert "below 95.0 % with small (its training examples, 99.8 % right, are fitted" in text
    assert "slow (its training examples, 93.0 % right, are not fitted to their end)" in text
    assert "10.0 %" not in text, "neither runs on parts of the training set nor those on questions count"


def test_nothing_is_low():
    assert "below" not in accuracies_in_words(index(good=(0.97, np.float64(1.0))))
