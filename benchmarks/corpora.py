"""Corpora: tokens cut and rows packed in a second.

Run: python benchmarks/corpora.py      (about a minute on one thread)

The floor of cutting is the `tokenizers` library alone, on the same texts with the same tokenizer: lists of
ids, thrown away. Ours puts them behind each other in a file. The floor of packing is a plain copy of as many
tokens out of the mapped file, row by row.
"""

import os

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tempfile
from pathlib import Path

import numpy as np
from timing import interleaved
from tokenizers import Tokenizer

from study.config.corpus import CorpusData
from study.data.corpus.facts import facts
from study.data.corpus.sentences import sentences
from study.data.corpus.tokens import tokenised, tokenizer_of
from study.training.corpora import Packed, inputs_of

REPEATS, ROW, ROWS, BATCH = 5, 2048, 512, 16
BUDGET = 1_000_000  # tokens a second and core


def main() -> None:
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    texts = facts(20_000, 4_000, 3, 100, rng).documents + sentences(20_000, 1, rng).documents
    long = [
        " ".join(texts[start : start + 60]) for start in range(0, len(texts), 60)
    ]  # about 700 tokens each
    tokenizer = tokenizer_of(CorpusData(parts={"p": {"family": "sentences"}}, vocabulary=8000), [texts])
    print(f"1 thread, medians of {REPEATS} repeats; a vocabulary of {tokenizer.get_vocab_size():,} tokens\n")
    print("| what | tokens | CPU s | tokens a second | against its floor |\n|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "tokens"
        for name, documents in (("short documents", texts), ("long documents", long)):
            cutting(name, documents, tokenizer, place)
        packing(tokenised(tokenizer, 1, [long], place))
    print(f"\nBudget: {BUDGET:,} tokens a second and core, or the speed of the library.")


def cutting(name: str, texts: list[str], tokenizer: Tokenizer, place: Path) -> None:
    """Texts to tokens in a file, against the library alone."""

    def library() -> None:
        for start in range(0, len(texts), 4096):
            for found in tokenizer.encode_batch_fast(texts[start : start + 4096], add_special_tokens=False):
                _ = found.ids

    ways = {"the library alone": library, "ours": lambda: tokenised(tokenizer, 1, [texts], place)}
    found = interleaved(ways, REPEATS)
    tokens = len(tokenised(tokenizer, 1, [texts], place).tokens)
    report(f"cutting {len(texts):,} {name}", tokens, found, "the library alone")


def packing(documents) -> None:
    """Rows in random order of documents, and what a decoder takes of them, against a copy."""
    import torch

    order = np.random.default_rng(0).permutation(len(documents.ends))
    packed = Packed(documents, order, ROW)
    rows = min(ROWS, packed.rows)

    def copied() -> None:
        for row in range(rows):
            np.array(documents.tokens[row * ROW : (row + 1) * ROW], dtype=np.int64)

    def ours() -> None:
        for start in range(0, rows, BATCH):
            packed.of(np.arange(start, min(start + BATCH, rows)))

    def with_masks() -> None:
        for start in range(0, rows, BATCH):
            inputs_of(*packed.of(np.arange(start, min(start + BATCH, rows))), torch.device("cpu"))

    ways = {"a plain copy": copied, "ours": ours, "ours, with positions, targets and masks": with_masks}
    report(f"packing rows of {ROW:,}", rows * ROW, interleaved(ways, REPEATS), "a plain copy")


def report(what: str, tokens: int, seconds: dict[str, float], floor: str) -> None:
    for name, value in seconds.items():
        against = f"{value / seconds[floor]:.2f}"
        print(f"| {what}: {name} | {tokens:,} | {value:.2f} | {tokens / value:,.0f} | {against} |")


if __name__ == "__main__":
    main()
