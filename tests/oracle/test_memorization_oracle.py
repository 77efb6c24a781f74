"""Memorization and C-score against loops over runs and examples, in plain Python."""

import math
import statistics
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import spearmanr
from tests.oracle.mutation import mutated

from study.analysis import memorization as module
from study.analysis.memorization import memorization, memorization_table

RUNS, EXAMPLES = 9, 40


def observed(seed: int):
    """Which runs trained on which examples, and who was right; some examples are learned only if seen."""
    rng = np.random.default_rng(seed)
    inside = np.array([rng.permutation(np.arange(RUNS) < 6) for _ in range(EXAMPLES)]).T
    easy = rng.random(EXAMPLES)
    correct = rng.random((RUNS, EXAMPLES)) < np.where(inside, 0.95, easy)
    return inside, correct


def by_loop(inside, correct, runs) -> tuple[list[float], list[float], list[float], list[float]]:
    """memorization, its error, C-score and its error of every example; None where there is no run."""
    columns = []
    for example in range(EXAMPLES):
        seen = [float(correct[run][example]) for run in runs if inside[run][example]]
        unseen = [float(correct[run][example]) for run in runs if not inside[run][example]]
        if not seen or not unseen:
            columns.append((None, None, None, None))
            continue
        errors = [
            statistics.variance(group) / len(group) if len(group) > 1 else math.nan
            for group in (seen, unseen)
        ]
        low = sum(unseen) / len(unseen)
        columns.append(
            (sum(seen) / len(seen) - low, math.sqrt(errors[0] + errors[1]), low, math.sqrt(errors[1]))
        )
    return tuple(list(column) for column in zip(*columns, strict=True))


def wrong_examples(inside, correct) -> list[str]:
    found = memorization(inside, correct)
    slow = by_loop(inside.tolist(), correct.tolist(), range(RUNS))
    names = ("memorization", "memorization_se", "c_score", "c_score_se")
    return [n for n, values in zip(names, slow, strict=True) if not np.allclose(found[n], values, atol=1e-12)]


@pytest.mark.parametrize("seed", range(5))
def test_scores_and_errors_of_every_example(seed):
    assert wrong_examples(*observed(seed)) == []


def slow_split_half(inside, correct, halves, runs, place) -> float:
    values = []
    for half in halves.tolist():
        pair = []
        for side in (1, 0):
            chosen = [run for run in runs if half[run] == side]
            pair.append(by_loop(inside, correct, chosen)[2 * place])
        both = [i for i in range(EXAMPLES) if pair[0][i] is not None and pair[1][i] is not None]
        value = spearmanr([pair[0][i] for i in both], [pair[1][i] for i in both]).statistic
        values += [] if math.isnan(value) else [value]
    return sum(values) / len(values)


def wrong_rows(inside, correct) -> list[str]:
    rng = np.random.default_rng(3)
    halves = module._halves(RUNS, 4, np.random.default_rng(3))
    table = memorization_table(inside, correct, rng, draws=4).set_index(["score", "statistic"])
    lists = inside.tolist(), correct.tolist()
    wrong = []
    for place, score in enumerate(("memorization", "c_score")):
        slow = {}
        for left_out in [None, *range(RUNS)]:
            runs = [run for run in range(RUNS) if run != left_out]
            columns = by_loop(*lists, runs)
            errors = [e**2 for e in columns[2 * place + 1] if e is not None and not math.isnan(e)]
            values = [v for v in columns[2 * place] if v is not None]
            half = slow_split_half(*lists, halves, runs, place)
            slow[left_out] = {
                "mean": sum(values) / len(values),
                "standard_error": math.sqrt(sum(errors) / len(errors)),
                "split_half": half,
                "reliability": 2 * half / (1 + half),
            }
        for statistic in slow[None]:
            values = [slow[run][statistic] for run in range(RUNS)]
            mean = sum(values) / RUNS
            error = math.sqrt((RUNS - 1) / RUNS * sum((value - mean) ** 2 for value in values))
            row = table.loc[(score, statistic)]
            expected = [slow[None][statistic], (2.30600413520417 + 0.888889517) * error]
            if not np.allclose(row[["estimate", "detectable"]].astype(float), expected, rtol=1e-6):
                wrong.append(f"{score} {statistic}")
    return wrong


@pytest.mark.parametrize("seed", range(2))
def test_table_and_its_jackknife(seed):
    assert wrong_rows(*observed(seed)) == []


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(inside & correct).sum(0)", "correct.sum(0)"),  # right runs, whether or not they trained on it
        ("(n_in - 1)", "n_in"),
        ("p_in - p_out,\n", "p_out - p_in,\n"),
    ],
)
def test_a_planted_mistake_in_the_scores_is_found(monkeypatch, old, new):
    assert found_in_mutant(monkeypatch, old, new, wrong_examples)


@pytest.mark.parametrize(
    ("old", "new"), [("1 - halves", "halves"), ("2 * r, 1 + r", "r, 1 + r"), ("half * runs", "half")]
)
def test_a_planted_mistake_in_the_table_is_found(monkeypatch, old, new):
    assert found_in_mutant(monkeypatch, old, new, wrong_rows)


def found_in_mutant(monkeypatch, old: str, new: str, check) -> list[str]:
    """What the check finds with a line of the module changed."""
    mutant = mutated(module, (old, new))
    for name in ("memorization", "memorization_table"):
        monkeypatch.setitem(globals(), name, getattr(mutant, name))
    return check(*observed(0))


def test_closed_form_of_a_model_that_learns_by_heart():
    """Seen examples are always right, unseen ones with a known share: what is memorised is its complement."""
    inside = np.array([[run != example % 4 for example in range(8)] for run in range(4)] * 5)
    unseen = np.array([run // 4 < example // 2 for run in range(20) for example in range(8)]).reshape(20, 8)
    found = memorization(inside, inside | unseen)
    share = np.array([0, 0, 1, 1, 2, 2, 3, 3]) / 5
    assert np.allclose(found["c_score"], share) and np.allclose(found["memorization"], 1 - share)
    assert np.allclose(found["c_score_se"], np.sqrt(share * (1 - share) / 4))
    assert all(a <= b for a, b in pairwise(found["c_score"][::2]))
