"""Word pieces: trained on a set's own texts, or those that come with an encoder."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

SPECIAL = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
_AT_ONCE = 4096  # texts


class Pieces:
    """The word pieces of N examples, one row after the other."""

    def __init__(self, ids: np.ndarray, types: np.ndarray, ends: np.ndarray) -> None:
        self.ids, self.types = ids, types  # (M,) int32 and uint8
        self.starts, self.ends = np.concatenate([[0], ends[:-1]]).astype(np.int64), ends  # (N,) int64

    @property
    def lengths(self) -> np.ndarray:
        """(N,) pieces of each example, special ones included."""
        return self.ends - self.starts

    def some(self, rows: np.ndarray) -> "Pieces":
        """Those of some examples."""
        lengths = self.lengths[rows]
        ends = np.cumsum(lengths)
        index = np.arange(int(lengths.sum())) + np.repeat(self.starts[rows] - (ends - lengths), lengths)
        return Pieces(self.ids[index], self.types[index], ends)


def train_tokenizer(texts: Iterable[str], size: int, positions: int) -> PreTrainedTokenizerFast:
    """A tokenizer of lower-case words in byte-pair pieces (arXiv 1508.07909), rows laid out as BERT's.

    Not WordPiece, as BERT's own is: its trainer numbers pieces that continue a word in the order of a hash
    map, and breaks ties by number, so that each training gives other pieces.

    Args:
        texts: what it is trained on.
        size: pieces at most, the special ones included.
        positions: the longest row that the encoder takes.
    """
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread a job
    tokenizer = Tokenizer(models.BPE(unk_token=SPECIAL["unk_token"]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = list(SPECIAL.values())
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=special,
        limit_alphabet=size - len(special),  # rare characters beyond are unknown
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    first, last = SPECIAL["cls_token"], SPECIAL["sep_token"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} $B:1 {last}:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (first, last)],
    )
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=positions, model_input_names=inputs, **SPECIAL
    )


def load_tokenizer(folder: str | Path) -> PreTrainedTokenizerBase:
    """The tokenizer of an encoder's folder."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    return AutoTokenizer.from_pretrained(folder, trust_remote_code=False)


def cut(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[tuple[str, ...]], longest: int | None = None
) -> Pieces:
    """The word pieces of examples of one text or two.

    Args:
        tokenizer: an encoder's.
        texts: N examples.
        longest: cut longer rows to so many pieces, the longer text of a pair first; None: cut none.
    """
    ids, types, lengths = [], [], []
    for start in range(0, len(texts), _AT_ONCE):
        columns = list(zip(*texts[start : start + _AT_ONCE], strict=True))
        found = tokenizer(
            *(list(column) for column in columns),
            truncation=longest is not None,
            max_length=longest,
            return_attention_mask=False,
            return_token_type_ids=True,
            verbose=False,
        )
        ids += [np.array(row, np.int32) for row in found["input_ids"]]
        types += [np.array(row, np.uint8) for row in found["token_type_ids"]]
        lengths += [len(row) for row in found["input_ids"]]
    return Pieces(np.concatenate(ids), np.concatenate(types), np.cumsum(lengths, dtype=np.int64))


def cut_words(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> tuple[Pieces, list[np.ndarray]]:
    """The word pieces of texts whose words stand between blanks, and where each word's first piece stands.

    A word of which the tokenizer makes nothing counts as unknown.
    """
    ids, starts = [], []
    for place in range(0, len(texts), _AT_ONCE):
        rows = [text.split(" ") for text in texts[place : place + _AT_ONCE]]
        found = tokenizer(rows, is_split_into_words=True, return_attention_mask=False, verbose=False)
        for row, words in enumerate(rows):
            pieces, owners = found["input_ids"][row], found.word_ids(row)
            if len({*owners} - {None}) < len(words):
                known = [word if tokenizer.tokenize(word) else tokenizer.unk_token for word in words]
                again = tokenizer(known, is_split_into_words=True, verbose=False)
                pieces, owners = again["input_ids"], again.word_ids()
            first = {owner: at for at, owner in reversed(list(enumerate(owners)))}
            ids.append(np.array(pieces, np.int32))
            starts.append(np.array([first[word] for word in range(len(words))], dtype=np.int64))
    joined, lengths = np.concatenate(ids), [len(each) for each in ids]
    return Pieces(joined, np.zeros(len(joined), np.uint8), np.cumsum(lengths, dtype=np.int64)), starts
