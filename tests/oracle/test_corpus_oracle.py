"""Packed documents against each document alone, and gradients in parts against their plain mean."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from study.config.architectures import DecoderSettings
from study.config.corpus import CorpusData
from study.config.training import TrainingSettings
from study.data.corpus.make import prepare
from study.data.corpus.store import Documents
from study.data.corpus.store import open as open_corpus
from study.models.decoder import Sequences, build
from study.training import corpora
from study.training.contracts import RunKey
from study.training.corpora import IGNORED, Judged, Packed, TrainingRows, inputs_of
from study.training.corpus_questions import CorpusQuestions
from study.training.gradients import InParts
from study.training.processes import ALONE
from study.training.question_evaluation import answer_scores

CPU = torch.device("cpu")
PARTS = {
    "facts": {"family": "facts", "people": 6, "places": 4, "phrasings": 2, "held_out": 5},
    "sums": {"family": "sums", "digits": 1, "train": 12, "test": 5},
    "sentences": {"family": "sentences", "train": 9, "held_out": 4},
}


def documents(lengths, parts=None):
    """Documents of these lengths, no token of which occurs twice."""
    ends = np.cumsum(lengths)
    parts = np.zeros(len(lengths)) if parts is None else parts
    return Documents(np.arange(ends[-1]).astype(np.uint16), ends.astype(np.int64), np.array(parts, np.uint8))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    prepare("tiny", CorpusData(parts=PARTS, vocabulary=300, row=16), 0, folder)
    return open_corpus(folder)


def model_of(corpus, **changes):
    torch.manual_seed(3)
    sizes = {"architecture": "decoder", "layers": 2, "dim": 8} | changes
    return build(DecoderSettings(**sizes), (corpus.row,), corpus.vocabulary).eval()


def alone(model, tokens):
    """Log-probabilities of each token but the first, given those before it."""
    with torch.no_grad():
        logits = model(Sequences(torch.tensor([tokens]))).logits[0]
    return functional.log_softmax(logits[:-1].double(), dim=-1)


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    length=st.integers(1, 7),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_rows_are_what_documents_make_one_behind_the_other(lengths, length, seed):
    made, order = documents(lengths), np.random.default_rng(seed).permutation(len(lengths))
    pieces = np.split(made.tokens, made.ends[:-1])
    stream = [(token, place) for place, number in enumerate(order) for token in pieces[number].tolist()]
    packed = Packed(made, order, length)
    assert packed.tokens == len(stream) and packed.rows == max(0, -(-(len(stream) - 1) // length))
    if not packed.rows:
        return
    tokens, owners = packed.of(np.arange(packed.rows))
    for row in range(packed.rows):
        expected = stream[row * length : (row + 1) * length + 1]
        expected += [(0, -1)] * (length + 1 - len(expected))
        assert list(zip(tokens[row].tolist(), owners[row].tolist(), strict=True)) == expected


@pytest.mark.parametrize("changes", [{}, {"experts": 4}, {"experts": 4, "router": "hash"}])
def test_a_document_in_a_row_is_read_as_if_it_stood_alone(corpus, changes):
    model, found = model_of(corpus, **changes), []
    order = np.random.default_rng(1).permutation(len(corpus.train.ends))
    packed = Packed(corpus.train, order, corpus.row)
    tokens, owners = packed.of(np.arange(6))
    inputs, targets = inputs_of(tokens, owners, CPU)
    with torch.no_grad():
        logits = functional.log_softmax(model(inputs).logits.double(), dim=-1)
    for row in range(6):
        for owner in np.unique(owners[row]):
            places = np.flatnonzero(owners[row] == owner)
            if len(places) < 2:
                continue
            segment = tokens[row][places].tolist()
            mine = logits[row, places[:-1]]
            torch.testing.assert_close(mine, alone(model, segment), rtol=1e-4, atol=1e-5)
            assert targets[row, places[:-1]].tolist() == segment[1:]
            found.append(len(segment))
        crossing = np.flatnonzero(owners[row][1:] != owners[row][:-1])
        assert (targets[row, crossing] == IGNORED).all()
    assert len(found) > 8


def test_held_out_losses_are_those_of_documents_alone(corpus):
    model = model_of(corpus)
    some = np.array([0, 7, 3, 11])  # shorter than a row together, or cut by its end
    long = corpus.held_out.lengths.max() * 4
    judged = Judged(corpus.held_out, some, int(long), 2, CPU)(model, len(corpus.parts))
    losses, right, parts = [], [], []
    for number in some:
        tokens = corpus.held_out.tokens[
            corpus.held_out.starts[number] : corpus.held_out.ends[number]
        ].tolist()
        chances = alone(model, tokens)
        targets = torch.tensor(tokens[1:])
        losses += (-chances[torch.arange(len(targets)), targets]).tolist()
        right += (chances.argmax(1) == targets).tolist()
        parts += [int(corpus.held_out.parts[number])] * len(targets)
    assert judged.loss == pytest.approx(np.mean(losses), rel=1e-4)
    assert judged.accuracy == pytest.approx(np.mean(right))
    means = pd.Series(losses).groupby(parts).mean()
    for part, mean in means.items():
        assert judged.loss_of_parts[part] == pytest.approx(mean, rel=1e-4)


def test_answers_are_scored_and_given_as_one_by_one(corpus):
    model = model_of(corpus, experts=4)
    questions = CorpusQuestions(corpus, CPU)
    scores, given = answer_scores(model, questions, end=None), questions.answers_of(model)
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(corpus.tokenizer)
    limits = pd.Series(questions.answer_tokens).groupby(corpus.questions["task"].to_numpy()).max()
    for place, row in corpus.questions.iloc[::5].iterrows():
        prompt = tokenizer.encode(row["prompt"]).ids
        whole = tokenizer.encode(f"{row['prompt']} {row['answers'][0]}").ids
        assert whole[: len(prompt)] == prompt
        answer = whole[len(prompt) :]
        assert len(answer) == questions.answer_tokens[place]
        chances = alone(model, whole)[len(prompt) - 1 :]
        loss = -chances[torch.arange(len(answer)), torch.tensor(answer)]
        assert scores["loss"][place] == pytest.approx(float(loss.mean()), rel=1e-4)
        written = list(prompt)
        for _ in range(int(1.25 * limits[row["task"]]) + 2):
            with torch.no_grad():
                token = int(model(Sequences(torch.tensor([written]))).logits[0, -1].argmax())
            if token == corpus.end:
                break
            written.append(token)
        assert given[place] == tokenizer.decode(written[len(prompt) :]).strip()


def test_gradients_of_parts_are_their_mean(corpus):
    model = model_of(corpus, experts=4).train()
    training = TrainingSettings(batch_size=6, accumulate=3, epochs=1)
    key, weights = RunKey(0, 0, "m"), (0.01, 0.001)
    task = TrainingRows(corpus.train, corpus.vocabulary, corpus.row, training, 2, 2, weights, key, CPU)
    batch = task.batch(0)
    assert len(batch.inputs) == 3 and len(batch.indices) == 6
    losses = []
    for part in batch.inputs:
        output, labels = model(part.inputs), part.labels.reshape(-1)
        logits = output.logits.reshape(-1, corpus.vocabulary)
        kept = labels != IGNORED
        plain = functional.cross_entropy(logits[kept], labels[kept])
        losses.append(task.loss(output, part))
        assert 0 < float((losses[-1] - plain).detach()) < 0.1  # what routers cost is on top
    expected = torch.autograd.grad(torch.stack(losses).mean(), list(model.parameters()))
    loss, right = InParts(model, "float32", ALONE)(model, task, batch)
    assert right is None and float(loss) == pytest.approx(
        float(torch.stack(losses).mean().detach()), rel=1e-6
    )
    for parameter, gradient in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-7)


def test_only_parts_that_are_asked_for_are_made(corpus, monkeypatch):
    made = []
    monkeypatch.setattr(corpora, "inputs_of", lambda *rows: made.append(1) or inputs_of(*rows))
    training = TrainingSettings(batch_size=6, accumulate=3, epochs=1)
    key = RunKey(0, 0, "m")
    task = TrainingRows(corpus.train, corpus.vocabulary, corpus.row, training, 2, 2, (0, 0), key, CPU)
    batch = task.batch(0)
    assert len(batch.inputs) == 3 and not made
    assert len(batch.inputs[2].indices) == 2 and len(made) == 1


def test_every_pass_reads_every_document_in_another_order(corpus):
    training = TrainingSettings(batch_size=3, epochs=3)
    key = RunKey(0, 1, "m")
    task = TrainingRows(corpus.train, corpus.vocabulary, corpus.row, training, 4, 2, (0, 0), key, CPU)
    of_pass = (len(corpus.train.tokens) - 1) // corpus.row // 3

    def tokens_of(number):
        batches = [task.batch(number * of_pass + step) for step in range(of_pass)]
        return torch.cat([part.inputs.tokens.flatten() for batch in batches for part in batch.inputs])

    passes = [tokens_of(number) for number in range(2)]
    counts = [np.bincount(tokens.numpy(), minlength=corpus.vocabulary) for tokens in passes]
    whole = np.bincount(corpus.train.tokens, minlength=corpus.vocabulary)
    for tokens in counts:
        assert (tokens <= whole).all() and whole.sum() - tokens.sum() < 3 * corpus.row + corpus.row
    assert not torch.equal(*passes)
    other = TrainingRows(corpus.train, corpus.vocabulary, corpus.row, training, 4, 2, (0, 0), key, CPU)
    for step in (7, 2):  # a minibatch follows from its number alone
        torch.testing.assert_close(*(of.batch(step).inputs[0].inputs.tokens for of in (other, task)))
