"""Models of others that are damaged, of another kind, or hostile."""

import json
import pickle
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tests.bad_input.case import Make, table
from tests.bad_input.folders import configured
from tests.tiny_texts import text_study
from transformers import BertConfig, BertModel

from study.models.tokenizer import train_tokenizer

THEIRS = "theirs"
CODE = "raise SystemExit('code of a model ran')\n"


def encoder(harm: Callable[[Path], object]) -> Make:
    """Start from a local folder in the hub's layout, in which something is harmed."""

    def make(folder: Path) -> list[str]:
        theirs = folder / THEIRS
        save_model(theirs)
        harm(theirs)
        models = {"own": {"architecture": "encoder", "start": THEIRS, "positions": 24}}
        study = text_study(models=models).model_dump(mode="json")
        command = "encoder --chapter influence --dataset tiny --model own"
        return [*command.split(), *configured(folder, study)]

    return make


def save_model(folder: Path) -> None:
    """Write a BERT of two layers, with its tokenizer, as others do."""
    torch.manual_seed(0)
    tokenizer = _tokenizer()
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=24, **sizes)
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@cache
def _tokenizer():
    return train_tokenizer(["a lamp", "the dark song", "rain"], 60, 24)


def settings(name: str = "config.json", **changes: Any) -> Callable[[Path], object]:
    """One of the model's json files says something else; None: it does not say it."""

    def harm(folder: Path) -> None:
        told = json.loads((folder / name).read_text()) | changes
        (folder / name).write_text(
            json.dumps({key: value for key, value in told.items() if value is not None})
        )

    return harm


def weights(content: bytes | Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """The file of weights holds something else."""

    def harm(folder: Path) -> None:
        file = folder / "model.safetensors"
        file.write_bytes(content(file.read_bytes()) if callable(content) else content)

    return harm


def lying(edit: Callable[[dict], object]) -> Callable[[Path], object]:
    """The header of the weights says something else."""

    def lie(whole: bytes) -> bytes:
        length = int.from_bytes(whole[:8], "little")
        header = json.loads(whole[8 : 8 + length])
        edit(header)
        text = json.dumps(header).encode()
        return len(text).to_bytes(8, "little") + text + whole[8 + length :]

    return weights(lie)


def _everywhere(offsets: list[int]) -> Callable[[dict], object]:
    """All arrays stand in one place."""
    return lambda header: [
        entry.update(data_offsets=offsets) for name, entry in header.items() if name != "__metadata__"
    ]


def remote_code(folder: Path, text: str = CODE) -> None:
    """The model is of a class of its own, whose code it brings."""
    code = {"AutoConfig": "modeling_own.OwnConfig", "AutoModel": "modeling_own.OwnModel"}
    settings(model_type="own", auto_map=code, architectures=["OwnModel"])(folder)
    (folder / "modeling_own.py").write_text(text)


def remote_tokenizer(folder: Path, text: str = CODE) -> None:
    """The tokenizer is."""
    settings("tokenizer_config.json", tokenizer_class="Own", auto_map={"AutoTokenizer": ["own.Own", None]})(
        folder
    )
    (folder / "tokenizer.json").unlink()
    (folder / "own.py").write_text(text)


def _pickled(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def _half(folder: Path) -> None:
    kept = load_file(folder / "model.safetensors")
    save_file(
        {name: value for name, value in kept.items() if "layer.1" not in name}, folder / "model.safetensors"
    )


def _elsewhere(folder: Path) -> None:
    """An index that names weights outside of the folder."""
    shutil.move(folder / "model.safetensors", folder.parent / "weights.safetensors")
    names = list(load_file(folder.parent / "weights.safetensors"))
    index = {"metadata": {}, "weight_map": dict.fromkeys(names, "../weights.safetensors")}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


CASES = table(
    "models",
    ("weights that are pickled alone", encoder(_pickled), ("pickled", "nothing is unpickled")),
    ("a pickle with the name of weights", encoder(weights(pickle.dumps({"a": 1}))), "cannot be opened"),
    ("weights that are cut", encoder(weights(lambda whole: whole[:-100])), "cannot be opened"),
    (
        "a header longer than the file",
        encoder(weights((2**50).to_bytes(8, "little") + b"{}")),
        "cannot be opened",
    ),
    (
        "a header nested without end",
        encoder(weights(lambda _: (500_000).to_bytes(8, "little") + b'{"a":' * 100_000)),
        "cannot be opened",
    ),
    ("weights behind the end of the file", encoder(lying(_everywhere([0, 2**40]))), "cannot be opened"),
    ("weights that share one place", encoder(lying(_everywhere([0, 256]))), "cannot be opened"),
    ("half of the weights", encoder(_half), "layer.1"),
    ("weights outside of the folder", encoder(_elsewhere), "theirs"),
    ("a model that brings code", encoder(remote_code), "cannot be opened"),
    ("a tokenizer that brings code", encoder(remote_tokenizer), "cannot be opened"),
    ("a type that there is not", encoder(settings(model_type="no-such-model")), "cannot be opened"),
    ("a model that writes texts", encoder(settings(model_type="t5")), "theirs"),
    (
        "settings that are a list",
        encoder(lambda folder: (folder / "config.json").write_text("[]")),
        "cannot be opened",
    ),
    ("a million layers", encoder(settings(num_hidden_layers=1_000_000)), "theirs"),
    ("words larger than any memory", encoder(settings(vocab_size=2**40)), "cannot be opened"),
    (
        "no tokenizer",
        encoder(lambda folder: [path.unlink() for path in folder.glob("tokenizer*")]),
        "has no tokenizer",
    ),
    (
        "a tokenizer that is cut",
        encoder(lambda folder: (folder / "tokenizer.json").write_text('{"version": "1.0", ')),
        "cannot be opened",
    ),
    ("a tokenizer of more words than the model", encoder(settings(vocab_size=10)), "theirs"),
)
