"""Encoders that runs start from: made from a set's own texts, killed and resumed, or fetched."""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import numpy as np
import pandas as pd
import pytest
import torch
from huggingface_hub import constants
from huggingface_hub.errors import RepositoryNotFoundError
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from tests.tiny_texts import prepare, text_study, tiny_texts
from tests.unit.training.killing import Killed, kill_at
from transformers import BertConfig, BertForMaskedLM, BertModel, GPT2Config, GPT2Model

from study import paths
from study.config.architectures import EncoderSettings
from study.errors import StudyError
from study.files import read_json
from study.models.encoder import Tokens, build
from study.models.tokenizer import load_tokenizer, train_tokenizer
from study.training.encoder_source import fetch
from study.training.masked_texts import Guesser, Masked, MaskedTexts, Masking
from study.training.pretraining import COLUMNS, History, prepare_encoder

SHA = "a" * 40
SIZES = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}


def made(root: Path, model: str = "bert", study=None) -> dict[str, bytes]:
    """Make an encoder; its files by name."""
    prepare_encoder(study or text_study(), "influence", "tiny", model, root)
    folder = root / paths.encoder("influence", "tiny", model)
    return {f"{paths.ENCODER}/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    root = tmp_path_factory.mktemp("finished")
    prepare(root)
    return SimpleNamespace(root=root, files=made(root))


def test_an_encoder_has_its_files(finished):
    assert set(finished.files) == set(paths.ENCODER_FILES)
    folder = finished.root / paths.encoder("influence", "tiny", "bert")
    history = pd.read_csv(folder / "pretraining.csv")
    assert history.columns.tolist() == list(COLUMNS) and history["epoch"].tolist() == [1, 2]
    assert history["held_out_accuracy"].between(0, 1).all()
    origin = read_json(folder / "origin.json")
    assert (origin["start"], origin["texts"], origin["data"]) == ("pretrain", 24, tiny_texts().digest)
    config, size = json.loads(finished.files["encoder/config.json"]), len(load_tokenizer(folder))
    sizes = ("vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size", "max_position_embeddings")
    assert [config[name] for name in sizes] == [size, 8, 1, 32, 24] and size <= 80
    assert not list(finished.root.glob("work/**/*.*"))


def test_it_is_made_of_training_texts_and_the_same_each_time(finished, tmp_path):
    prepare(tmp_path)
    assert made(tmp_path) == finished.files
    words = load_tokenizer(tmp_path / paths.encoder("influence", "tiny", "bert")).get_vocab()
    assert "please" in words and len(words) > 20


def test_an_encoder_from_scratch_learns_nothing(finished, tmp_path):
    prepare(tmp_path)
    files = made(tmp_path, "scratch")
    assert set(files) == set(paths.ENCODER_FILES)
    folder = tmp_path / paths.encoder("influence", "tiny", "scratch")
    assert pd.read_csv(folder / "pretraining.csv").columns.tolist() == list(COLUMNS)
    assert pd.read_csv(folder / "pretraining.csv").empty
    vocabularies = [json.loads(f["encoder/tokenizer.json"])["model"] for f in (files, finished.files)]
    assert vocabularies[0] == vocabularies[1]


def test_it_guesses_better_after_more_epochs(tmp_path):
    prepare(tmp_path, tiny_texts(60))
    training = {"epochs": 12, "batch_size": 8, "optimizer": "adamw", "lr": 0.02}
    made(tmp_path, study=text_study(influence={"pretraining": {"training": training, "held_out": 0.2}}))
    history = pd.read_csv(tmp_path / paths.encoder("influence", "tiny", "bert") / "pretraining.csv")
    assert history["held_out_loss"].iloc[-1] < history["held_out_loss"].iloc[0] - 0.3


def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(finished, tmp_path, monkeypatch):
    moment, killed = 0, True
    while killed:
        moment += 1
        root = tmp_path / str(moment)
        shutil.copytree(finished.root / paths.RESULTS / "data", root / paths.RESULTS / "data")
        with monkeypatch.context() as patch:
            kill_at(patch, moment, History)
            with suppress(Killed):
                files, killed = made(root), False
        if killed:
            files = made(root)
        assert files == finished.files, f"killed at moment {moment}"
        assert not list(root.glob("work/**/*.*"))
    assert (
        moment > 2 * 3 + 2 + 2 + 2
    )  # minibatches, epochs, checkpoints, and the files that are the study's own


# Masks.

MASKING = Masking(0.15, 4, 40, 5)


def tokens_of(ids: np.ndarray) -> Tokens:
    ids = torch.from_numpy(ids)
    return Tokens(ids, torch.zeros_like(ids), (ids > 0).long())


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(5, 39), min_size=1, max_size=8), min_size=1, max_size=6), st.integers(0, 9)
)
def test_some_ordinary_pieces_of_each_text_are_hidden(rows, seed):
    width = max(map(len, rows))
    ids = np.array([[2, *row, 3] + [0] * (width - len(row)) for row in rows])
    masked, targets = MASKING(tokens_of(ids), np.random.default_rng(seed))
    chosen, shown = masked.chosen.numpy(), masked.tokens.ids.numpy()
    assert chosen.any(axis=1).all() and (ids[chosen] >= 5).all()
    assert (shown[~chosen] == ids[~chosen]).all() and targets.tolist() == ids[chosen].tolist()
    assert ((shown[chosen] >= 5) | (shown[chosen] == 4)).all()
    again, _ = MASKING(tokens_of(ids), np.random.default_rng(seed))
    assert torch.equal(again.tokens.ids, masked.tokens.ids)


