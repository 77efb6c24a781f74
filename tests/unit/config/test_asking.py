"""Jobs ask a cluster for what jobs of their rule took, with a margin, and for more when they failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from study.config.asking import LEAST_MB, LEAST_MINUTES, Asked, asked, family, read_measured
from study.config.study import RuntimeSettings
from study.errors import StudyError

TABLE = "rule,jobs,seconds,memory_mb\ntrain_seeds,3,1800.5,2000.2\nfigure,1,2,300\n"


def written(folder, text: str = TABLE):
    path = folder / "measured.csv"
    path.write_text(text)
    return path


def test_a_rule_that_was_measured_asks_for_that_with_a_margin(tmp_path):
    runtime = RuntimeSettings(memory_mb=9000, minutes=600, memory_margin=2, time_margin=3)
    measured = read_measured(written(tmp_path))
    assert asked("train_seeds_0_to_5", runtime, measured) == (2 * 2001, 3 * 31)
    assert asked("figure", runtime, measured) == (LEAST_MB, LEAST_MINUTES)
    assert asked("train_part_of_it_3", runtime, measured) == (9000, 600)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("difficulty_train_seeds_0_to_5", "difficulty_train_seeds"),
        ("difficulty_train_seeds_7_to_7", "difficulty_train_seeds"),
        ("influence_train_pruned_12", "influence_train_pruned"),
        ("prepare_data", "prepare_data"),
    ],
)
def test_parts_of_one_thing_share_a_name(rule, name):
    assert family(rule) == name


@given(st.integers(1, 10**6), st.integers(1, 10**5), st.integers(1, 5))
def test_each_further_attempt_asks_for_twice_as_much(memory, minutes, attempt):
    first = Asked(memory, minutes)
    assert first.again(1) == first
    assert first.again(attempt + 1) == tuple(2 * part for part in first.again(attempt))


LIMITS = st.none() | st.integers(1, 10**6)


@given(st.integers(1, 10**6), st.integers(1, 10**5), st.integers(1, 5), LIMITS, LIMITS)
def test_no_attempt_asks_for_more_than_there_is(memory, minutes, attempt, most_memory, most_minutes):
    limits = {"most_memory_mb": most_memory, "most_minutes": most_minutes}
    own = {"memory_mb": min(memory, most_memory or memory), "minutes": min(minutes, most_minutes or minutes)}
    runtime, measured = RuntimeSettings(**own, **limits), {"measured": Asked(memory, minutes)}
    free = runtime.model_copy(update=dict.fromkeys(limits))
    for rule in ("measured", "another"):
        without = asked(rule, free, measured).again(attempt)
        expected = [min(part, limit or part) for part, limit in zip(without, limits.values(), strict=True)]
        assert asked(rule, runtime, measured, attempt) == tuple(expected)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"memory_mb": 9000, "most_memory_mb": 8000}, "memory_mb is 9,000, and most_memory_mb 8,000: set"),
        ({"minutes": 90, "most_minutes": 89}, "minutes is 90, and most_minutes 89: set"),
        (
            {"most_memory_mb": 2999, "most_minutes": 59},
            "memory_mb is 3,000, and most_memory_mb 2,999; minutes is 60, and most_minutes 59: set",
        ),
    ],
)
def test_what_jobs_may_not_ask_for_is_refused(settings, told):
    with pytest.raises(ValidationError, match=told):
        RuntimeSettings(**settings)


def test_a_limit_may_be_what_jobs_ask_for():
    runtime = RuntimeSettings(memory_mb=8000, most_memory_mb=8000, minutes=90, most_minutes=90)
    assert asked("train", runtime, {}, attempt=3) == (8000, 90)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rule,jobs\ntrain,1\n", "the columns rule, jobs"),
        ("rule,jobs,seconds,memory_mb\ntrain,1,long,3\n", "of the rule train: nan seconds, 3 MB"),
        ("rule,jobs,seconds,memory_mb\ntrain,1,-1,3\n", "of the rule train: -1 seconds, 3 MB"),
        ("rule,jobs,seconds,memory_mb\ntrain,1,1,inf\n", "of the rule train: 1 seconds, inf MB"),
    ],
)
def test_a_table_that_says_nothing_of_jobs_is_refused(tmp_path, text, told):
    with pytest.raises(StudyError, match=r"runtime\.measured") as caught:
        read_measured(written(tmp_path, text))
    assert told in str(caught.value)


def test_a_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StudyError, match="is missing"):
        read_measured(tmp_path / "measured.csv")
