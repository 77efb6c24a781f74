"""Word pieces and encoders: what they are made of, whatever is beside a text, in this process and others."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from torch import nn
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from study.config.architectures import EncoderSettings
from study.config.training import TrainingSettings
from study.kinds import TEXT, kinds_of
from study.models import tokenizer as module
from study.models.encoder import Encoder, Tokens, build
from study.models.tokenizer import SPECIAL, Pieces, cut, load_tokenizer, train_tokenizer
from study.training.optim import build_optimizer, set_learning_rate

PROJECT = Path(__file__).resolve().parents[3]
TEXTS = [f"Please {verb} the {thing}, now!" for verb in ("dim", "play", "stop") for thing in ("lamp", "song")]


@pytest.fixture(scope="module")
def trained():
    return train_tokenizer(TEXTS * 3, 60, 16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, trained):
    """An encoder as runs start from it."""
    place = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(1)
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(trained), max_position_embeddings=16, initializer_range=0.4, **sizes)
    BertModel(config, add_pooling_layer=False).save_pretrained(place)
    trained.save_pretrained(place)
    return place


def settings_of(**changes) -> EncoderSettings:
    return EncoderSettings(architecture="encoder", **changes)


def tokens_of(pieces: Pieces, rows, more: int = 0) -> Tokens:
    """Some rows by hand, with `more` columns of padding than the longest needs."""
    width = int(pieces.lengths[rows].max()) + more
    ids, types, mask = (torch.zeros(len(rows), width, dtype=torch.long) for _ in range(3))
    for place, row in enumerate(rows):
        start, end = pieces.starts[row], pieces.ends[row]
        ids[place, : end - start] = torch.from_numpy(pieces.ids[start:end].astype(np.int64))
        types[place, : end - start] = torch.from_numpy(pieces.types[start:end].astype(np.int64))
        mask[place, : end - start] = 1
    return Tokens(ids, types, mask)


def test_special_pieces_come_first_and_case_does_not_matter(trained):
    assert trained.convert_ids_to_tokens(range(5)) == list(SPECIAL.values())
    assert len(trained) <= 60 and trained.model_max_length == 16
    assert trained.tokenize("PLAY the Song!") == trained.tokenize("play the song !")
    assert trained.decode(trained("play the song").input_ids, skip_special_tokens=True) == "play the song"
    assert trained.unk_token_id in trained("語").input_ids


def test_rows_are_laid_out_as_those_of_bert(trained):
    pieces = cut(trained, [("play", "song now"), ("", "")])
    one, two = (trained.convert_tokens_to_ids(trained.tokenize(text)) for text in ("play", "song now"))
    assert pieces.ids[: pieces.ends[0]].tolist() == [2, *one, 3, *two, 3]
    assert pieces.types[: pieces.ends[0]].tolist() == [0] * (len(one) + 2) + [1] * (len(two) + 1)
    assert pieces.ids[pieces.starts[1] :].tolist() == [2, 3, 3]
    assert cut(trained, [("play",)]).types.tolist() == [0] * (len(one) + 2)


def test_rows_do_not_depend_on_how_many_are_cut_at_once(trained, monkeypatch):
    texts = [(a, b) for a in TEXTS for b in TEXTS[:3]]
    whole = cut(trained, texts, 9)
    monkeypatch.setattr(module, "_AT_ONCE", 4)
    parts = cut(trained, texts, 9)
    for name in ("ids", "types", "starts", "ends"):
        assert (getattr(whole, name) == getattr(parts, name)).all()
    assert whole.lengths.max() == 9 and whole.lengths.sum() == len(whole.ids)


def test_the_longer_text_of_a_pair_is_cut_first(trained):
    short, long = "play", "stop the lamp now please stop the song"
    pieces = cut(trained, [(short, long), (long, short)], 8)
    kept = len(trained.tokenize(short))
    for row, of_short in ((0, 0), (1, 1)):
        types = pieces.types[pieces.starts[row] : pieces.ends[row]].tolist()
        assert len(types) == 8 and types.count(of_short) == kept + (2 if of_short == 0 else 1)
    assert cut(trained, [(short, long)]).lengths[0] > 8  # and only where that is asked for


ROWS = st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=5), min_size=1, max_size=6)


@given(ROWS, st.data())
def test_some_rows_of_many(rows, data):
    flat = np.array([piece for row in rows for piece in row], np.int32)
    ends = np.cumsum([len(row) for row in rows])
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=8))
    found = Pieces(flat, (flat % 2).astype(np.uint8), ends).some(np.array(chosen))
    cuts = [found.ids[a:b].tolist() for a, b in zip(found.starts, found.ends, strict=True)]
    assert cuts == [rows[row] for row in chosen]
    assert (found.types == found.ids % 2).all() and found.lengths.tolist() == [len(row) for row in cuts]


def in_another_process(code: str, *arguments: str, seed: int = 0) -> str:
    env = os.environ | {
        "PYTHONPATH": str(PROJECT / "workflow"),
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": str(seed),
        "HF_HUB_OFFLINE": "1",
    }
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_other_processes_train_the_same_pieces_and_open_the_folder(folder, trained, tmp_path):
    code = (
        "import sys, json; from transformers import AutoModel, AutoTokenizer;"
        "from study.models.tokenizer import train_tokenizer;"
        "train_tokenizer(json.loads(sys.argv[3]), 60, 16).save_pretrained(sys.argv[2]);"
        "model = AutoModel.from_pretrained(sys.argv[1], add_pooling_layer=False).eval();"
        "read = AutoTokenizer.from_pretrained(sys.argv[1]);"
        "batch = read(['play the song'], ['stop'], return_tensors='pt', return_token_type_ids=True);"
        "print(json.dumps(model(**batch).last_hidden_state[0, 0].tolist()))"
    )
    outputs = []
    for seed in (1, 2):
        place = tmp_path / str(seed)
        outputs.append(
            in_another_process(code, str(folder), str(place), json.dumps(TEXTS * 3), seed=seed).splitlines()[
                -1
            ]
        )
        for name in ("tokenizer.json", "tokenizer_config.json"):
            assert (place / name).read_bytes() == (folder / name).read_bytes()
    assert outputs[0] == outputs[1]
    pieces = cut(load_tokenizer(folder), [("play the song", "stop")])
    with torch.no_grad():
        ours = build(settings_of(), folder, 3).eval().features(tokens_of(pieces, [0]))[0]
    np.testing.assert_allclose(json.loads(outputs[0]), ours.numpy(), rtol=1e-4, atol=1e-6)


def test_padding_and_company_change_nothing(folder, trained):
    model = build(settings_of(head=[5]), folder, 3).double().eval()
    pieces = cut(trained, [(text, "play") for text in TEXTS] + [("dim", "it")])
    rows = list(range(len(pieces.ends)))
    with torch.no_grad():
        whole = model(tokens_of(pieces, rows))
        torch.testing.assert_close(model(tokens_of(pieces, rows, 2)), whole, rtol=1e-9, atol=1e-12)
        for row in rows:
            torch.testing.assert_close(model(tokens_of(pieces, [row]))[0], whole[row], rtol=1e-9, atol=1e-12)


def test_what_an_encoder_is_made_of(folder, trained):
    model = build(settings_of(head=[7, 5], dropout=0.25, head_rate=3.0), folder, 4)
    linear = [layer for layer in model.head if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [(8, 7), (7, 5), (5, 4)]
    drops = {layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)}
    assert drops == {0.25} and isinstance(model.head[0], nn.Dropout)
    assert model.last_layers == [model.backbone.encoder.layer[1], model.head]
    assert model.embeddings is model.backbone.embeddings and model.backbone.pooler is None
    tokens = tokens_of(cut(trained, [("play", "stop")]), [0])
    model.eval()
    with torch.no_grad():
        assert torch.equal(model.features(tokens), model.states(tokens)[:, 0])
        assert torch.equal(model(tokens), model.head(model.features(tokens)))
        other = model(tokens._replace(types=1 - tokens.types))
    assert not torch.equal(model(tokens), other)
    assert kinds_of("encoder") == (TEXT,)


def test_an_encoder_without_types_is_not_told_them(trained):
    torch.manual_seed(0)
    config = DistilBertConfig(vocab_size=len(trained), dim=8, n_layers=2, n_heads=2, hidden_dim=16)
    model = Encoder(DistilBertModel(config), [], 3, 0.1).eval()
    tokens = tokens_of(cut(trained, [("play", "stop")]), [0])
    with torch.no_grad():
        assert torch.equal(model(tokens), model(tokens._replace(types=1 - tokens.types)))
    assert model.last_layers[0] is model.backbone.transformer.layer[1]


def test_weights_are_those_of_the_folder_or_fresh(folder):
    torch.manual_seed(5)
    one = build(settings_of(start=str(folder)), folder, 3)
    torch.manual_seed(5)
    again = build(settings_of(start=str(folder)), folder, 3)
    torch.manual_seed(6)
    other = build(settings_of(), folder, 3)
    kept = BertModel.from_pretrained(folder, add_pooling_layer=False).state_dict()
    for name, value in one.backbone.state_dict().items():
        assert torch.equal(value, kept[name]) and torch.equal(value, other.backbone.state_dict()[name])
    assert torch.equal(one.head[1].weight, again.head[1].weight)
    assert not torch.equal(one.head[1].weight, other.head[1].weight)
    name = "encoder.layer.0.attention.self.query.weight"
    fresh = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        fresh.append(build(settings_of(start="scratch"), folder, 3).backbone.state_dict()[name])
    assert torch.equal(fresh[0], fresh[1]) and not torch.equal(fresh[1], fresh[2])
    assert not torch.equal(fresh[0], kept[name])


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_the_head_learns_at_its_own_rate(folder, optimizer):
    model = build(settings_of(head_rate=3.0), folder, 3)
    found = build_optimizer(model, TrainingSettings(optimizer=optimizer))
    set_learning_rate(found, 0.25)
    assert [group["lr"] for group in found.param_groups] == [0.25, 0.75]
    counts = [sum(p.numel() for p in group["params"]) for group in found.param_groups]
    assert counts == [sum(p.numel() for p in part.parameters()) for part in (model.backbone, model.head)]
    assert sum(counts) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"dim": 10, "heads": 4}, "heads"),
        ({"start": "someone/model", "layers": 3}, "sizes of its own: leave out layers"),
        ({"start": "someone/model", "dim": 8, "vocabulary": 99}, "leave out dim, vocabulary"),
        ({"revision": "a" * 40}, "no effect on a model that is made here"),
        ({"start": "someone/model", "revision": "main"}, "pattern"),
        ({"positions": 3}, "greater than or equal to 4"),
        ({"dropout": 1.0}, "less than 1"),
        ({"head": [0]}, "greater than or equal to 1"),
        ({"head_rate": 0}, "greater than 0"),
    ],
)
def test_settings_that_cannot_be(changes, told):
    with pytest.raises(ValidationError, match=told):
        settings_of(**changes)
    assert settings_of(start="someone/model", revision="a" * 40, positions=9).made_here is False


def test_a_resolved_configuration_is_read_again():
    """As jobs read it: with every key, those too that an encoder of the hub may not change."""
    for written in (settings_of(start="someone/model", positions=9), settings_of()):
        assert EncoderSettings.model_validate_json(written.model_dump_json()) == written


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=12), max_size=6))
def test_any_texts_make_a_tokenizer_twice(texts):
    one, two = (train_tokenizer(texts, 50, 16).backend_tokenizer.to_str() for _ in range(2))
    assert one == two
