"""Runs on texts: their files, what they look back on, killed and resumed, and the choice of a rate."""

import json
import shutil
from itertools import chain

import numpy as np
import pandas as pd
import pytest
import torch
from tests.tiny_study import with_memory
from tests.tiny_texts import MODELS, contents, prepare, prepare_all, text_study, tiny_texts
from tests.unit.training.killing import Killed, kill_at

from study import paths
from study.config.runs import RunSettings
from study.errors import StudyError
from study.files import read_parquet
from study.kinds import TEXT
from study.scores.embedding_vog import embedding_gradients
from study.scores.gradient import per_example_gradient_norms
from study.scores.registry import columns_of
from study.training import recorders, text_runs, text_tuning
from study.training.run import train_runs
from study.training.schedule import learning_rate
from study.training.snapshots import Snapshots
from study.training.text_inputs import text_inputs
from study.training.text_scores import LookBack

IDENTITY = {"example_id", "content", "label"}


def study_of(epochs: int = 3, **influence):
    return text_study({"epochs": epochs}, influence)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A folder with all that runs start from."""
    root = tmp_path_factory.mktemp("ground")
    prepare_all(root, study_of())
    return root


@pytest.fixture
def root(ground, tmp_path):
    """A copy of that folder."""
    return shutil.copytree(ground, tmp_path / "study")


@pytest.fixture(scope="module")
def finished(ground, tmp_path_factory):
    """Runs with seeds 0 and 1."""
    root = shutil.copytree(ground, tmp_path_factory.mktemp("finished") / "study")
    train(root, seeds=(0, 1))
    return root


def train(root, study=None, seeds=(0,)):
    train_runs(study or study_of(), "influence", "tiny", "bert", list(seeds), root)


def folder_of(root, seed: int = 0):
    return root / paths.run_folder("influence", "tiny", "bert", seed)


def examples(root, seed: int = 0) -> pd.DataFrame:
    return read_parquet(folder_of(root, seed) / "examples.parquet")


def test_a_run_has_its_files(finished):
    study = study_of()
    for seed in (0, 1):
        names = set(study.influence.recording.files(seed)) - {"resources.json"}
        assert set(contents(finished, "bert", seed)) == names
        assert (paths.TRAJECTORY in names) == (seed == 0)
    folder = folder_of(finished)
    run = RunSettings.model_validate_json((folder / "config.json").read_text())
    assert run.training.lr == 0.01  # the chosen one, not the study's
    assert run.encoder == paths.encoder("influence", "tiny", "bert")
    frame, numbers = examples(finished), json.loads((folder / "metrics.json").read_text())
    assert set(frame.columns) == set(columns_of(TEXT)) | IDENTITY | {"never_learned"}
    assert np.isfinite(frame[list(columns_of(TEXT))].to_numpy(float)).all()
    assert numbers["train_loss"] == pytest.approx(frame["loss_last"].mean())
    assert numbers["train_accuracy"] == pytest.approx(frame["accuracy_last"].mean())
    assert (numbers["train_examples"], numbers["test_examples"], numbers["steps"]) == (24, 9, 9)
    assert pd.read_csv(folder / "history.csv")["epoch"].tolist() == [1, 2, 3]
    trajectory = pd.read_parquet(folder / paths.TRAJECTORY)
    assert trajectory["epoch"].value_counts().to_dict() == {1: 24, 2: 24, 3: 24}
    second = trajectory[trajectory["epoch"] == 2].sort_values("example")
    np.testing.assert_allclose(second["loss"], frame["loss_early"], rtol=1e-5)
    assert not list(finished.glob("work/**/*.*"))


def test_runs_repeat_alone_and_seeds_differ(finished, root):
    train(root, seeds=(1,))
    assert contents(root, "bert", 1) == contents(finished, "bert", 1)
    assert contents(root, "bert", 1)["examples.parquet"] != contents(finished, "bert", 0)["examples.parquet"]


def test_scores_that_look_back_can_be_left_out(finished, root):
    recording = {"vog_checkpoints": None, "tracin_checkpoints": None, "keep_model": True}
    shown = {"scores": ["el2n_early", "pvi"]}  # those of the default are not all recorded
    train(root, study_of(recording=recording, analysis=shown))
    left_out = set(examples(finished).columns) - set(examples(root).columns)
    assert left_out == {"vog_embedding", "vog_embedding_class", "tracin_last_layers"}
    assert (examples(root)["loss_last"] == examples(finished)["loss_last"]).all()
    assert (folder_of(root) / paths.CHECKPOINT).is_file()


def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(ground, tmp_path, monkeypatch):
    study = study_of(2)
    whole = shutil.copytree(ground, tmp_path / "whole")
    train(whole, study)
    moment, killed = 0, True
    while killed:
        moment += 1
        root = shutil.copytree(ground, tmp_path / str(moment))
        with monkeypatch.context() as patch:
            kill_at(patch, moment, recorders.Recorder)
            try:
                train(root, study)
                killed = False
            except Killed:
                pass
        if killed:
            train(root, study)
        assert contents(root, "bert") == contents(whole, "bert"), f"killed at moment {moment}"
        assert not list(root.glob("work/**/*.*"))
    # Minibatches, ends of epochs, kept weights, checkpoints, and files that are written and published.
    assert moment > 2 * 3 + 2 + 3 + 2 + 2 + 6 + 6


def test_another_encoder_starts_a_killed_run_anew(root, monkeypatch):
    with monkeypatch.context() as patch:
        kill_at(patch, 12, recorders.Recorder)
        with pytest.raises(Killed):
            train(root)
    assert list(root.glob("work/**/checkpoint.safetensors"))
    file = root / paths.encoder("influence", "tiny", "bert") / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    train(root)
    assert not list(root.glob("work/**/*.*"))


def test_kept_weights_are_evenly_spaced_and_know_their_rates(tmp_path):
    training = study_of().run("influence", "tiny", "bert", 0).training.model_copy(update={"warmup": 0.2})
    kept = Snapshots(tmp_path / "kept", 10, 4, training)
    assert kept.rates == {step: learning_rate(step - 1, 10, training) for step in (3, 5, 8, 10)}
    assert list(Snapshots(tmp_path / "kept", 2, 5, training).rates) == [1, 2]
    model, seen = torch.nn.Linear(2, 1, bias=False), []
    for step in range(1, 11):
        torch.nn.init.constant_(model.weight, step)
        kept.on_update(step, model)
    for rate, each in kept.each(model, torch.device("cpu")):
        seen.append((rate, float(each.weight.detach()[0, 0])))
    assert seen == [(rate, float(step)) for step, rate in kept.rates.items()]
    kept.remove()
    assert not (tmp_path / "kept").exists()


def test_looking_back_takes_the_kept_weights_one_text_at_a_time(root, tmp_path, monkeypatch):
    study = study_of()
    run = text_runs.settled(study.run("influence", "tiny", "bert", 0), study, root)
    data, device = tiny_texts(), torch.device("cpu")
    texts = text_inputs(run, data, root).whole(data.train, text_inputs(run, data, root).train, device)
    model = text_runs.prepare_model(run, data, device, root)
    looks_back, steps, rng = LookBack(tmp_path, 6, run.recording, run.training), [], np.random.default_rng(0)
    for step in range(1, 7):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += torch.from_numpy(rng.normal(0, 0.1, parameter.shape).astype(np.float32))
        for observer in looks_back.observers:
            observer.on_update(step, model)
        steps.append({name: value.clone() for name, value in model.state_dict().items()})
    last = {name: value.clone() for name, value in model.state_dict().items()}
    columns = looks_back.columns(model, texts)
    assert all(torch.equal(value, last[name]) for name, value in model.state_dict().items())
    for row in (0, 5, 23):
        tokens, labels = texts.tokens(np.array([row])), texts.targets[row : row + 1]
        gradients, influence = [], 0.0
        for step in (2, 4, 6):
            model.load_state_dict(steps[step - 1])
            gradients.append(embedding_gradients(model, model.embeddings, tokens, labels)[0].numpy())
        for step in (3, 6):
            model.load_state_dict(steps[step - 1])
            norm, _ = per_example_gradient_norms(model, tokens, labels, model.last_layers)
            influence += learning_rate(step - 1, 6, run.training) * float(norm) ** 2
        assert columns["vog_embedding"][row] == pytest.approx(np.var(gradients, axis=0).mean(), rel=1e-3)
        assert columns["tracin_last_layers"][row] == pytest.approx(influence, rel=1e-4)
    looks_back.remove()
    assert not list(tmp_path.glob("vog/*"))


@pytest.mark.parametrize("size", [1, 5, 8, 100])
@pytest.mark.parametrize("chosen", [None, [3, 4, 9, 20, 21]])
def test_an_epoch_holds_each_text_once_and_repeats(root, monkeypatch, size, chosen):
    monkeypatch.setattr("study.training.texts._POOLED", 2)
    study = text_study({"batch_size": size})
    run = text_runs.settled(study.run("influence", "tiny", "bert", 0), study, root)
    data = tiny_texts()
    inputs = text_inputs(run, data, root)
    rows = None if chosen is None else np.array(chosen)
    task = inputs.task(run, data, torch.device("cpu"), rows)
    orders = []
    for epoch in (1, 1, 2):
        batches = list(task.batches(epoch))
        assert len(batches) == task.steps and max(len(batch.indices) for batch in batches) <= size
        orders.append([batch.indices.tolist() for batch in batches])
        assert sorted(chain(*orders[-1])) == (chosen or list(range(24)))
        for batch in batches:
            assert batch.labels.tolist() == data.train.labels[batch.indices].tolist()
            lengths = inputs.train.lengths[batch.indices]
            assert batch.inputs.mask.sum(1).tolist() == lengths.tolist()
            assert batch.inputs.ids.shape[1] == lengths.max()
            assert (batch.inputs.ids[batch.inputs.mask == 0] == inputs.padding).all()
    assert orders[0] == orders[1]
    if task.steps > 1:  # a single batch is sorted by length
        again = inputs.task(run.model_copy(update={"seed": 1}), data, torch.device("cpu"), rows).batches(1)
        assert orders[0] != orders[2] and [batch.indices.tolist() for batch in again] != orders[0]


def test_evaluations_see_each_text_once_in_batches_of_bounded_size(root):
    study = study_of()
    run = text_runs.settled(study.run("influence", "tiny", "bert", 0), study, root)
    data = tiny_texts()
    texts = text_inputs(run, data, root).whole(
        data.test, text_inputs(run, data, root).test, torch.device("cpu")
    )
    for most in (1, 30, 10_000):
        batches = list(texts.evaluation_batches(most))
        assert sorted(chain(*(rows.tolist() for rows, *_ in batches))) == list(range(9))
        assert all(tokens.ids.numel() <= most or len(rows) == 1 for rows, tokens, _ in batches)
    assert len(batches) == 1
    part = texts.some(np.array([7, 2]))
    assert part.labels.tolist() == data.test.labels[[7, 2]].tolist() and len(part) == 2
    assert torch.equal(part.tokens(np.array([1])).ids, texts.tokens(np.array([2])).ids)


@pytest.mark.parametrize("truncate", [False, True])
def test_texts_longer_than_an_encoder_takes(tmp_path, truncate):
    short = {"bert": MODELS["bert"] | {"positions": 6, "truncate": truncate}}
    study = text_study(models=short)
    prepare_all(tmp_path, study)
    if truncate:
        train(tmp_path, study)
        assert folder_of(tmp_path).is_dir()
        return
    with pytest.raises(StudyError, match="texts are longer than bert takes: the longest has") as error:
        train(tmp_path, study)
    assert error.value.where.startswith("example tiny:train:") and "truncate: true" in error.value.do


def test_the_rate_is_chosen_without_test_examples(root):
    study, path = study_of(tuning_seeds=1), root / paths.tuning("influence", "tiny", "bert")
    text_tuning.tune(study, "influence", "tiny", "bert", root)
    table, content = pd.read_csv(path), path.read_bytes()
    assert table["learning_rate"].tolist() == [0.003, 0.01] and (table["seed"] == 0).all()
    best = table.loc[table["loss"].idxmin(), "learning_rate"]
    assert table.loc[table["chosen"], "learning_rate"].tolist() == [best]
    prepare(root, tiny_texts(n_test=3))
    text_tuning.tune(study, "influence", "tiny", "bert", root)
    assert path.read_bytes() == content


def test_rates_that_diverge_are_out(root, monkeypatch):
    tried = study_of(learning_rates=[1e30, 0.01], tuning_seeds=1)
    text_tuning.tune(tried, "influence", "tiny", "bert", root)
    table = pd.read_csv(root / paths.tuning("influence", "tiny", "bert"))
    assert np.isinf(table["loss"]).tolist() == [True, False] and table["chosen"].tolist() == [False, True]
    with pytest.raises(StudyError, match="diverged at every learning rate"):
        text_tuning.tune(study_of(learning_rates=[1e30, 1e25]), "influence", "tiny", "bert", root)


def test_what_is_not_there_is_asked_for(root):
    shutil.rmtree(root / paths.encoder("influence", "tiny", "bert"))
    with pytest.raises(StudyError, match=r"model.safetensors"):
        train(root)
    (root / paths.tuning("influence", "tiny", "bert")).unlink()
    with pytest.raises(StudyError, match=r"tuning/tiny/bert.csv"):
        train(root)


def test_memory_is_told_before_training_and_grows_with_texts(root):
    run, cpu = study_of().run("influence", "tiny", "bert", 0), torch.device("cpu")
    few, many = (text_runs.estimate_mb(run, tiny_texts(n), cpu) for n in (30, 3000))
    assert few < many < few + 20
    with pytest.raises(StudyError, match="needs about"):
        train_runs(with_memory(study_of(), 100), "influence", "tiny", "bert", [0], root)
