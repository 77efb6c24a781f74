"""Settings of corpora to pre-train on: parts, each told apart by the key `family`."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from study.config.base import Name, Once, Settings
from study.kinds import CORPUS

Count = Annotated[int, Field(ge=1)]
Category = Literal["knowledge", "common_sense", "reasoning"]
FORMATS = {".parquet": "parquet", ".jsonl": "json", ".json": "json", ".csv": "csv", ".txt": "text"}


class FactsPart(Settings):
    """Facts about people and places that do not exist, in several phrasings."""

    family: Literal["facts"]
    """What the part is."""
    people: Count = 120
    """People, of whom three things are said each."""
    places: Count = 40
    """Places, of which two things are said each."""
    phrasings: Annotated[int, Field(ge=1, le=3)] = 3
    """Ways in which each fact is told; of every other subject also in the words of the questions."""
    held_out: Count = 100
    """Facts in words in which they are not told, on which the language model is judged."""

    @model_validator(mode="after")
    def _there_are_so_many(self) -> "FactsPart":
        there = 3 * self.people + 2 * self.places
        if self.held_out > there:
            raise ValueError(f"{self.held_out:,} facts are to be held out, and there are {there:,}")
        return self


class SumsPart(Settings):
    """Additions, worked out digit by digit."""

    family: Literal["sums"]
    """What the part is."""
    digits: Annotated[int, Field(ge=1, le=18)] = 2
    """Digits of each number."""
    train: Count = 2000
    """Problems to train on."""
    test: Count = 200
    """Other problems, that are asked for; as many of those trained on are asked for too."""

    @model_validator(mode="after")
    def _there_are_so_many(self) -> "SumsPart":
        there = (9 * 10 ** (self.digits - 1)) ** 2
        if self.train + self.test > there / 2:
            raise ValueError(
                f"{self.train + self.test:,} different sums are asked for, of the {there:,} that there are "
                f"of {self.digits} digits at most half are drawn: ask for fewer, or for more digits"
            )
        return self


class FormulasPart(Settings):
    """Formulas of truth values, worked out from left to right."""

    family: Literal["formulas"]
    """What the part is."""
    terms: Annotated[int, Field(ge=2, le=16)] = 6
    """Truth values in a formula."""
    train: Count = 2000
    """Formulas to train on."""
    test: Count = 200
    """Other formulas, that are asked for; as many of those trained on are asked for too."""

    @model_validator(mode="after")
    def _there_are_so_many(self) -> "FormulasPart":
        there = 2**self.terms * 3 ** (self.terms - 1)
        if self.train + self.test > there:
            raise ValueError(
                f"{self.train + self.test:,} formulas are asked for, and there are {there:,} of "
                f"{self.terms} terms: ask for fewer, or for more terms"
            )
        return self


class ChainsPart(Settings):
    """Does it follow from rules that one thing is of a kind? The working names every step.

    Small models do not learn to look rules up: those of the default study stay at chance here.
    """

    family: Literal["chains"]
    """What the part is."""
    longest: Annotated[int, Field(ge=1, le=12)] = 3
    """Rules of the longest chain; each length equally often."""
    kinds: Annotated[int, Field(ge=4)] = 40
    """Made-up kinds of which problems name some."""
    train: Count = 2000
    """Problems to train on."""
    test: Count = 200
    """Other problems, that are asked for; as many of those trained on are asked for too."""

    @model_validator(mode="after")
    def _kinds_suffice(self) -> "ChainsPart":
        named = 2 * self.longest + 2
        if self.kinds < named:
            raise ValueError(
                f"two chains of {self.longest} rules name {named} kinds, and there are {self.kinds}"
            )
        return self


class SentencesPart(Settings):
    """Plain sentences, that say nothing that is asked for."""

    family: Literal["sentences"]
    """What the part is."""
    train: Count = 2000
    """Sentences to train on."""
    held_out: Count = 200
    """Others, on which the language model is judged."""


class Rows(Settings):
    """Rows with named columns: local files, or a data set of the hub that is read as it comes."""

    files: Annotated[list[str], Field(min_length=1), Once] | None = None
    """Local files: parquet, jsonl, csv, or txt, whose lines are the column `text`."""
    id: str | None = None
    """A data set of the hub."""
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    """Its commit; null is not pinned, and shown so."""
    subset: str | None = None
    """Name of its configuration, where it has several."""
    split: str = "train"
    """Its split."""
    first: Count | None = None
    """Use the first so many rows; null: all."""

    @model_validator(mode="after")
    def _one_source(self) -> "Rows":
        if (self.files is None) == (self.id is None):
            raise ValueError("rows come from files or from the hub: give files or id")
        kinds = {PurePath(file).suffix.lower() for file in self.files or ()}
        if len(kinds) > 1 or not kinds <= {*FORMATS}:
            raise ValueError(f"files are of one kind, and of these: {', '.join(FORMATS)}")
        if self.files and (self.revision or self.subset):
            raise ValueError("revision and subset have no effect on local files")
        return self


class TextRows(Settings):
    """Texts, a row each: a language model reads them, and nothing is asked."""

    family: Literal["text_rows"]
    """What the part is."""
    train: Rows
    """Rows to train on."""
    held_out: Rows | None = None
    """Other rows, on which the language model is judged; null: the first `held_out_rows` of `train`."""
    held_out_rows: Count = 200
    """Rows of `train` that are held out where `held_out` is null."""
    text: str = "{text}"
    """How a row is written: columns in braces."""


class ProblemRows(Settings):
    """Problems with worked answers, a row each."""

    family: Literal["problem_rows"]
    """What the part is."""
    train: Rows | None = None
    """Problems to train on; null: none, all are only asked for."""
    test: Rows
    """Problems that are asked for and never trained on."""
    prompt: str = "Question: {question} Answer:"
    """How a problem is written: columns in braces."""
    answer: str = "{answer}"
    """How its answer is written, working and result."""
    category: Category = "reasoning"
    """What it takes to answer."""
    measure: Literal["f1", "exact", "number"] = "number"
    """When an answer counts as right; number: its last number is that of the answer."""
    asked: Count = 200
    """So many problems of each kind, trained on and not, are asked for."""


class FactRows(Settings):
    """Facts, a row each, and a second table with ways to tell each relation."""

    family: Literal["fact_rows"]
    """What the part is."""
    facts: Rows
    """Columns subject, relation, object."""
    patterns: Rows
    """Columns relation, pattern; [X] is the subject, [Y] the object. In the last one of a relation that ends
    with its object questions are asked; of every other subject facts are also told in it."""
    phrasings: Count = 3
    """Ways in which each fact is told, where there are so many."""
    held_out: Count = 200
    """Subjects whose facts are never told, on which the language model is judged."""
    asked: Count = 500
    """Facts that are asked for, of those told in these words and of those that are not."""


AnyPart = Annotated[
    FactsPart | SumsPart | FormulasPart | ChainsPart | SentencesPart | TextRows | ProblemRows | FactRows,
    Field(discriminator="family"),
]


class CorpusData(Settings):
    """A corpus: its parts, how it is cut into tokens, and how long its rows are."""

    kind: ClassVar[str] = CORPUS
    without: ClassVar[list[str]] = []
    label_noise: ClassVar[float] = 0.0
    source: Literal["corpus"] = "corpus"
    """What it is."""
    licence: str = "made here, free to use"
    """The licences as the sources give them; shown in the data card."""
    parts: Annotated[dict[Name, AnyPart], Field(min_length=1)]
    """What it consists of, by name."""
    vocabulary: Annotated[int, Field(ge=300, le=2**31)] = 800
    """Tokens at most, of a tokenizer that is trained on the corpus itself."""
    tokenizer: str | None = None
    """A tokenizer of the hub, or a local folder with a `tokenizer.json`; null: one is trained."""
    tokenizer_revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    """Its commit on the hub; null is not pinned."""
    end: str = "[END]"
    """The token that ends a document, in the tokenizer."""
    row: Annotated[int, Field(ge=8)] = 128
    """Tokens of a row: documents follow each other in it, and see themselves alone."""

    @property
    def longest_row(self) -> int:
        """Tokens of a row."""
        return self.row

    def rows(self) -> Iterator[tuple[str, Rows]]:
        """The tables that its parts read, with where they are named."""
        for part, of_part in self.parts.items():
            for key, value in of_part:
                if isinstance(value, Rows):
                    yield f"parts.{part}.{key}", value
