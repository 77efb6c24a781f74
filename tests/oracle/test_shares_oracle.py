"""Intervals of shares against studies made again and again; a wrong factor must be told apart."""

import numpy as np
import pytest

from study.analysis import shares
from study.analysis.comparison import shares_at_equal_n, shares_with_all_runs
from study.analysis.ranks import average_ranks, normal_scores
from study.analysis.sensitivity import sensitivity

MODELS, RUNS, EXAMPLES, STUDIES = 3, 8, 200, 40
PAIRS = (np.array([0, 0, 1]), np.array([1, 2, 2]))
STATISTIC = ("normal", "share_sensitive")


def studies(count, new_examples):
    """Models of three; a fifth of the examples moves together from run to run. The rest is noise."""
    rng = np.random.default_rng(3)
    together = np.arange(EXAMPLES) < EXAMPLES // 5
    for study in range(count):
        if study == 0 or new_examples:
            common = rng.normal(size=EXAMPLES)
            own = 0.6 * rng.normal(size=(MODELS, EXAMPLES)) * (rng.random((MODELS, EXAMPLES)) < 0.3)
        yield [
            common
            + own[model]
            + rng.normal(size=(RUNS, 1)) * together
            + 0.5 * rng.normal(size=(RUNS, EXAMPLES))
            for model in range(MODELS)
        ]


def transformed(study):
    return {"normal": [normal_scores(matrix) for matrix in study]}, [
        average_ranks(m) / EXAMPLES for m in study
    ]


def error_over_runs(share):
    return np.sqrt(share.weight * share.replicates.mean(axis=1).var(ddof=1))


def check_spread(share_of):
    """The standard error over runs against the spread of the share over studies of the same examples."""
    made = [share_of(*transformed(study)) for study in studies(STUDIES, new_examples=False)]
    spread = np.std([share.estimate.mean() for share in made], ddof=1)
    stated = np.sqrt(np.mean([error_over_runs(share) ** 2 for share in made]))
    assert 0.8 < stated / spread < 1.7


def from_all_runs(scales, ranks):
    return shares_with_all_runs(scales, ranks, PAIRS)[STATISTIC]


def from_halves(scales, ranks):
    """The interval of another statistic, that of half samples, around the estimate of all runs."""
    borrowed = shares_at_equal_n(scales, ranks, PAIRS, np.random.default_rng(0), 10)[0]
    halves = borrowed["normal", "share_sensitive_equal_n"]
    full = from_all_runs(scales, ranks)
    return shares.Share(full.estimate, halves.replicates, halves.weight, full.by_example)


def test_errors_over_runs_are_those_of_new_runs():
    check_spread(from_all_runs)


def mean_of_squares(by_example, replicates):
    return shares.Share(by_example.mean(axis=1), replicates, 1.0, by_example)


def independent_parts(by_example, replicates):
    return shares.Share(by_example.mean(axis=1), replicates, 1 / len(replicates), by_example)


@pytest.mark.parametrize("factor", [mean_of_squares, independent_parts])
def test_a_wrong_factor_is_caught(monkeypatch, factor):
    monkeypatch.setattr(shares.Share, "without_each_group", factor)
    with pytest.raises(AssertionError):
        check_spread(from_all_runs)


def test_a_borrowed_interval_is_caught():
    with pytest.raises(AssertionError):
        check_spread(from_halves)


def test_intervals_cover_what_new_runs_and_examples_would_give():
    made = []
    for study in studies(STUDIES, new_examples=True):
        scores = {f"m{model}": matrix for model, matrix in enumerate(study)}
        found = sensitivity(scores, rng=np.random.default_rng(1), draws=10)
        made.append(found.overall.set_index(["scale", "statistic"])[["estimate", "low", "high"]])
    estimates, lows, highs = (
        np.stack([table[name] for table in made]) for name in ("estimate", "low", "high")
    )
    truth = estimates.mean(axis=0)
    covered = ((lows <= truth) & (truth <= highs)).mean(axis=0)
    assert (covered >= 0.9).all(), dict(zip(made[0].index, covered, strict=True))


def test_more_runs_than_groups_leave_out_several_at_a_time():
    rng = np.random.default_rng(4)
    common, shifts = rng.normal(size=(2, EXAMPLES))
    study = [
        common + model * 0.2 * shifts + 0.5 * rng.normal(size=(runs, EXAMPLES))
        for model, runs in enumerate((41, 60, 25))
    ]
    share = from_all_runs(*transformed(study))
    assert share.replicates.shape == (20, 3)
    assert share.weight == pytest.approx(19 * 19 / 20)


def test_nothing_found_is_bounded_by_the_number_of_examples():
    nothing = shares.Share(np.zeros(2), np.zeros((8, 2)), 1.0, np.zeros((2, 100)))
    overall = nothing.mean(8)
    # What holds for a share s of examples is missed by 100 of them with probability (1 - s) ** 100.
    assert overall.low == 0 and (1 - overall.high) ** 100 == pytest.approx(0.025)
    assert overall.detectable > overall.high
    assert all(unit == overall for unit in nothing.each(np.array([8, 8])))
