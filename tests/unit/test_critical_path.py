"""How long a study takes on some cores: bounds that every schedule keeps, and cases worked out by hand."""

import pytest
from benchmarks.critical_path import critical_path, in_order, makespan, to_the_end
from hypothesis import given, settings
from hypothesis import strategies as st

# b and c wait for a, d for b and c; e waits for nothing.
NEEDS = {"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": [], "e": []}
SECONDS = {"a": 1.0, "b": 5.0, "c": 2.0, "d": 1.0, "e": 4.0}


def as_ready(job):
    return 0.0


def test_the_longest_chain():
    assert critical_path(SECONDS, NEEDS) == ["a", "b", "d"]
    assert to_the_end(SECONDS, NEEDS) == {"a": 7.0, "b": 6.0, "c": 3.0, "d": 1.0, "e": 4.0}


def test_jobs_stand_behind_those_that_they_wait_for():
    order = in_order(NEEDS)
    assert all(order.index(other) < order.index(job) for job, others in NEEDS.items() for other in others)


@pytest.mark.parametrize(("cores", "seconds"), [(1, 13.0), (2, 7.0), (3, 7.0), (9, 7.0)])
def test_makespan(cores, seconds):
    left = to_the_end(SECONDS, NEEDS)
    assert makespan(SECONDS, NEEDS, cores, lambda job: -left[job]) == seconds


def test_the_order_matters():
    """Two short jobs and a long one on two cores: the long one had better not go last."""
    seconds, needs = {"x": 1.0, "y": 1.0, "z": 2.0}, {"x": [], "y": [], "z": []}
    assert makespan(seconds, needs, 2, as_ready) == 3.0
    assert makespan(seconds, needs, 2, lambda job: -seconds[job]) == 2.0


@st.composite
def studies(draw):
    size = draw(st.integers(1, 12))
    jobs = [str(place) for place in range(size)]
    seconds = {job: draw(st.floats(0, 100)) for job in jobs}
    needs = {
        job: draw(st.lists(st.sampled_from(jobs[:place]), unique=True)) if place else []
        for place, job in enumerate(jobs)
    }
    return seconds, needs


@given(studies(), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_no_schedule_beats_the_work_or_the_chain_nor_wastes_more(study, cores):
    """Graham 1966: any list schedule is within the sum of both lower bounds."""
    seconds, needs = study
    work, left = sum(seconds.values()) / cores, to_the_end(seconds, needs)
    chain = sum(seconds[job] for job in critical_path(seconds, needs))
    assert chain == pytest.approx(max(left.values()))
    for order in (as_ready, lambda job: -left[job]):
        span = makespan(seconds, needs, cores, order)
        assert max(work, chain) - 1e-6 <= span <= work + chain + 1e-6