def test_shares_of_what_is_hidden_and_how():
    ids = np.tile(np.r_[2, np.full(100, 7), 3], (400, 1))
    masked, _ = MASKING(tokens_of(ids), np.random.default_rng(0))
    chosen, shown = masked.chosen.numpy(), masked.tokens.ids.numpy()
    assert chosen[:, 1:-1].mean() == pytest.approx(0.15, abs=0.005)
    hidden, kept = (shown[chosen] == 4).mean(), (shown[chosen] == 7).mean()
    assert hidden == pytest.approx(0.8, abs=0.02)
    assert kept == pytest.approx(0.1 + 0.1 / 35, abs=0.02)
    assert set(shown[chosen]) == {4, *range(5, 40)}


def test_only_hidden_pieces_are_guessed_and_texts_are_right_as_a_whole():
    torch.manual_seed(0)
    network = BertForMaskedLM(BertConfig(vocab_size=40, **SIZES)).eval()
    masked, targets = MASKING(tokens_of(np.array([[2, 9, 8, 3], [2, 7, 3, 0]])), np.random.default_rng(1))
    ids, types, mask = masked.tokens
    with torch.no_grad():
        everywhere = network(input_ids=ids, token_type_ids=types, attention_mask=mask).logits
        found = Guesser(network)(masked)
    torch.testing.assert_close(found, everywhere[masked.chosen])
    chosen = torch.tensor([[False, True, True, False], [False, True, False, False]])
    batch = SimpleNamespace(
        indices=np.arange(2), inputs=Masked(masked.tokens, chosen), labels=torch.tensor([9, 8, 7])
    )
    for answers, right in (([9, 8, 7], [True, True]), ([9, 1, 7], [False, True]), ([9, 8, 1], [True, False])):
        output = torch.nn.functional.one_hot(torch.tensor(answers), 40)
        assert MaskedTexts.right(None, output, batch).tolist() == right
    assert targets.tolist() == ids.new_tensor([[2, 9, 8, 3], [2, 7, 3, 0]])[masked.chosen].tolist()


# Encoders of others.


@pytest.fixture
def hub(tmp_path):
    """A folder as the hub lays it out, of a BERT with random weights; layout and sizes may be changed."""

    def write(network=None, pieces: int = 60, **sizes) -> Path:
        torch.manual_seed(3)
        tokenizer = train_tokenizer([" ".join(text) for text in ("please play", "the lamp")] * 4, pieces, 24)
        config = BertConfig(**SIZES | {"vocab_size": len(tokenizer), "max_position_embeddings": 24} | sizes)
        (network or BertModel(config)).save_pretrained(tmp_path / "theirs")
        tokenizer.save_pretrained(tmp_path / "theirs")
        return tmp_path / "theirs"

    return write


def fetched(start: Path | str, folder: Path, **changes) -> dict:
    folder.mkdir(exist_ok=True)
    return fetch(
        EncoderSettings(architecture="encoder", start=str(start), **{"positions": 24} | changes),
        "own",
        folder,
    )


