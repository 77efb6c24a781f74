"""Packed questions against each question alone, and answers given with a cache against those without one."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn import functional

from study.config.architectures import DecoderSettings
from study.config.questions import AtlasData, PhoneBookData, ShortestPathData
from study.config.training import TrainingSettings
from study.data.questions import shortest_path
from study.data.questions.load import load
from study.data.questions.tokens import ANSWER, END, FIRST, PAD, QUERY
from study.models.decoder import Sequences, build
from study.training.contracts import RunKey
from study.training.question_evaluation import answer_scores, generate
from study.training.questions import Packing, Questions, TrainingQuestions, chosen_logits

CPU = torch.device("cpu")
DATA = {
    "phone book": PhoneBookData(entries=11, strangers=3, letters=2, digits=3),
    "shortest path": ShortestPathData(
        graphs=7, held_out=3, queries=4, vertices=6, edge_probability=0.5,
        elsewhere={"larger": {"vertices": 8}},
    ),
    "atlas": AtlasData(vertices=5, roads=2, asked=[6, 8], held_out=[4, 4], show_steps=True),
}  # fmt: skip


def model_for(data, **changes):
    torch.manual_seed(3)
    settings = DecoderSettings(**{"architecture": "decoder", "layers": 2} | changes)
    return build(settings, data.train.inputs.shape[1:], len(data.classes)).eval()


def alone(model, row):
    """Each answer token's logits and id, the question by itself without padding."""
    row = [token for token in row.tolist() if token != PAD]
    start = row.index(ANSWER)
    with torch.no_grad():
        logits = model(Sequences(torch.tensor([row]))).logits[0]
    return logits[start:-1], torch.tensor(row[start + 1 :])


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("changes", [{}, {"experts": 4}, {"experts": 4, "router": "hash"}])
def test_a_packed_question_is_answered_as_if_it_stood_alone(name, changes):
    data = load("some", DATA[name], 0)
    model = model_for(data, **changes)
    for split in (data.train, data.test):
        packing = Packing(split, CPU)
        contexts = np.arange(packing.contexts)[::-1].copy()
        sequences, answers = packing.rows(contexts)
        with torch.no_grad():
            logits = chosen_logits(model(sequences), answers)
        for place, question in enumerate(packing.questions_of(contexts)):
            expected, targets = alone(model, split.inputs[question])
            mine = answers.owners == place
            assert answers.targets[mine].tolist() == targets.tolist()
            torch.testing.assert_close(logits[mine], expected, rtol=1e-4, atol=1e-5)


def test_a_question_about_another_graph_changes_nothing():
    """The test above can fail: with positions or sight of plain rows it does."""
    data = load("some", DATA["shortest path"], 0)
    model, packing = model_for(data), Packing(data.train, CPU)
    sequences, answers = packing.rows(np.arange(packing.contexts))
    with torch.no_grad():
        right = chosen_logits(model(sequences), answers)
        for broken in (sequences._replace(mask=None), sequences._replace(positions=None)):
            assert not torch.allclose(chosen_logits(model(broken), answers), right, atol=1e-3)


@pytest.mark.parametrize("name", DATA)
def test_scores_are_means_over_answer_tokens(name):
    data = load("some", DATA[name], 0)
    model = model_for(data)
    scores = answer_scores(model, Questions(data.test, CPU))
    for question, row in enumerate(data.test.inputs):
        logits, targets = alone(model, row)
        losses = functional.cross_entropy(logits.double(), targets, reduction="none")
        assert scores["loss"][question] == pytest.approx(losses.mean().item(), rel=1e-4)
        assert scores["confidence"][question] == pytest.approx((-losses).exp().mean().item(), rel=1e-4)
        right = logits.argmax(1) == targets
        assert scores["accuracy"][question] == right.all()
        assert scores["token_accuracy"][question] == pytest.approx(right[:-1].double().mean().item())


def test_recorded_questions_are_the_first_whole_contexts():
    data = load("some", DATA["shortest path"], 0)
    assert len(Questions(data.train, CPU, 5)) == 8 and len(Questions(data.train, CPU)) == 28


