"""Generated text to pre-train on: it is true, answers are not given away, and what is held out is new."""

import re
from itertools import pairwise

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.data.corpus.answers import conclusion, number
from study.data.corpus.arithmetic import sums, working
from study.data.corpus.facts import RELATIONS, facts, names
from study.data.corpus.logic import chains


@pytest.fixture(scope="module")
def made():
    return facts(40, 12, 3, 30, np.random.default_rng(0))


def test_every_fact_is_said_in_so_many_ways_and_asked_in_another(made):
    subjects = {"people": 40, "places": 12}
    assert len(made.asked) == sum(subjects[relation.subjects] for relation in RELATIONS)
    assert len(made.documents) == 3 * len(made.asked) == len(set(made.documents))
    for question in made.asked[::7]:
        relation = next(relation for relation in RELATIONS if relation.name == question.kind)
        prompt = re.escape(relation.asked).replace(r"\{s\}", "(.+)").replace(r"\{o\}", ".*")
        subject = re.fullmatch(prompt, f"{question.prompt} x")[1]
        said = {pattern.format(s=subject, o=question.answer) for pattern in relation.said}
        assert len(said & {*made.documents}) == 3


def test_no_answer_is_told_in_the_phrasing_that_asks(made):
    for question in made.asked:
        assert not any(text.startswith(question.prompt) for text in made.documents)
    texts = " ".join(made.documents)
    fixed = [re.split(r"\{[so]\}", relation.asked)[0] for relation in RELATIONS]
    assert not any(start in texts for start in fixed)


def test_held_out_facts_are_of_others(made):
    trained = {word for text in made.documents for word in text.split()}
    subjects = {question.prompt.split()[-2] for question in made.asked}
    assert len(made.held_out) == 30 and subjects & trained
    known = {*made.documents}
    assert not any(text in known for text in made.held_out)
    strangers = [text for text in made.held_out if set(text.split()) <= trained]
    assert not strangers  # each names someone or some place that training never does


def test_facts_of_too_many_phrasings_are_refused():
    with pytest.raises(ValueError, match="4 phrasings, not 5"):
        facts(3, 3, 5, 3, np.random.default_rng(0))


@given(count=st.integers(0, 300), syllables=st.integers(2, 3), seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_names_differ(count, syllables, seed):
    found = names(count, syllables, np.random.default_rng(seed))
    assert len(set(found)) == count and all(name.isalpha() for name in found)


def test_more_names_than_there_are():
    with pytest.raises(ValueError, match="there are not"):
        names(10**6, 1, np.random.default_rng(0))


@given(a=st.integers(0, 9999), b=st.integers(0, 9999))
def test_a_working_is_right_in_every_step(a, b):
    answer = working(a, b)
    steps, _, total = answer.partition(" ; ")
    assert int(total.replace(" ", "").rstrip(".")) == a + b and number(answer) == a + b
    carry = 0
    for place, step in enumerate(steps.split(" , ")):
        left, _, right = step.partition(" = ")
        given = [int(part) for part in left.split(" + ")]
        digits = [a // 10**place % 10, b // 10**place % 10]
        assert given == digits + ([carry] if carry else [])
        assert int(right.replace(" ", "")) == sum(given)
        carry = sum(given) // 10


def test_sums_are_different_and_those_of_the_test_are_not_trained_on():
    part = sums(200, 50, 2, np.random.default_rng(0))
    assert len({question.prompt for question in part.asked}) == 250
    assert [question.trained for question in part.asked] == [True] * 200 + [False] * 50
    trained = " ".join(part.documents)
    for question in part.asked:
        assert (f"{question.prompt} {question.answer}" in part.documents) == question.trained
        assert (question.prompt in trained) == question.trained
    with pytest.raises(ValueError, match="there are not"):
        sums(5000, 50, 2, np.random.default_rng(0))


def test_verdicts_are_those_of_the_graph_of_rules():
    part = chains(120, 60, 4, 30, np.random.default_rng(0))
    said = []
    for question in part.asked:
        rules = re.findall(r"every (\w+) is a (\w+) \.", question.prompt)
        graph = networkx.DiGraph(rules)
        start, goal = re.search(r"this is a (\w+) \. is it a (\w+) \?", question.prompt).groups()
        follows = networkx.has_path(graph, start, goal)
        assert conclusion(question.answer) == ("yes" if follows else "no")
        steps = re.findall(r"(\w+) so (\w+)", question.answer)
        assert set(steps) <= set(rules) and steps[0][0] == start and len(rules) == 2 * len(steps)
        assert all(one[1] == other[0] for one, other in pairwise(steps))
        ends = {node for node in graph if graph.out_degree(node) == 0}
        assert len(ends) == 2 and goal in ends  # how it is told gives nothing away
        said.append((len(steps), follows))
    counts = {key: said.count(key) for key in set(said)}
    assert len(counts) == 8 and max(counts.values()) - min(counts.values()) <= 2
    assert len({question.prompt for question in part.asked}) == 180
    assert sum(question.trained for question in part.asked) == 120 == len(part.documents)


def test_too_few_kinds_are_refused():
    with pytest.raises(ValueError, match="name 10 kinds"):
        chains(10, 10, 4, 9, np.random.default_rng(0))


def test_the_same_stream_gives_the_same_text():
    for make in (
        lambda rng: facts(10, 5, 2, 5, rng),
        lambda rng: sums(10, 5, 2, rng),
        lambda rng: chains(10, 5, 3, 20, rng),
    ):
        assert make(np.random.default_rng(3)) == make(np.random.default_rng(3))
