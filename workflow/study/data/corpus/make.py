"""From settings to a prepared corpus."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from study.config.corpus import CorpusData
from study.data.corpus import arithmetic, facts, formulas, from_rows, logic, sentences
from study.data.corpus.examples import Part
from study.data.corpus.store import Corpus, digest_of, save
from study.data.corpus.tokens import tokenised, tokenizer_of
from study.data.dataset import content_hashes
from study.errors import StudyError
from study.seeds import generator

_MAKERS: dict[str, Callable[..., Part]] = {
    "facts": lambda s, where, rng: facts.facts(s.people, s.places, s.phrasings, s.held_out, rng),
    "sums": lambda s, where, rng: arithmetic.sums(s.train, s.test, s.digits, rng),
    "formulas": lambda s, where, rng: formulas.formulas(s.train, s.test, s.terms, rng),
    "chains": lambda s, where, rng: logic.chains(s.train, s.test, s.longest, s.kinds, rng),
    "sentences": lambda s, where, rng: sentences.sentences(s.train, s.held_out, rng),
    "text_rows": lambda s, where, rng: from_rows.texts(s, where),
    "problem_rows": lambda s, where, rng: from_rows.problems(s, where),
    "fact_rows": from_rows.facts,
}


def prepare(name: str, settings: CorpusData, study_seed: int, folder: str | Path) -> None:
    """Make or read all parts, cut them into tokens and write the corpus, deterministic in its seed and name.

    Raises:
        StudyError: data are missing or not as they should be, or no space is left.
    """
    parts = {part: _part(name, part, of_part, study_seed) for part, of_part in settings.parts.items()}
    tokenizer = tokenizer_of(settings, [part.documents for part in parts.values()])
    end = tokenizer.token_to_id(settings.end)
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".tokens-") as scratch:
        train, held_out = (
            tokenised(tokenizer, end, texts, Path(scratch) / which)
            for which, texts in (
                ("train", [part.documents for part in parts.values()]),
                ("held_out", [part.held_out for part in parts.values()]),
            )
        )
        asked, text = _questions(name, parts), tokenizer.to_str()
        corpus = Corpus(
            name=name,
            source=", ".join(dict.fromkeys(of_part.family for of_part in settings.parts.values())),
            parts=tuple(parts),
            vocabulary=tokenizer.get_vocab_size(),
            end=end,
            row=settings.row,
            tokenizer=text,
            train=train,
            held_out=held_out,
            questions=asked,
            digest=digest_of(train, held_out, asked, text, settings.row),
        )
        save(corpus, folder)


def _part(corpus: str, part: str, settings, study_seed: int) -> Part:
    where = f"corpus {corpus}, part {part}"
    try:
        return _MAKERS[settings.family](settings, where, generator(study_seed, corpus, part))
    except ValueError as error:
        raise StudyError(str(error), where=where, expected="sizes that exist", do="change them") from None


def _questions(name: str, parts: dict[str, Part]) -> pd.DataFrame:
    """A row per question, with the columns of `Corpus.questions`."""
    rows = [
        (part, question.kind, of_part.category, of_part.measure, question.trained, question.prompt)
        for part, of_part in parts.items()
        for question in of_part.asked
    ]
    table = pd.DataFrame(rows, columns=["task", "kind", "category", "measure", "trained", "prompt"])
    prompts = [np.frombuffer(prompt.encode(), np.uint8) for prompt in table["prompt"]]
    ids = [f"{name}:question:{place}" for place in range(len(table))]
    contents = [str(content_hashes(prompt[None])[0]) for prompt in prompts]
    answers = [
        [question.answer, *question.others] for of_part in parts.values() for question in of_part.asked
    ]
    table.insert(0, "example_id", ids)
    table.insert(1, "content", contents)
    return table.assign(answers=answers, choices=[[] for _ in answers])
