"""From texts to tokens: a tokenizer that is trained on a corpus or fetched, and documents as arrays."""

import os
from array import array
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from study.config.corpus import CorpusData
from study.data.corpus.store import Documents
from study.data.loading import empty
from study.errors import StudyError
from study.files import cannot_write

PAD = "[PAD]"
_LEARNT_FROM = 200_000  # documents of a part
_AT_ONCE = 4096  # documents


def tokenizer_of(settings: CorpusData, documents: Iterable[Iterable[str]]) -> Tokenizer:
    """The tokenizer that is asked for, or one that is trained on the first documents of all parts.

    A trained one has byte pairs as tokens (arXiv 1508.07909; bytes as in GPT-2), so that every text can be
    written and read back; words start with their blank, the first one of a text too.

    Raises:
        StudyError: it cannot be fetched, or it has no token of the name `end`.
    """
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread a job
    if settings.tokenizer is not None:
        tokenizer = _fetched(settings)
    else:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=settings.vocabulary,
            special_tokens=[PAD, settings.end],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        texts = (text for part in documents for text in islice(part, _LEARNT_FROM))
        tokenizer.train_from_iterator(texts, trainer)
    if tokenizer.token_to_id(settings.end) is None:
        raise StudyError(
            f"the tokenizer has no token {settings.end!r}",
            where=settings.tokenizer or "the corpus's tokenizer",
            expected="the name of the token that ends a text, such as </s> or <|endoftext|>",
            do="name it as `end` in the corpus's settings",
        )
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _fetched(settings: CorpusData) -> Tokenizer:
    place = Path(settings.tokenizer)
    try:
        if place.is_dir():
            return Tokenizer.from_file(str(place / "tokenizer.json"))
        return Tokenizer.from_pretrained(settings.tokenizer, revision=settings.tokenizer_revision or "main")
    except Exception as error:  # tokenizers raises nothing more special
        raise StudyError(
            f"the tokenizer cannot be read: {str(error).splitlines()[0]}",
            where=settings.tokenizer,
            expected="a folder with a tokenizer.json, or a model of the hub that has one, and a connection",
            do="correct `tokenizer` in the corpus's settings, or set it to null to train one",
        ) from None


def tokenised(tokenizer: Tokenizer, end: int, parts: Iterable[Iterable[str]], scratch: Path) -> Documents:
    """The documents of all parts, one behind the other.

    Args:
        tokenizer: cuts them.
        end: the token that is put behind each.
        parts: texts of each part.
        scratch: a file that keeps the tokens while they are in use: a corpus need not fit into memory.

    Raises:
        StudyError: no space is left; or there is no document.
    """
    kind = np.uint16 if tokenizer.get_vocab_size() <= 2**16 else np.uint32
    lengths, owners = array("q"), bytearray()
    try:
        scratch.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("wb") as file:
            for number, texts in enumerate(parts):
                for ids in _cut(tokenizer, texts):
                    file.write(np.array([*ids, end], kind).tobytes())
                    lengths.append(len(ids) + 1)
                    owners.append(number)
    except OSError as error:
        raise cannot_write(scratch, error) from error
    if not lengths:
        raise empty(str(scratch.parent))
    ends = np.cumsum(np.frombuffer(lengths, np.int64))
    return Documents(np.memmap(scratch, kind, "r"), ends, np.frombuffer(owners, np.uint8))


def _cut(tokenizer: Tokenizer, texts: Iterable[str]) -> Iterable[list[int]]:
    texts = iter(texts)
    while some := list(islice(texts, _AT_ONCE)):
        for found in tokenizer.encode_batch_fast(some, add_special_tokens=False):
            yield found.ids
