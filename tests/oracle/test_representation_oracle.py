"""Depth, prototypes and TracIn as parts take them, beside the model on one example at a time."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from tests.oracle.gradient_reference import randomised
from tests.oracle.test_neighbours_oracle import loop_depth, sklearn_votes
from tests.tiny_study import MODELS, tiny_data, tiny_study

from study.scores import prototypes
from study.seeds import generator
from study.training import evaluation, parts
from study.training.contracts import Epoch, RunKey
from study.training.evaluation import Evaluation
from study.training.image_runs import prepare_model
from study.training.images import Images, Normalisation

N, T = 60, 5
PROBES = {"mlp": 2, "resnet": 5, "resnet-adam": 5, "vit": 3}  # the softmax among them


def evaluations(name: str, data):
    """Of two models, as after epochs T − 1 and T."""
    run, key = tiny_study().run("difficulty", "tiny", name, 4), RunKey(0, 4, name)
    normalise = Normalisation(data.train.inputs, torch.device("cpu"))
    images = [Images(split, normalise, torch.device("cpu")) for split in (data.train, data.test)]
    for number in (T - 1, T):
        model = randomised(prepare_model(run, data, torch.device("cpu")), seed=number)
        with torch.no_grad():
            model.head.weight *= 0.1  # away from saturated softmaxes, whose distances tie
        yield Evaluation(Epoch(number, 0.5 / number, 1.0), model, *images, key), model, key


def recorded(name: str, data):
    """Columns of the new parts."""
    settings = tiny_study(recording={"vog_checkpoints": None, "tracin_checkpoints": T}).difficulty.recording
    taken = None
    for told, _, key in evaluations(name, data):
        taken = taken or parts.score_parts(told.train, key, T, settings)[-3:]
        for part in taken:
            part.on_evaluation(told)
    return {column: values for part in taken for column, values in part.columns().items()}


@cache
def slow(name: str):
    """The same from single images."""
    data = tiny_data(n=N)
    told, labels = list(evaluations(name, data)), data.train.labels.tolist()
    raw = data.train.inputs.astype(np.float64)
    x = torch.tensor((raw - raw.mean((0, 2, 3), keepdims=True)) / raw.std((0, 2, 3), keepdims=True)).float()
    _, model, _ = told[-1]
    with torch.no_grad():
        logits = [model.eval()(image[None])[0].double() for image in x]
        layers = zip(
            *([probe.flatten().tolist() for probe in model.probes(image[None])] for image in x), strict=True
        )
        features = np.array([model.features(image[None])[0].double().numpy() for image in x])
    probes = [*layers, [z.softmax(0).tolist() for z in logits]]
    votes = [sklearn_votes(outputs, data.train.labels, 30, False) for outputs in probes]
    assert len(votes) == PROBES[name]
    influence = np.zeros(N)
    for evaluated, model, _ in told:
        for i, (image, y) in enumerate(zip(x, labels, strict=True)):
            loss = -torch.log_softmax(model.eval()(image[None]).double(), 1)[0, y]
            gradients = torch.autograd.grad(loss, list(model.parameters()))
            influence[i] += evaluated.epoch.lr * sum(float(g.double().square().sum()) for g in gradients)
    seed = int(generator(0, 4, name, "clusters").integers(2**32))
    centres = KMeans(3, n_init=1, random_state=seed).fit(features).cluster_centers_
    means = [np.mean([f for f, y in zip(features, labels, strict=True) if y == k], axis=0) for k in range(3)]
    return {
        "tracin_self": influence,
        "prediction_depth": loop_depth(votes, [int(z.argmax()) for z in logits]),
        "prototype": [math.dist(f, means[y]) for f, y in zip(features, labels, strict=True)],
        "self_prototype": [min(math.dist(f, centre) for centre in centres) for f in features],
    }


def disagreeing(name: str) -> list[str]:
    reference, ours = slow(name), recorded(name, tiny_data(n=N))
    assert set(ours) == set(reference)
    return [column for column in ours if not np.allclose(ours[column], reference[column], rtol=1e-3)]


@pytest.mark.parametrize("name", MODELS)
def test_recorded_scores_are_those_of_single_images(name):
    assert disagreeing(name) == []


def test_depths_differ_between_examples():
    """So that the comparison means something."""
    assert len(set(recorded("resnet", tiny_data(n=N))["prediction_depth"].tolist())) > 2


def mutants():
    def towards_labels(self):
        return self.train.labels

    def first_probe(self, k, probe=Evaluation.probe):
        return probe(self, 0)

    def rate_of_the_first(self, rate, norms):
        self._arrays["total"] += 0.5 * np.square(norms)

    def not_squared(self, rate, norms):
        self._arrays["total"] += rate * norms

    yield "towards labels", (Evaluation, "predicted", property(towards_labels)), "prediction_depth"
    yield "one probe for all", (Evaluation, "probe", first_probe), "prediction_depth"
    yield "softmax left out", (Evaluation, "probes", 4), "prediction_depth"
    yield "one rate for all", (parts.SelfInfluence, "update", rate_of_the_first), "tracin_self"
    yield "not squared", (parts.SelfInfluence, "update", not_squared), "tracin_self"
    yield "one mean for all", (parts, "prototype", lambda f, y: prototypes.prototype(f, y * 0)), "prototype"
    yield (
        "a cluster less",
        (parts, "self_prototype", lambda f, k, s: prototypes.self_prototype(f, k - 1, s)),
        "self_prototype",
    )
    yield "squared distances", (prototypes, "_norms", lambda rows: (rows**2).sum(1)), "self_prototype"


@pytest.mark.parametrize("mutant", list(mutants()), ids=lambda mutant: mutant[0])
def test_mutants_are_caught(mutant, monkeypatch):
    _, change, column = mutant
    slow("resnet")  # before anything is changed
    monkeypatch.setattr(*change)
    assert column in disagreeing("resnet")


def test_evaluations_are_shared(monkeypatch):
    """GraNd and TracIn take the norms of an epoch once, all parts one evaluation pass."""
    calls = {"per_example_gradient_norms": 0, "pointwise_scores": 0}
    for name in calls:
        original = getattr(evaluation, name)

        def counted(*arguments, original=original, name=name):
            calls[name] += 1
            return original(*arguments)

        monkeypatch.setattr(evaluation, name, counted)
    settings = tiny_study(recording={"vog_checkpoints": None, "tracin_checkpoints": T}).difficulty.recording
    taken = None
    for told, _, key in evaluations("mlp", tiny_data(n=N)):
        taken = taken or parts.score_parts(told.train, key, T, settings)
        for part in taken:
            part.on_evaluation(told)
    assert calls == {"per_example_gradient_norms": 2, "pointwise_scores": 2}
