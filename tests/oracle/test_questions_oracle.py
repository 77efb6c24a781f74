"""Generated questions: every answer by networkx or by walking, nothing twice, nothing leaked."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from study import counts
from study.config.questions import AtlasData, PhoneBookData, ShortestPathData
from study.data.questions import atlas as atlas_module
from study.data.questions import length_two_path, phone_book, shortest_path
from study.data.questions.load import load
from study.data.questions.tokens import ANSWER, END, FIRST, PAD, QUERY, answered, written

seeds = st.integers(0, 2**32 - 1)


def split_row(row):
    """A row as lists of tokens: context, question, answer."""
    row = row.tolist()
    query, answer, end = row.index(QUERY), row.index(ANSWER), row.index(END)
    assert set(row[end + 1 :]) <= {PAD} and PAD not in row[:end]
    return row[:query], row[query + 1 : answer], row[answer + 1 : end]


def edges_in(context, names):
    """The edges that a context shows, as pairs of vertex tokens."""
    words = shortest_path.vocabulary(names)
    return [tuple(FIRST + int(end) for end in words[token].split("-")) for token in context]


def rows_of(*parts):
    return [tuple(row) for part in parts for row in part.tokens.tolist()]


@settings(deadline=None, max_examples=25)
@given(st.integers(3, 12), st.integers(0, 3), st.floats(0.2, 0.8), st.integers(1, 5), seeds)
def test_shortest_paths_are_those_of_networkx(vertices, more, probability, queries, seed):
    weights = [1.0, 2.0, 0.5]
    graphs, held_out = (2, 1) if vertices < 5 else (12, 5)
    rng = np.random.default_rng(seed)
    try:
        drawn = (vertices, probability, weights, queries)
        parts = shortest_path.shortest_paths(graphs, held_out, *drawn, rng, vertices + more)
    except ValueError:
        assert vertices < 6  # of so few vertices there are few graphs
        return
    seen = Counter()
    for part, count in zip(parts, (graphs, held_out), strict=True):
        assert part.tokens.shape == (count * queries, counts.longest_path_row(vertices, probability, 3))
        by_graph = {}
        for row, hops, number in zip(part.tokens, part.facts["hops"], part.facts["graph"], strict=True):
            context, (source, target), path = split_row(row)
            edges = edges_in(context, vertices + more)
            graph = nx.Graph(edges)
            assert len(graph.edges) == len(edges)  # no edge twice
            assert len(graph) <= vertices and max(graph) < FIRST + vertices + more
            by_graph.setdefault(number, set()).add(tuple(context))
            walk = [source, *path]
            assert walk[-1] == target and nx.is_path(graph, walk)
            assert len(path) == hops == nx.shortest_path_length(graph, source, target)
        assert sorted(by_graph) == list(range(count)) and all(len(c) == 1 for c in by_graph.values())
        for contexts in by_graph.values():
            (context,) = contexts
            seen[frozenset(context)] += 1
    assert set(seen.values()) == {1} and len(seen) == graphs + held_out


def test_edges_paths_and_distances_are_drawn_evenly():
    """Order of edges, which shortest path is written, and the weights of distances."""
    rng = np.random.default_rng(0)
    train, _ = shortest_path.shortest_paths(3000, 1, 8, 0.4, [1, 3, 1], 2, rng)
    first, choices = Counter(), []
    for row in train.tokens[::2]:
        context, (source, target), path = split_row(row)
        first[context[0]] += 1
        graph = nx.Graph(edges_in(context, 8))
        paths = sorted(nx.all_shortest_paths(graph, source, target))
        if len(paths) == 2:
            choices.append(paths.index([source, *path]))
    assert stats.chisquare(list(first.values())).pvalue > 1e-3
    assert stats.binomtest(sum(choices), len(choices)).pvalue > 1e-3 and len(choices) > 300
    shares = np.bincount(train.facts["hops"], minlength=4)[1:] / len(train.tokens)
    assert shares[1] > 2 * shares[0] > 0 and shares[2] > 0


def test_vertices_have_names_of_their_own_in_every_graph():
    """All names come up, and graphs of another kind repeat none that was trained on."""
    rng, seen = np.random.default_rng(0), set()
    train, _ = shortest_path.shortest_paths(300, 0, 5, 0.6, [1, 1], 1, rng, 6, seen)
    other = shortest_path.shortest_paths(0, 200, 6, 0.4, [1, 1], 1, rng, 6, seen)[1]
    contexts = [[frozenset(split_row(row)[0]) for row in part.tokens] for part in (train, other)]
    assert not set(contexts[0]) & set(contexts[1])
    named = [{end for edge in edges_in(context, 6) for end in edge} for context in contexts[0]]
    assert max(map(len, named)) == 5 and set.union(*named) == set(range(FIRST, FIRST + 6))
    assert shortest_path.names_in(len(shortest_path.vocabulary(6))) == 6


def test_more_graphs_than_there_are_is_refused():
    with pytest.raises(ValueError, match="different graphs of 3 vertices"):
        shortest_path.shortest_paths(8, 1, 3, 0.5, [1.0], 1, np.random.default_rng(0))


@pytest.mark.parametrize(
    "settings",
    [
        PhoneBookData(entries=30, strangers=5, letters=2, digits=3),
        ShortestPathData(graphs=20, held_out=5, queries=2, elsewhere={"larger": {"vertices": 9}}),
        AtlasData(vertices=9, roads=2, asked=[9], held_out=[5], show_steps=True),
    ],
    ids=lambda settings: settings.family,
)
def test_questions_come_out_the_same_from_the_same_seed_alone(settings):
    digests = [load("some", settings, seed).digest for seed in (7, 7, 8)]
    assert digests[0] == digests[1] != digests[2]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 300), st.integers(0, 50), st.integers(2, 6), st.integers(1, 9), seeds)
def test_phone_books_name_everybody_once(entries, strangers, letters, digits, seed):
    rng = np.random.default_rng(seed)
    book, others = phone_book.phone_book(entries, strangers, letters, digits, rng)
    names = []
    for row in rows_of(book, others):
        context, name, number = split_row(np.array(row))
        words = [phone_book.VOCABULARY[token] for token in name]
        assert context == [] and len(words) == letters and all(w.isalpha() for w in words)
        assert len(number) == digits and all(phone_book.VOCABULARY[token].isdigit() for token in number)
        names.append(tuple(words))
    assert len(set(names)) == entries + strangers


def test_names_and_numbers_are_drawn_evenly_and_apart():
    book, _ = phone_book.phone_book(17_576, 0, 3, 2, np.random.default_rng(0))  # every name there is
    assert len({tuple(row) for row in book.tokens[:, 1:4].tolist()}) == 26**3
    digits = book.tokens[:, 5:7].astype(int)
    assert stats.chisquare(np.bincount(digits.ravel() - digits.min())).pvalue > 1e-3
    table = np.zeros((26, 10))
    np.add.at(table, (book.tokens[:, 1] - FIRST, digits[:, 0] - FIRST - 26), 1)
    assert stats.chi2_contingency(table).pvalue > 1e-3
    with pytest.raises(ValueError, match="17576 of 3 letters"):
        phone_book.phone_book(17_576, 1, 3, 2, np.random.default_rng(0))


@settings(deadline=None, max_examples=30)
@given(st.integers(3, 30), st.integers(1, 4), st.integers(1, 3), st.booleans(), seeds)
def test_walks_on_an_atlas_follow_its_facts(vertices, roads, longer, show_steps, seed):
    asked = [min(20, vertices * roads**h // 2) for h in range(2, longer + 2)]
    rng = np.random.default_rng(seed)
    train, test = atlas_module.atlas(vertices, roads, asked, asked, show_steps, rng)
    facts = {}
    for row, hops in zip(train.tokens, train.facts["hops"], strict=True):
        if hops == 1:
            _, (vertex, road), answer = split_row(row)
            facts[vertex, road] = answer[0]
    assert len(facts) == vertices * roads
    for part in (train, test):
        for row, hops in zip(part.tokens, part.facts["hops"], strict=True):
            _, (at, *walked), answer = split_row(row)
            assert len(walked) == hops
            passed = []
            for road in walked:
                at = facts[at, road]
                passed.append(at)
            assert answer == (passed if show_steps else passed[-1:])
    every = rows_of(train, test)
    assert len(set(every)) == len(every) == vertices * roads + 2 * sum(asked)
    assert not (test.facts["hops"] == 1).any()


def test_more_walks_than_there_are_is_refused():
    with pytest.raises(ValueError, match="2 hops are asked for, and there are 12"):
        atlas_module.atlas(3, 2, [10], [3], False, np.random.default_rng(0))


LENGTH_TWO = st.sampled_from([8, 12, 16, 20, 24])


@settings(deadline=None, max_examples=30)
@given(LENGTH_TWO, st.integers(1, 80), st.integers(1, 20), seeds)
def test_length_two_paths_share_one_vertex_or_none(vertices, train, held_out, seed):
    parts = length_two_path.length_two_paths(train, held_out, vertices, np.random.default_rng(seed))
    between, seen = vertices - 2, []
    for (tokens, labels), count in zip(parts, (train, held_out), strict=True):
        assert abs(2 * labels.sum() - count) <= 1 and len(tokens) == count
        for row, label in zip(tokens.tolist(), labels, strict=True):
            graph = nx.DiGraph()
            graph.add_nodes_from(["source", "target"])
            graph.add_edges_from(
                ("source", token) if token < between else (token - between, "target") for token in row
            )
            assert graph.out_degree("source") == graph.in_degree("target") == vertices // 4
            assert len(list(nx.all_simple_paths(graph, "source", "target", cutoff=2))) == label
            seen.append(frozenset(row))
    assert len(set(seen)) == train + held_out  # no question twice, in either part


def test_every_question_about_a_length_two_path_can_be_drawn():
    """Of 8 vertices: 90 without a path, by brute force, and as many with one."""
    from itertools import combinations

    pairs = [(set(a), set(b)) for a in combinations(range(6), 2) for b in combinations(range(6), 2)]
    without = {(*a, *(6 + v for v in b)) for a, b in pairs if not a & b}
    with_path = sum(len(a & b) == 1 for a, b in pairs)
    assert counts.length_two_paths(8) == (len(without), with_path)
    (tokens, labels), _ = length_two_path.length_two_paths(180, 0, 8, np.random.default_rng(0))
    drawn = {tuple(sorted(row)) for row in tokens[labels == 0].tolist()}
    assert drawn == {tuple(sorted(row)) for row in without}
    with pytest.raises(ValueError, match="without a path, of which there are 90"):
        length_two_path.length_two_paths(182, 1, 8, np.random.default_rng(0))


def test_counting_edges_does_not_tell_whether_there_is_a_path():
    """A logistic regression on which edges there are is at chance; one on pairs of edges is not."""
    from sklearn.linear_model import LogisticRegression

    parts = length_two_path.length_two_paths(4000, 4000, 12, np.random.default_rng(0))
    counts = []
    for tokens, _ in parts:
        counts.append(np.zeros((4000, 20)))
        np.put_along_axis(counts[-1], tokens, 1, axis=1)
    for low, high, of in ((0.45, 0.55, lambda c: c), (0.99, 1, lambda c: c[:, :10] * c[:, 10:])):
        fitted = LogisticRegression(max_iter=1000).fit(of(counts[0]), parts[0][1])
        assert low <= fitted.score(of(counts[1]), parts[1][1]) <= high


def test_answers_and_words_of_a_row():
    book, _ = phone_book.phone_book(3, 0, 2, 4, np.random.default_rng(0))
    marked = answered(book.tokens)
    assert (marked.sum(axis=1) == 5).all() and (book.tokens[marked].reshape(3, 5)[:, -1] == END).all()
    assert (book.labels == book.tokens[:, 4]).all()
    words = written(book.tokens[0], phone_book.VOCABULARY).split()
    assert words[0] == "QUERY" and words[3] == "ANSWER" and words[-1] == "END"
