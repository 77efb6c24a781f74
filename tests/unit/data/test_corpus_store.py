"""Prepared corpora: what is written is read, nothing that is asked leaks, and bad rows are told."""

import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from tokenizers import Tokenizer

from study.config.corpus import CorpusData
from study.data.corpus import card
from study.data.corpus.make import prepare
from study.data.corpus.store import check
from study.data.corpus.store import open as open_corpus
from study.errors import StudyError
from study.files import DamagedFile

GENERATED = {
    "facts": {"family": "facts", "people": 20, "places": 8, "phrasings": 2, "held_out": 12},
    "sums": {"family": "sums", "train": 40, "test": 10},
    "chains": {"family": "chains", "train": 30, "test": 8, "longest": 2, "kinds": 12},
    "sentences": {"family": "sentences", "train": 25, "held_out": 6},
}


def made(folder, parts=GENERATED, name="tiny", seed=0, **settings):
    folder.mkdir(parents=True, exist_ok=True)
    prepare(name, CorpusData(**{"parts": parts, "vocabulary": 400} | settings), seed, folder)
    return open_corpus(folder)


def texts_of(corpus, documents):
    tokenizer = Tokenizer.from_str(corpus.tokenizer)
    pieces = np.split(documents.tokens, documents.ends[:-1])
    assert all(piece[-1] == corpus.end for piece in pieces)
    assert sum((piece == corpus.end).sum() for piece in pieces) == len(pieces)
    return [text.strip() for text in tokenizer.decode_batch([piece[:-1].tolist() for piece in pieces])]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return made(tmp_path_factory.mktemp("corpus"))


def test_documents_are_read_back_as_they_were_made(corpus):
    train, held_out = (texts_of(corpus, documents) for documents in (corpus.train, corpus.held_out))
    counts = np.bincount(corpus.train.parts)
    assert counts.tolist() == [2 * 76 + 38, 40, 30, 25]  # facts in two phrasings, half in the question's too
    assert np.bincount(corpus.held_out.parts).tolist() == [12, 10, 8, 6]
    assert not {*train} & {*held_out}
    assert " ".join(train).isascii() and "  " not in " ".join(train)


def test_no_answer_to_a_new_question_stands_in_the_documents(corpus):
    train = texts_of(corpus, corpus.train)
    joined = "\n".join(train)
    for question in corpus.questions.itertuples():
        told = f"{question.prompt} {question.answers[0]}"
        assert (told in joined) == question.trained, told
        if not question.trained:
            assert question.prompt not in joined
    of_facts = corpus.questions[corpus.questions["task"] == "facts"]
    assert of_facts["trained"].mean() == 0.5 and (of_facts["category"] == "knowledge").all()
    for question in of_facts.itertuples():  # whoever is asked about, is told about
        subject = question.prompt.split(" of ")[1].removesuffix(" the").removesuffix(" is")
        assert sum(subject in text and question.answers[0] in text for text in train) >= 2


def test_held_out_facts_are_told_in_other_words(corpus):
    train, held_out = (texts_of(corpus, documents) for documents in (corpus.train, corpus.held_out))
    facts = [text for text, part in zip(held_out, corpus.held_out.parts, strict=True) if part == 0]
    known = {word for text in train for word in text.split()}
    assert all({*text.split()} <= known for text in facts)


def test_the_same_seed_gives_the_same_bytes_and_names_others(tmp_path, corpus):
    again, other = made(tmp_path / "again"), made(tmp_path / "other", name="other")
    assert again.digest == corpus.digest != other.digest
    for name in ("arrays.safetensors", "examples.parquet"):
        first = (tmp_path / "again" / name).read_bytes()
        made(tmp_path / "third")
        assert (tmp_path / "third" / name).read_bytes() == first


def test_a_flipped_bit_is_found(tmp_path):
    made(tmp_path)
    path = tmp_path / "arrays.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match="not that of its digest"):
        check(tmp_path)
    path.write_bytes(content[:200])
    with pytest.raises(DamagedFile, match="complete file of arrays"):
        open_corpus(tmp_path)


def test_the_card_counts(tmp_path, corpus):
    card.write(corpus, CorpusData(parts=GENERATED), tmp_path)
    told = json.loads((tmp_path / "card.json").read_text())
    assert told["parts"]["facts"]["documents"] == 190 and told["parts"]["chains"]["held_out"] == 8
    assert sum(entry["new"] for entry in told["questions"]) == 38 + 10 + 8
    page = (tmp_path / "card.html").read_text()
    assert "the profession of" in page and "every " in page


