"""Encoders from the Hugging Face hub or from a local folder in its layout, copied for runs to start from."""

import os
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors import safe_open
from transformers import AutoModel, PreTrainedModel, PreTrainedTokenizerBase

from study.config.architectures import EncoderSettings
from study.data.loading import cause_of
from study.errors import StudyError
from study.models.encoder import SAFE, settings_of, without_pooler
from study.models.tokenizer import load_tokenizer

_SECONDS = 10  # how long to wait for the hub to answer
_READ = ["config.json", "model.safetensors", "model*.safetensors*", "tokenizer*", "vocab*", "special_tokens*"]
_READ += ["merges.txt", "spiece.model", "sentencepiece*"]


def fetch(settings: EncoderSettings, model: str, folder: Path) -> dict[str, str | None]:
    """Copy an encoder and its tokenizer into a folder, and say where they came from.

    Raises:
        StudyError: there is no such model or no connection, its weights are pickled, it is no encoder, or its
            tokenizer is of another model.
    """
    where = f"models.{model}.start: {settings.start}"
    source, revision = _found(settings, where)
    if not list(source.glob("*.safetensors")):
        pickled = sorted(path.name for path in source.glob("*.bin"))
        raise StudyError(
            f"the weights are pickled ({', '.join(pickled)}), and nothing is unpickled here"
            if pickled
            else "there are no weights",
            where=where,
            expected="model.safetensors beside config.json",
            do="take a version in safetensors, or convert it where you trust it: "
            "AutoModel.from_pretrained(...).save_pretrained(folder)",
        )
    try:
        _check_layers(source)
        network, found = AutoModel.from_pretrained(
            source, output_loading_info=True, **SAFE, **without_pooler(source)
        )
        tokenizer = load_tokenizer(source)
    except Exception as error:  # of many kinds: cut files, models of images, tokenizers without a library
        raise StudyError(
            f"the model cannot be opened: {cause_of(error)}",
            where=where,
            expected="config.json, model.safetensors and a tokenizer, of a model that transformers knows",
            do="download it again, or choose another",
        ) from error
    _check_weights(found["missing_keys"], where)
    _check(network, tokenizer, settings, where)
    network.float().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return {"revision": revision}


def _found(settings: EncoderSettings, where: str) -> tuple[Path, str | None]:
    """The local folder with the model's files, and the commit that they are of, where it has one."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    if Path(settings.start).is_dir():
        if settings.revision:
            raise StudyError(
                "a local folder has no revisions", where=where, expected="no revision", do="take it out"
            )
        return Path(settings.start), None
    try:
        place = Path(
            snapshot_download(
                settings.start,
                revision=settings.revision,
                allow_patterns=_READ,
                etag_timeout=_SECONDS,
            )
        )
    except (HfHubHTTPError, HFValidationError) as error:
        raise StudyError(
            f"the hub refuses the model: {cause_of(error)}",
            where=where,
            expected=f"a public model of the hub, or a folder that is there, seen from {os.getcwd()}",
            do="correct start (pretrain, scratch, an id of the hub, or a folder) or revision",
        ) from error
    except (LocalEntryNotFoundError, OSError) as error:
        raise StudyError(
            "the hub cannot be reached, and the model was not downloaded before",
            where=where,
            expected="a connection to the hub, or a complete copy in the local cache (see HF_HOME)",
            do=f"download it where there is a connection: hf download {settings.start}",
        ) from error
    return place, settings.revision or place.name


def _check_layers(source: Path) -> None:
    """Refuse settings of more layers than there are weights, before memory is taken for them."""
    layers, arrays = getattr(settings_of(source), "num_hidden_layers", 0), 0
    for file in source.glob("*.safetensors"):
        with safe_open(file, framework="pt") as weights:
            arrays += len(weights.keys())
    if layers > arrays:
        raise ValueError(f"its settings name {layers:,} layers, and its weights are {arrays:,} arrays")


def _check_weights(missing: Iterable[str], where: str) -> None:
    """Refuse weights that would be drawn at random; those of a pooler are not used."""
    missing = sorted(name for name in missing if "pooler" not in name)
    if missing:
        raise StudyError(
            f"{len(missing)} of the model's weights are missing, {missing[0]} among them",
            where=where,
            expected="all weights of the layers that config.json names",
            do="download it again, or choose another model",
        )


def _check(
    network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, settings: EncoderSettings, where: str
) -> None:
    """Refuse what is no encoder, another model's tokenizer, and more positions than there are."""
    known, pieces = network.get_input_embeddings().num_embeddings, len(tokenizer)
    if pieces <= len(tokenizer.all_special_ids):
        raise StudyError(
            "the model has no tokenizer, or one without word pieces",
            where=where,
            expected="tokenizer.json, or the files of its vocabulary, beside the model",
            do="put its own tokenizer's files beside the model",
        )
    if pieces > known:
        raise StudyError(
            f"the tokenizer has {pieces:,} pieces, and the model knows {known:,}",
            where=where,
            expected="the tokenizer that the model was trained with",
            do="put its own tokenizer's files beside the model",
        )
    if not hasattr(network, "embeddings") or getattr(network.config, "is_encoder_decoder", False):
        raise StudyError(
            f"{type(network).__name__} is no encoder of texts such as BERT",
            where=where,
            expected="a model with embeddings and a stack of layers: BERT, RoBERTa, DistilBERT, ELECTRA",
            do="choose another model",
        )
    if tokenizer.pad_token_id is None:
        raise StudyError(
            "the tokenizer has no piece for padding", where=where, expected="a pad_token", do="add one"
        )
    try:  # some models use up positions themselves, so that the number in their settings says too much
        with torch.inference_mode():
            network.eval()(input_ids=torch.full((1, settings.positions), tokenizer.unk_token_id or 0))
    except (IndexError, RuntimeError) as error:
        longest = getattr(network.config, "max_position_embeddings", "an unknown number of")
        raise StudyError(
            f"the model does not take rows of {settings.positions} word pieces ({cause_of(error)})",
            where=where,
            expected=f"positions that it has: its settings say {longest}, some of which may be its own",
            do="lower positions; where texts are longer, set truncate: true",
        ) from error
