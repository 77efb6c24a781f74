"""A selection from one's own pool: gold utterances and a large file in, the chosen ones in order out.

The pool is read, labelled and scored a part at a time. Of each utterance a few numbers are kept in memory:
what strategies go by, and a hash of the text; everything else waits in a file beside the selection.
"""

import argparse
import hashlib
import logging
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from study.config import parse_study
from study.config.selection import OF_BOTH, WITHOUT_SCORE, StrategySettings
from study.config.study import StudySettings
from study.data.dataset import Dataset
from study.data.sources import load
from study.data.text.packed import unpack
from study.data.text.pool_file import ROWS, parts
from study.errors import StudyError
from study.files import check_place, replacing, write_csv
from study.models.tokenizer import cut_words
from study.seeds import generator
from study.selection.arms import candidates
from study.selection.strategies import chosen
from study.training.contracts import RunKey
from study.training.device import prepare_device
from study.training.given_labels import frequencies, given_labels
from study.training.interpreters import Interpreters
from study.training.pretraining import make_encoder
from study.training.spoken import Spoken, names_of
from study.training.weak_labels import Learned, hypothesised, mean_scores, scored

log = logging.getLogger(__name__)

_READ = 20_000  # utterances of the pool that the encoder learns its language from
_PARTS = ("domain", "intent", "slots")
_WHERE = "--intent and --slots"
_SAID_EVERY = 20  # parts
_NAME, _MODEL = "gold", "encoder"


class Request(NamedTuple):
    """What is asked for."""

    gold: Path
    pool: Path
    output: Path
    size: int
    how: StrategySettings
    threshold: float  # utterances of which the teacher is less sure are not candidates; of its own labels
    text: str
    domain: str
    intent: str | None  # None: the domain is the intent
    slots: str | None
    frequency: str
    start: str  # of the encoder
    positions: int
    epochs: int
    scorers: int
    early_epoch: int
    seed: int

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Request":
        """The request that a command line makes.

        Raises:
            StudyError: a strategy or its score is not known.
        """
        given = {name: getattr(options, name) for name in cls._fields if hasattr(options, name)}
        score = None if options.strategy in (*WITHOUT_SCORE, *OF_BOTH) else options.score
        try:
            how = StrategySettings(strategy=options.strategy, score=score)
        except ValidationError as error:
            raise StudyError(
                f"{error.errors()[0]['msg']}, not {options.strategy!r} by {options.score!r}",
                where="--strategy and --score",
                expected="a strategy of selection.strategies in config/README.md",
                do="correct it",
            ) from None
        return cls(**given, how=how)


def rank_pool(request: Request) -> None:
    """Write the selection: `example_id, score, strategy, rank, weak_label`, then the text and its labels.

    `example_id` is the row in the pool's file, counted from 0. Where the pool has the column of domains, its
    labels are the weak ones; else a teacher that learnt the gold utterances labels it. All utterances with
    their scores stay beside the selection, as `<output>.scored.parquet`.

    Raises:
        StudyError: a file is not as it should be, a label is one that gold never had, or the pool is smaller
            than what is asked for.
    """
    study = _study(request)
    check_place(request.output)
    data = _gold(study, request)
    with tempfile.TemporaryDirectory(dir=request.output.parent) as work:
        ranker = _Ranker(request, study, data, Path(work))
        everything = request.output.with_suffix(".scored.parquet")
        kept = ranker.score(everything)
        places = ranker.choose(kept)
    write_csv(request.output, _told(request, everything, kept, places))