@pytest.fixture
def tables(tmp_path):
    """Rows of all kinds of files."""
    rows = pd.DataFrame(
        {"question": [f"{n} and 1?" for n in range(9)], "answer": [f"#### {n + 1}" for n in range(9)]}
    )
    rows.iloc[:6].to_json(tmp_path / "train.jsonl", orient="records", lines=True)
    rows.iloc[5:].to_csv(tmp_path / "test.csv", index=False)
    facts = {"subject": [f"town {n}" for n in range(8)], "relation": ["P1"] * 8, "object": [*"abcdefgh"]}
    pd.DataFrame(facts).to_parquet(tmp_path / "facts.parquet")
    ways = ["[X] lies in [Y] .", "in [Y] there is [X] .", "[X] is a part of [Y] ."]
    pd.DataFrame({"relation": "P1", "pattern": ways}).to_parquet(tmp_path / "patterns.parquet")
    (tmp_path / "plain.txt").write_text("one line\n\nand another\nand the last one\n")
    return tmp_path


def test_parts_come_from_files(tables):
    def rows(name):
        return {"files": [str(tables / name)]}

    parts = {
        "problems": {
            "family": "problem_rows", "train": rows("train.jsonl"), "test": rows("test.csv"), "asked": 3,
        },
        "facts": {
            "family": "fact_rows", "facts": rows("facts.parquet"), "patterns": rows("patterns.parquet"),
            "phrasings": 1, "held_out": 2,
        },
        "plain": {"family": "text_rows", "train": rows("plain.txt"), "held_out_rows": 1},
    }  # fmt: skip
    corpus = made(tables / "out", parts)
    train = texts_of(corpus, corpus.train)
    assert train[0] == "Question: 0 and 1? Answer: #### 1"
    assert train[-2:] == ["and another", "and the last one"]
    asked = corpus.questions[corpus.questions["task"] == "problems"]
    # The problem in both files counts as trained on, and three of each kind are asked.
    assert asked["prompt"].str.extract(r"(\d) and", expand=False).tolist() == [*"012", *"678"]
    assert asked["trained"].tolist() == [True] * 3 + [False] * 3
    facts = corpus.questions[corpus.questions["task"] == "facts"]
    assert len(facts) == 6 and facts["prompt"].str.endswith(" is a part of").all()
    joined = "\n".join(train)
    for question in facts.itertuples():
        assert (f"{question.prompt} {question.answers[0]} ." in joined) == question.trained
    told = texts_of(corpus, corpus.held_out)
    strangers = [text for text in told if "town" in text]
    assert len(strangers) == 2 and not any(text.split(" lies")[0] in joined for text in strangers)


def test_a_missing_column_is_told(tables):
    rows = {"files": [str(tables / "train.jsonl")]}
    with pytest.raises(StudyError) as told:
        made(tables / "out", {"plain": {"family": "text_rows", "train": rows}})
    assert "no column 'text'" in str(told.value) and "question, answer" in str(told.value)


def test_a_missing_file_and_a_broken_one_are_told(tables):
    gone = {"plain": {"family": "text_rows", "train": {"files": ["nowhere.txt"]}}}
    with pytest.raises(StudyError, match=r"nowhere\.txt"):
        made(tables / "out", gone)
    (tables / "broken.parquet").write_bytes(b"no parquet")
    broken = {"plain": {"family": "text_rows", "train": {"files": [str(tables / "broken.parquet")]}}}
    with pytest.raises(StudyError, match="cannot be read"):
        made(tables / "out", broken)


def test_a_tokenizer_of_ones_own_is_used_or_refused(tables, corpus):
    folder = tables / "tokenizer"
    folder.mkdir()
    (folder / "tokenizer.json").write_text(corpus.tokenizer)
    again = made(tables / "out", tokenizer=str(folder))
    assert again.tokenizer == corpus.tokenizer and again.end == corpus.end
    with pytest.raises(StudyError, match="no token '</s>'"):
        made(tables / "other", tokenizer=str(folder), end="</s>")
    with pytest.raises(StudyError, match="tokenizer cannot be read"):
        made(tables / "third", tokenizer=str(tables))


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"family": "sums", "digits": 1, "train": 60, "test": 10}, "81 that there are"),
        ({"family": "chains", "longest": 4, "kinds": 9}, "name 10 kinds, and there are 9"),
        (
            {"family": "facts", "people": 2, "places": 1, "held_out": 9},
            "9 facts are to be held out, and there are 8",
        ),
        ({"family": "facts", "phrasings": 4}, "less than or equal to 3"),
        ({"family": "text_rows", "train": {}}, "give files or id"),
        ({"family": "text_rows", "train": {"files": ["a.csv"], "id": "b"}}, "give files or id"),
        ({"family": "text_rows", "train": {"files": ["a.csv", "b.txt"]}}, "of one kind"),
        ({"family": "text_rows", "train": {"files": ["a.pkl"]}}, "of one kind"),
        ({"family": "text_rows", "train": {"files": ["a.csv"], "subset": "x"}}, "no effect on local files"),
    ],
)
def test_settings_that_cannot_be_are_refused(part, told):
    with pytest.raises(ValidationError) as error:
        CorpusData(parts={"some": part})
    assert told in str(error.value)