@pytest.mark.parametrize("name", DATA)
def test_an_epoch_presents_every_question_once(name):
    data = load("some", DATA[name], 0)
    settings = TrainingSettings(batch_size=8)
    task = TrainingQuestions(data.train, len(data.classes), settings, 2, (0.0, 0.0), RunKey(0, 0, "m"), CPU)
    batches = list(task.batches(1))
    seen = np.concatenate([batch.indices for batch in batches])
    assert sorted(seen) == list(range(len(data.train.labels))) and len(batches) == task.steps
    again = np.concatenate([batch.indices for batch in task.batches(1)])
    other = np.concatenate([batch.indices for batch in task.batches(2)])
    assert (again == seen).all() and (other != seen).any()


def test_the_loss_is_that_of_answers_alone():
    data = load("some", DATA["shortest path"], 0)
    model = model_for(data, experts=4)
    task = TrainingQuestions(
        data.train, len(data.classes), TrainingSettings(batch_size=100), 2, (0.0, 0.0), RunKey(0, 0, "m"), CPU
    )
    (batch,) = task.batches(1)
    with torch.no_grad():
        output = model(batch.inputs)
    pairs = [alone(model, data.train.inputs[question]) for question in batch.indices]
    logits, targets = (torch.cat(part) for part in zip(*pairs, strict=True))
    assert task.loss(output, batch).item() == pytest.approx(
        functional.cross_entropy(logits, targets).item(), rel=1e-4
    )
    right = [(logits.argmax(1) == targets).all().item() for logits, targets in pairs]
    assert task.right(output, batch).tolist() == right


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("changes", [{}, {"experts": 4}, {"experts": 4, "router": "hash"}])
def test_a_cache_changes_no_answer(name, changes):
    """Against the likeliest token of the whole sequence so far, one question and one token at a time."""
    data = load("some", DATA[name], 0)
    model, longest = model_for(data, **changes), 4
    answers = generate(model, data.test.inputs, longest, CPU)
    assert answers.shape == (len(data.test.inputs), longest + 1)
    for row, got in zip(data.test.inputs.tolist(), answers.tolist(), strict=True):
        so_far = row[: row.index(ANSWER) + 1]
        expected = []
        while len(expected) <= longest and END not in expected:
            with torch.no_grad():
                logits = model(Sequences(torch.tensor([so_far + expected]))).logits[0, -1]
            expected.append(logits.argmax().item())
        assert got == expected + [PAD] * (longest + 1 - len(expected))


def test_answers_are_checked_against_the_graph():
    """Reference answers are right; those with a step, an end or a length that is wrong are not."""
    import networkx as nx

    data = load("some", DATA["shortest path"], 0)
    rows = data.test.inputs
    rng = np.random.default_rng(0)
    given = np.zeros((len(rows), 6), dtype=np.int64)
    for row, answer in zip(rows.tolist(), given, strict=True):
        reference = row[row.index(ANSWER) + 1 : row.index(END) + 1]
        answer[: len(reference)] = reference
    for changed in (given, np.where(rng.random(given.shape) < 0.3, rng.integers(0, 20, given.shape), given)):
        checked = shortest_path.checked(rows, changed, 8)
        for i, (row, answer) in enumerate(zip(rows.tolist(), changed.tolist(), strict=True)):
            context, (source, target) = row[: row.index(1)], row[row.index(1) + 1 : row.index(ANSWER)]
            graph = nx.Graph(
                [[FIRST + int(end) for end in data.classes[edge].split("-")] for edge in context]
            )
            ended = END in answer
            walk = [source, *(answer[: answer.index(END)] if ended else answer)]
            shortest = nx.shortest_path_length(graph, source, target)
            along = all(graph.has_edge(a, b) for a, b in pairwise(walk))
            valid = ended and len(walk) > 1 and along and walk[-1] == target
            assert checked["valid"][i] == valid
            assert checked["optimal"][i] == (valid and len(walk) - 1 == shortest)
            assert checked["length_right"][i] == (ended and len(walk) - 1 == shortest)
            assert checked["given_hops"][i] == len(walk) - 1
        assert checked["optimal"].all() == (changed is given)


@pytest.mark.parametrize("name", DATA)
def test_a_row_is_no_longer_than_its_parts(name):
    """The longest context, and for each question the longest of them with its answer but for END."""
    split = load("some", DATA[name], 0).train
    rows = [[token for token in row if token != PAD] for row in split.inputs.tolist()]
    contexts = [row.index(QUERY) for row in rows]
    longest = max(len(row) - context - 1 for row, context in zip(rows, contexts, strict=True))
    packing = Packing(split, CPU)
    assert packing.width == max(contexts) + packing.each * longest