def _study(request: Request) -> StudySettings:
    """The request as a study's configuration, so that all its checks are made."""
    facts = [column for column in (request.intent, request.slots) if column]
    files = {"train": [str(request.gold)], "test": [str(request.gold)]}
    data = {"source": "files", "format": request.gold.suffix[1:], "text_columns": [request.text], **files}
    training = {"batch_size": 16, "optimizer": "adamw", "lr": 0.002, "schedule": "linear", "warmup": 0.1}
    encoder = {"architecture": "encoder", "start": request.start, "positions": request.positions}
    return parse_study(
        {
            "name": "pool",
            "seed": request.seed,
            "datasets": {_NAME: data | {"label_column": request.domain, "fact_columns": facts}},
            "models": {_MODEL: encoder},
            "training": training | {"epochs": request.epochs, "weight_decay": 0.01},
            "selection": {
                "datasets": [_NAME],
                "model": _MODEL,
                "intent": request.intent or "intent",
                "slots": request.slots,
                "scorers": request.scorers,
                "early_epoch": request.early_epoch,
                "strategies": [request.how.model_dump()],
            },
        },
        where="the command",
    )


def _gold(study: StudySettings, request: Request) -> Dataset:
    """The gold utterances, with an intent."""
    data = load(_NAME, study.datasets[_NAME], study.seed)
    if request.intent is None:
        for split in (data.train, data.test):
            split.facts["intent"] = np.array(data.classes)[split.labels]
    return data


