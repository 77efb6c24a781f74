"""Utterances with intents, slots and domains: what is read, what is lost, and what a model says of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.tiny_texts import CLASSES, SIZES, tiny_texts
from torch.nn import functional
from transformers import BertConfig, BertModel

from study.config.architectures import EncoderSettings
from study.config.training import TrainingSettings
from study.data.text.packed import unpack
from study.errors import StudyError
from study.models.encoder import build
from study.models.interpreter import Interpreter
from study.models.tokenizer import train_tokenizer
from study.training.contracts import RunKey
from study.training.spoken import names_of, read_spoken
from study.training.utterances import TrainingUtterances, Utterances
from study.training.weak_labels import hypothesised

WHERE = "influence.understanding"


def with_slots(part):
    """The first word of every other utterance is a thing, and its second too where there is one."""
    tags = []
    for row, (text,) in enumerate(unpack(part.inputs)):
        words = len(text.split(" "))
        marked = ["B-thing", *["I-thing"] * min(1, words - 1)] if row % 2 else []
        tags.append(" ".join([*marked, *["O"] * (words - len(marked))]))
    return replace(part, facts=part.facts | {"slots": np.array(tags)})


@pytest.fixture(scope="module")
def data():
    made = tiny_texts()
    return replace(made, train=with_slots(made.train), test=with_slots(made.test))


@pytest.fixture(scope="module")
def tokenizer(data):
    return train_tokenizer([text for (text,) in unpack(data.train.inputs)], 80, 24)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tokenizer):
    place = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(tokenizer), **sizes)).save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


def read(data, tokenizer, slots="slots"):
    names = names_of(data, "intent", slots, WHERE)
    return names, read_spoken(data.train, tokenizer, names, "intent", slots, WHERE)


def model_of(folder, names, domains):
    torch.manual_seed(1)
    encoder = build(EncoderSettings(**SIZES), folder, len(names.intents))
    return Interpreter(encoder, max(1, len(names.tags)), 0.0, domains).eval()


def task_of(spoken, names, batch_size=6):
    utterances = Utterances(spoken, 0, torch.device("cpu"))
    settings = TrainingSettings(batch_size=batch_size)
    return TrainingUtterances(
        utterances, 0, np.arange(24), len(names.intents), settings, RunKey(0, 0, "bert")
    )


def test_what_is_read(data, tokenizer):
    names, spoken = read(data, tokenizer)
    assert names.intents.tolist() == ["i0", "i1"] and names.tags.tolist() == ["B-thing", "I-thing", "O"]
    assert spoken.domains.tolist() == data.train.labels.tolist()
    for row, (text,) in enumerate(unpack(data.train.inputs)):
        words, first = text.split(" "), spoken.pieces.ends[row] - spoken.pieces.lengths[row]
        assert len(spoken.starts[row]) == len(words) == len(spoken.tags[row])
        pieces = spoken.pieces.ids[first : spoken.pieces.ends[row]]
        for word, start in zip(words, spoken.starts[row], strict=True):
            told = tokenizer.convert_ids_to_tokens(int(pieces[start])).strip("Ġ▁#")
            assert word.lower().startswith(told.lower())
        assert names.tags[spoken.tags[row]].tolist() == data.train.facts["slots"][row].split(" ")


@pytest.mark.parametrize("domains", [0, len(CLASSES)])
@pytest.mark.parametrize("slots", ["slots", None])
def test_the_loss_is_the_sum_of_what_each_head_loses(data, tokenizer, folder, domains, slots):
    names, spoken = read(data, tokenizer, slots)
    task, model = task_of(spoken, names), model_of(folder, names, domains)
    seen = []
    for batch in task.batches(1):
        output = model(batch.inputs)
        expected = functional.cross_entropy(output.intents, torch.from_numpy(spoken.intents[batch.indices]))
        wrong = output.intents.argmax(1).numpy() != spoken.intents[batch.indices]
        if slots:
            tags = np.concatenate([spoken.tags[row] for row in batch.indices])
            expected = expected + functional.cross_entropy(output.slots, torch.from_numpy(tags))
            owners = np.repeat(
                np.arange(len(batch.indices)), [len(spoken.tags[row]) for row in batch.indices]
            )
            np.logical_or.at(wrong, owners, output.slots.argmax(1).numpy() != tags)
        if domains:
            truth = torch.from_numpy(spoken.domains[batch.indices])
            expected = expected + functional.cross_entropy(output.domains, truth)
            wrong |= (output.domains.argmax(1) != truth).numpy()
        else:
            assert output.domains is None
        torch.testing.assert_close(task.loss(output, batch), expected)
        assert task.right(output, batch).tolist() == (~wrong).tolist()
        seen += batch.indices.tolist()
    assert sorted(seen) == list(range(24))


def test_answers_do_not_depend_on_who_else_is_asked(data, tokenizer, folder):
    names, spoken = read(data, tokenizer)
    model, utterances = model_of(folder, names, 0), Utterances(spoken, 0, torch.device("cpu"))
    found = hypothesised(model, utterances, np.arange(24))
    assert found.domains is None  # of a model that does not tell them
    for row in (0, 5, 23):
        alone = hypothesised(model, utterances, np.array([row]))
        assert alone.intents[0] == found.intents[row] and alone.tags[0].tolist() == found.tags[row].tolist()


def test_names_that_training_never_saw_are_no_ones_answer(data, tokenizer):
    names = names_of(data, "intent", "slots", WHERE)
    assert names.numbers(["i1", "elsewhere"], names.intents).tolist() == [1, 0]


def test_what_does_not_fit_is_told(data, tokenizer):
    with pytest.raises(StudyError, match="no fact 'goal'"):
        names_of(data, "goal", None, WHERE)
    names = names_of(data, "intent", "slots", WHERE)
    facts = data.train.facts | {"slots": np.array(["O"] * 24)}
    with pytest.raises(StudyError, match="words has 1 tags") as error:
        read_spoken(replace(data.train, facts=facts), tokenizer, names, "intent", "slots", WHERE)
    assert "tiny:train:" in str(error.value)
