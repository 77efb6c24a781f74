"""Which examples variant runs train on."""

import numpy as np
import pytest
from tests.tiny_study import tiny_data

from study.seeds import generator
from study.training.subsets import balanced_part, random_part, taken, window

LABELS = np.array([0] * 31 + [1] * 50 + [2] * 1 + [3] * 18)


def parts(runs, fraction=0.7, labels=LABELS, *keys):
    inside = np.zeros((runs, len(labels)), dtype=bool)
    for run in range(runs):
        inside[run, balanced_part(labels, fraction, run, *(keys or (0, "toy")))] = True
    return inside


@pytest.mark.parametrize(("runs", "fraction"), [(7, 0.7), (20, 0.7), (9, 0.5), (11, 0.83)])
def test_examples_of_a_class_are_out_equally_often_after_any_number_of_runs(runs, fraction):
    out = ~parts(runs, fraction)
    for count in range(1, runs + 1):
        times = out[:count].sum(0)
        for value in np.unique(LABELS):
            assert np.ptp(times[value == LABELS]) <= 1
        share = (1 - fraction) * count
        # Rounded to whole examples of a class, a class of one may be a run late.
        assert (times[LABELS != 2] >= np.floor(share - 0.1)).all() and (times <= np.ceil(share + 0.5)).all()


def test_each_run_leaves_out_the_share_of_every_class():
    out = ~parts(20)
    for value, size in zip(*np.unique(LABELS, return_counts=True), strict=True):
        assert (np.abs(out[:, value == LABELS].sum(1) - 0.3 * size) <= 1).all()


def test_parts_repeat_and_depend_on_their_keys_and_run_alone():
    first = parts(5)
    assert np.array_equal(first, parts(8)[:5])
    assert len({row.tobytes() for row in parts(20)}) == 20
    assert not np.array_equal(first, parts(5, 0.7, LABELS, 1, "toy"))
    assert not np.array_equal(first, parts(5, 0.7, LABELS, 0, "other"))


def test_pairs_of_examples_are_out_together_as_often_as_chance_says():
    """The rotation must not tie examples to each other: their errors would be told as one."""
    labels = np.zeros(60, dtype=int)
    out = ~parts(400, 0.7, labels)
    together = (out.T.astype(float) @ out) / len(out)
    pairs = together[np.triu_indices(60, 1)]
    expected = 18 / 60 * 17 / 59
    assert pairs.mean() == pytest.approx(expected, rel=0.01)
    assert pairs.std() < 1.5 * np.sqrt(expected * (1 - expected) / len(out))


def test_windows_are_slices_of_the_ranking():
    rng = np.random.default_rng(0)
    hardness = rng.permutation(100).astype(float)
    seen = np.zeros(100, dtype=int)
    for place in range(10):
        rows = window(hardness, LABELS, place / 10, 0.1, "window")
        assert sorted(hardness[rows]) == list(range(10 * place, 10 * place + 10))
        assert (np.diff(rows) > 0).all()
        seen[rows] += 1
    assert (seen == 1).all()


def test_a_window_at_the_end_is_as_large_as_the_others():
    hardness = np.arange(1437.0)
    sizes = [len(window(hardness, np.zeros(1437, int), place / 10, 0.1, "window")) for place in range(10)]
    assert sizes == [144] * 10
    assert window(hardness, np.zeros(1437, int), 0.9, 0.1, "window")[-1] == 1436
    assert len(window(hardness[:5], np.zeros(5, int), 0.9, 0.1, "window")) == 1


def test_stratified_windows_keep_the_shares_of_the_classes():
    hardness = LABELS * 1000.0 + np.arange(100)  # whole classes are harder than others
    plain = window(hardness, LABELS, 0.0, 0.2, "window")
    assert set(LABELS[plain]) == {0}
    for offset in (0.0, 0.4, 0.8):
        rows = window(hardness, LABELS, offset, 0.2, "stratified")
        assert len(rows) == len(set(rows)) == 20
        assert np.bincount(LABELS[rows], minlength=4).tolist() == [6, 10, 0, 4]
        easiest = rows[LABELS[rows] == 1].min() - 31
        assert easiest == round(50 * offset)


def test_equally_hard_examples_keep_their_order():
    assert window(np.zeros(20), np.zeros(20, int), 0.5, 0.25, "window").tolist() == [10, 11, 12, 13, 14]


@pytest.mark.parametrize("by_class", [False, True])
def test_random_parts_have_the_size_of_a_window(by_class):
    rows = random_part(LABELS, 0.2, by_class, generator(0, "x"))
    assert len(set(rows)) == 20 and (np.diff(rows) > 0).all()
    assert np.array_equal(rows, random_part(LABELS, 0.2, by_class, generator(0, "x")))
    assert not np.array_equal(rows, random_part(LABELS, 0.2, by_class, generator(1, "x")))
    if by_class:
        assert np.bincount(LABELS[rows], minlength=4).tolist() == [6, 10, 0, 4]


def test_taken_takes_everything_of_an_example():
    whole = tiny_data().train
    part = taken(whole, np.array([2, 5]))
    assert part.ids.tolist() == ["tiny:train:2", "tiny:train:5"]
    assert np.array_equal(part.inputs, whole.inputs[[2, 5]])
    assert part.labels.tolist() == whole.labels[[2, 5]].tolist() == part.true_labels.tolist()
    assert part.contents.tolist() == whole.contents[[2, 5]].tolist()
