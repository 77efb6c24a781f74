"""Weak labels and scores of many utterances, batch by batch, against one utterance at a time."""

import numpy as np
import pytest
import torch
from tests.unit.training.test_utterances import data, folder, model_of, read, task_of, tokenizer  # noqa: F401

from study.config.training import TrainingSettings
from study.selection.uncertainty import Guesses, uncertainties
from study.training import weak_labels
from study.training.contracts import RunKey
from study.training.loop import train
from study.training.utterances import Utterances
from study.training.weak_labels import EarlyModel, Learned, hypothesised, mean_scores, scored


@pytest.fixture
def asked(data, tokenizer, folder, monkeypatch):  # noqa: F811
    """A model, and 24 utterances that are asked five at a time."""
    monkeypatch.setattr(weak_labels, "ASKED", 5)
    names, spoken = read(data, tokenizer)
    return model_of(folder, names, 3), Utterances(spoken, 0, torch.device("cpu")), names


def answers(model, utterances, row):
    words, _ = utterances.batch(np.array([row]))
    with torch.inference_mode():
        return model(words)


def test_hypotheses_are_the_likeliest_answers(asked):
    model, utterances, _ = asked
    rows = np.array([7, 3, 22, 0, 11, 5, 4])
    found = hypothesised(model, utterances, rows)
    for place, row in enumerate(rows):
        output = answers(model, utterances, row)
        assert (
            found.domains[place] == output.domains.argmax()
            and found.intents[place] == output.intents.argmax()
        )
        assert found.tags[place].tolist() == output.slots.argmax(1).tolist()
        chances = [head.softmax(1).max().item() for head in (output.domains, output.intents)]
        assert found.confidence[place] == pytest.approx(chances[0] * chances[1], rel=1e-5)


def test_nothing_asked_nothing_answered(asked):
    model, utterances, _ = asked
    found = hypothesised(model, utterances, np.array([], dtype=np.int64))
    assert len(found.domains) == len(found.confidence) == len(found.tags) == 0


def test_scores_are_those_of_each_utterance_against_its_weak_label(asked):
    model, utterances, _ = asked
    rng = np.random.default_rng(0)
    spoken = utterances.spoken
    weak = spoken._replace(
        domains=rng.integers(0, 3, 24),
        intents=rng.integers(0, 2, 24),
        tags=[rng.integers(0, 3, len(each)) for each in spoken.tags],
    )
    labelled, rows = Utterances(weak, 0, torch.device("cpu")), np.arange(24)[::-1].copy()
    found = scored(Learned(model, model), labelled, rows)
    for place, row in enumerate(rows):
        output = answers(model, utterances, row)
        alone = uncertainties(
            Guesses(
                output.domains.double().numpy(),
                output.intents.double().numpy(),
                output.slots.double().numpy(),
                np.array([len(weak.tags[row])]),
                weak.domains[[row]],
                weak.intents[[row]],
                weak.tags[row],
            )
        )
        for column, values in alone.items():
            assert found[column][place] == pytest.approx(values[0], rel=1e-4, abs=1e-6), column


def test_early_scores_are_taken_early_and_means_are_over_models(data, tokenizer, folder):  # noqa: F811
    names, spoken = read(data, tokenizer)
    utterances, rows = Utterances(spoken, 0, torch.device("cpu")), np.arange(24)
    key = RunKey(0, 0, "bert")

    def trained(epochs, *observers):
        settings = TrainingSettings(epochs=epochs, batch_size=6, optimizer="adamw", lr=0.01)
        model = model_of(folder, names, 3)
        train(
            model,
            task_of(spoken, names),
            settings.model_copy(update={"schedule": "constant"}),
            key,
            observers,
        )
        return model

    def alone(model):
        return scored(Learned(model, model), utterances, rows)

    early = EarlyModel(2)
    model = trained(4, early)
    found, first, last = (
        scored(Learned(model, early.model), utterances, rows),
        alone(trained(2)),
        alone(model),
    )
    for column, values in found.items():
        expected = first if column.startswith("el2n") else last
        np.testing.assert_array_equal(values, expected[column])
    assert not np.allclose(first["el2n_intent"], last["el2n_intent"])
    both = (Learned(model, early.model), Learned(early.model, model))
    mean = mean_scores([scored(one, utterances, rows) for one in both])
    np.testing.assert_allclose(mean["entropy_joint"], (first["entropy_joint"] + last["entropy_joint"]) / 2)