def test_a_local_folder_is_copied(hub, tmp_path):
    theirs = hub()
    models = {"bert": {"architecture": "encoder", "start": str(theirs), "positions": 24}}
    files = made(tmp_path, study=text_study(models=models))
    assert set(files) == set(paths.ENCODER_FILES)
    assert json.loads(files["encoder/origin.json"]) == {"start": str(theirs), "revision": None}
    folder = tmp_path / paths.encoder("influence", "tiny", "bert")
    ours, kept = load_file(folder / "model.safetensors"), load_file(theirs / "model.safetensors")
    assert set(kept) - set(ours) == {"pooler.dense.weight", "pooler.dense.bias"}
    assert all(torch.equal(value, kept[name]) for name, value in ours.items())
    network = build(EncoderSettings(**models["bert"]), folder, 3)
    assert all(torch.equal(value, ours[name]) for name, value in network.backbone.state_dict().items())
    assert made(tmp_path, study=text_study(models=models)) == files


def test_weights_of_half_precision_become_float32(hub, tmp_path):
    theirs = hub(BertModel(BertConfig(vocab_size=60, max_position_embeddings=24, **SIZES)).half())
    fetched(theirs, tmp_path / "ours")
    assert {value.dtype for value in load_file(tmp_path / "ours" / "model.safetensors").values()} == {
        torch.float32
    }


@pytest.mark.parametrize(
    ("change", "what", "do"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "there are no weights", "safetensors"),
        (lambda folder: (folder / "config.json").unlink(), "cannot be opened", "download it again"),
        (lambda folder: (folder / "config.json").write_text("{}"), "cannot be opened", "choose another"),
    ],
)
def test_folders_that_hold_no_usable_model(hub, tmp_path, change, what, do):
    theirs = hub()
    change(theirs)
    with pytest.raises(StudyError) as error:
        fetched(theirs, tmp_path / "ours")
    assert what in error.value.what and do in error.value.do
    assert error.value.where == f"models.own.start: {theirs}" and not list((tmp_path / "ours").iterdir())


@pytest.mark.parametrize(
    ("sizes", "changes", "what"),
    [
        ({"vocab_size": 10}, {}, "pieces, and the model knows 10"),
        ({}, {"positions": 25}, "does not take rows of 25 word pieces"),
        ({}, {"revision": SHA}, "a local folder has no revisions"),
    ],
)
def test_models_that_do_not_fit(hub, tmp_path, sizes, changes, what):
    with pytest.raises(StudyError, match=what):
        fetched(hub(**sizes), tmp_path / "ours", **changes)
    assert not list((tmp_path / "ours").iterdir())


def test_a_model_that_reads_from_left_to_right_is_no_encoder(hub, tmp_path):
    decoder = GPT2Model(GPT2Config(n_embd=8, n_layer=1, n_head=2, n_positions=24, vocab_size=60))
    with pytest.raises(StudyError, match="GPT2Model is no encoder of texts"):
        fetched(hub(decoder), tmp_path / "ours")


def test_without_a_connection(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(StudyError, match="the hub cannot be reached") as error:
        fetched("someone/model", tmp_path / "ours")
    assert "hf download someone/model" in error.value.do


def test_a_model_of_the_hub_is_downloaded_at_its_revision(hub, tmp_path, monkeypatch):
    place, asked = tmp_path / "snapshots" / SHA, []
    shutil.copytree(hub(), place)
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda *a, **keys: asked.append((a, keys)) or str(place)
    )
    assert fetched("someone/model", tmp_path / "one") == {"revision": SHA}
    assert fetched("someone/model", tmp_path / "two", revision="b" * 40) == {"revision": "b" * 40}
    assert [a for a, _ in asked] == [("someone/model",)] * 2
    assert [keys["revision"] for _, keys in asked] == [None, "b" * 40]
    patterns = asked[0][1]["allow_patterns"]
    assert "model.safetensors" in patterns and not any(".bin" in p or ".py" in p for p in patterns)


@pytest.mark.parametrize("name", ["someone/none", "a/b/c"])
def test_a_model_that_the_hub_refuses(tmp_path, monkeypatch, name):
    def refuse(repo, **_):
        huggingface_hub.utils.validate_repo_id(repo)
        raise RepositoryNotFoundError("404: not found", response=SimpleNamespace(headers={}, request=None))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(StudyError, match="the hub refuses the model") as error:
        fetched(name, tmp_path / "ours")
    assert "correct start" in error.value.do