class _Ranker:
    """Models that learnt the gold utterances, and what they make of the pool."""

    def __init__(self, request: Request, study: StudySettings, data: Dataset, work: Path) -> None:
        self._request, self._study = request, study
        settings = study.selection
        made_here = study.models[_MODEL].made_here  # else it has read other texts
        texts = [*unpack(data.train.inputs), *_first_texts(request)] if made_here else []
        encoder = work / "encoder"
        make_encoder(study, "selection", _MODEL, texts, data.digest, encoder, work / "making")
        run, device = study.run("selection", _NAME, _MODEL, 0), prepare_device("auto", 1)
        facts = (settings.intent, settings.slots, _WHERE)
        self._models = Interpreters(run, encoder, names_of(data, *facts), device)
        models, rows = self._models, np.arange(len(data.train.labels))
        gold = models.utterances(models.read(data.train, *facts, str(request.gold)))
        learnt = [
            self._models.learn(rows, gold, RunKey(study.seed, k, role), settings.early_epoch)
            for role, number in (("teacher", 1), ("scorer", settings.scorers))
            for k in range(number)
        ]
        self._teacher: Learned = learnt[0]
        self._scorers = learnt[1:]

    def score(self, target: Path) -> pd.DataFrame:
        """Write all of the pool with its weak labels and scores, and keep what strategies go by.

        Returns:
            A row per candidate: `row, weak_domain, frequency` and the scores that are needed.
        """
        request, kept, seen = self._request, [], set()
        start, writer = time.monotonic(), None
        columns = [*dict.fromkeys(self._columns.values()), request.frequency]
        with replacing(target) as temporary:
            for number, (first, frame) in enumerate(parts(request.pool, request.text, columns)):
                table = self._scored(first, frame)
                batch = pa.Table.from_pandas(table, preserve_index=False)
                writer = writer or pq.ParquetWriter(temporary, batch.schema, compression="zstd")
                writer.write_table(batch)
                kept.append(self._candidates(table, seen))
                done = first + len(table)
                if number % _SAID_EVERY == 0:
                    rate = done / (time.monotonic() - start)
                    log.info("%s utterances scored, %.0f a second", f"{done:,}", rate)
            if writer is None:
                raise StudyError(
                    "there are no rows", where=str(request.pool), expected="a pool", do="name another file"
                )
            writer.close()
        return pd.concat(kept, ignore_index=True)

    def choose(self, kept: pd.DataFrame) -> np.ndarray:
        """Positions in `kept` of what the strategy takes, in its order."""
        request = self._request
        if request.size > len(kept):
            raise StudyError(
                f"the pool holds {len(kept):,} different utterances of which the teacher is at least "
                f"{request.threshold:g} sure, and {request.size:,} are to be chosen",
                where=str(request.pool),
                expected=f"at least {request.size:,}",
                do="lower --size or --threshold, or bring more utterances",
            )
        rng = generator(self._study.seed, "pool", request.how.name)
        return chosen(request.how.strategy, candidates(kept, self._named), request.size, rng)

    @property
    def _columns(self) -> dict[str, str]:
        """The columns of labels in the files, by what they say."""
        request = self._request
        named = {"domain": request.domain, "intent": request.intent or request.domain, "slots": request.slots}
        return {part: column for part, column in named.items() if column}

    @property
    def _named(self) -> list[str]:
        """The scores that the strategy goes by."""
        return self._request.how.goes_by(self._study.selection.scores)

    def _scored(self, first: int, frame: pd.DataFrame) -> pd.DataFrame:
        """Weak labels and scores of a part of the pool."""
        models, texts = self._models, frame[self._request.text].tolist()
        pieces, starts = cut_words(models.tokenizer, texts)
        models.check(pieces, lambda row: f"{self._request.pool}, row {first + row} (counted from 0)")
        n, nowhere = len(texts), [np.zeros(len(words), np.int64) for words in starts]
        blank = Spoken(pieces, starts, np.zeros(n, np.int64), nowhere, np.zeros(n, np.int64))
        rows, request, confidence = np.arange(n), self._request, np.ones(n)
        if request.domain in frame:
            labels = (frame, self._columns, blank, models.names, request.pool, first)
            weak, told = given_labels(*labels)
        else:
            found = hypothesised(self._teacher.last, models.utterances(blank), rows)
            weak = blank._replace(domains=found.domains, intents=found.intents, tags=found.tags)
            told, confidence = models.named(found), found.confidence
        if request.slots is None:
            weak = weak._replace(tags=None)
        if request.intent is None:
            told = {part: names for part, names in told.items() if part != "intent"}
        utterances = models.utterances(weak)
        scores = mean_scores([scored(model, utterances, rows) for model in self._scorers])
        about = {"row": first + rows, "text": texts} | {f"weak_{part}": told[part] for part in told}
        said = 1
        if request.frequency in frame:
            said = frequencies(frame[request.frequency], request.pool, first)
        return pd.DataFrame(about | {"confidence": confidence, "frequency": said} | scores)

    def _candidates(self, table: pd.DataFrame, seen: set[int]) -> pd.DataFrame:
        """Rows of a part that can be chosen: sure enough, and the first of their text."""
        hashes = [
            int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) for text in table["text"]
        ]
        fresh = []
        for row, (value, confidence) in enumerate(zip(hashes, table["confidence"], strict=True)):
            if value not in seen and confidence >= self._request.threshold:
                seen.add(value)
                fresh.append(row)
        names = self._models.names.domains
        kept = table.loc[fresh, ["row", "weak_domain", "frequency", *self._named]]
        return kept.assign(weak_domain=pd.Categorical(kept["weak_domain"], categories=names))


def _first_texts(request: Request) -> list[tuple[str]]:
    """The first utterances of the pool."""
    found: list[tuple[str]] = []
    for _, frame in parts(request.pool, request.text):
        found += [(text,) for text in frame[request.text]]
        if len(found) >= _READ:
            break
    return found[:_READ]


def _told(request: Request, scored_file: Path, kept: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    """The selection in its order, with the texts and labels of the file of all."""
    rows = kept["row"].to_numpy()[places]
    file, found = pq.ParquetFile(scored_file), []
    there = [f"weak_{part}" for part in _PARTS if f"weak_{part}" in file.schema_arrow.names]
    for batch in file.iter_batches(ROWS, columns=["row", "text", *there]):
        frame = batch.to_pandas()
        found.append(frame[frame["row"].isin(rows)])
    texts = pd.concat(found).set_index("row").loc[rows].reset_index(drop=True)
    score = kept[request.how.score].to_numpy()[places] if request.how.score else np.full(len(rows), np.nan)
    about = {"example_id": rows, "score": score, "strategy": request.how.name}
    about |= {"rank": np.arange(1, len(rows) + 1), "weak_label": texts["weak_domain"]}
    return pd.DataFrame(about | {name: texts[name] for name in texts.columns.drop("weak_domain")})
