"""Files and bytes of a study's results, predicted from its configuration alone.

Text files are counted out. Of tables bytes follow from how parquet keeps them: values that all differ take
what they are worth; in each group of rows those of the first mebibyte of a column stand in a dictionary, and
take the bits of a pointer beside.
"""

import json
import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

from study import paths
from study.config.datasets import BlendsData, HubData, NliData, NluData, SklearnData
from study.config.questions import AtlasData, PhoneBookData, ShortestPathData
from study.config.runs import RunSettings
from study.config.study import RunName, StudySettings
from study.kinds import CORPUS, IMAGE, QUESTION, TEXT
from study.models.counting import size_of
from study.scores.registry import FLAGS, SCORES, columns_of

GROUP, DICTIONARY = 2**20, 2**20  # rows of a group; bytes of a dictionary
OF_COLUMN, OF_TABLE = 290, 400  # bytes of a table beside its values
REAL, REAL_32 = 7.0, 3.2  # bytes that a real number of double and of single precision is worth
ID, CONTENT = 1.2, 8.5  # of ids, which count up, and of hashes of 16 hex digits
HEAD, ROW, METRICS, RESOURCES = 78, 57, 680, 100  # bytes of history.csv and its rows, and of whole files
OF_PAIR, OF_REPEAT, OF_STUDY = 31, 5, 9  # files at most: of a model on a data set, of a repeat, of a study
FIGURES, CHAPTER_FIGURES, TABLES = 19, 16, 24  # at most: of a data set, and of a chapter
TOKENS, VOCABULARY = 65e9, 50_304  # of a corpus of the hub, as in pretraining_hours.py
TOKENIZER, HARNESS = 2.2e6, 10_000  # bytes of a tokenizer of the hub, and of answers to the harness


class Counts(NamedTuple):
    """How much there is of a data set."""

    train: int
    test: int
    classes: int
    wide: float
    """Bytes of an input, as it is prepared."""


HUB = {  # data sets that no configuration counts; bytes of the longest text are taken, not looked up
    "uoft-cs/cifar10": Counts(50_000, 10_000, 10, 3072),
    "uoft-cs/cifar100": Counts(50_000, 10_000, 100, 3072),
    "flwrlabs/cinic10": Counts(70_000, 70_000, 10, 3072),  # without CIFAR-10's images
    "stanfordnlp/snli": Counts(549_367, 9_824, 3, 500),
    "AmazonScience/massive": Counts(11_514, 2_974, 18, 500),
}
ENCODERS = {  # parameters of encoders of the hub
    "google/bert_uncased_L-4_H-512_A-8": 28.8e6,
    "google-bert/bert-base-uncased": 109.5e6,
    "google-bert/bert-base-multilingual-cased": 177.9e6,
}


def counts_of(data) -> Counts:
    """How much there is of a data set that the papers' study names, or that is made here."""
    if isinstance(data, HubData):
        return HUB[data.id]
    if isinstance(data, PhoneBookData):
        return Counts(data.entries, data.strangers, 40, data.longest_row)
    if isinstance(data, ShortestPathData):
        kinds = 1 + len(data.elsewhere)
        return Counts(
            data.graphs * data.queries, data.held_out * data.queries * kinds, 2000, 2 * data.longest_row
        )
    if isinstance(data, AtlasData):
        facts = data.vertices * data.roads + sum(data.asked)
        return Counts(facts, sum(data.held_out), data.vertices, 2 * data.longest_row)
    if isinstance(data, SklearnData):
        return Counts(data.train_examples or 1437, data.test_examples or 360, 10, 64)
    if isinstance(data, BlendsData | NliData | NluData):
        sizes = data.train_examples or data.train_size, data.test_examples or data.test_size
        if isinstance(data, BlendsData):
            return Counts(*sizes, data.classes, data.channels * data.image_size**2)
        return Counts(*sizes, 8, 150)
    raise ValueError(f"nothing is known of {data!r}")


def of_reals(rows: int, stored: float = REAL, raw: float = 8) -> float:
    """Bytes of a column whose values all differ: each is worth `stored` bytes, `raw` before compression."""
    total = rows * stored
    for start in range(0, rows, GROUP):
        listed = min(GROUP, rows - start, int(DICTIONARY / raw))
        total += listed * math.ceil(math.log2(max(2, listed))) / 8
    return total


def of_choices(rows: int, values: int) -> float:
    """Bytes of a column of few values."""
    return rows * math.ceil(math.log2(max(2, values))) / 8


def of_identity(rows: int, name: str, classes: int) -> list[float]:
    """Bytes of the columns that say which examples these are."""
    wide = 4 + len(f"{name}:train:{rows}")
    return [of_reals(rows, ID, wide), of_reals(rows, CONTENT, 20), of_choices(rows, classes)]


def of_table(rows: int, columns: Iterable[float]) -> float:
    """Bytes of a table from those of its columns."""
    columns = list(columns)
    return OF_TABLE + sum(columns) + OF_COLUMN * len(columns) * math.ceil(rows / GROUP)


def of_scores(rows: int, readings: int, columns: Iterable[str]) -> list[float]:
    """Bytes of score columns: those that are counts take few values, at most one more than readings."""
    return [of_choices(rows, readings + 2) if SCORES[column].coarse else of_reals(rows) for column in columns]


def of_run(run: RunSettings, counts: Counts) -> dict[str, float]:
    """Bytes of every file of a run, by name."""
    kind, recording = run.dataset.kind, run.recording
    config = len(json.dumps(run.model_dump(mode="json"), indent=2).encode()) + 1
    rows, readings = counts.train, run.training.epochs
    if kind in (QUESTION, CORPUS):
        readings = min(recording.evaluations, readings) if kind == QUESTION else recording.evaluations
        rows = 0 if kind == CORPUS else min(rows, recording.train_examples or rows)
    found = {"config.json": config, "metrics.json": METRICS, "resources.json": RESOURCES}
    found["history.csv"] = HEAD + ROW * (1 if run.variant else readings)
    found["examples.parquet"] = of_table(rows, _examples(run, rows, readings, counts))
    if kind != CORPUS and recording.keeps_trajectory(run.seed):
        found[paths.TRAJECTORY] = _trajectory(rows, readings)
    if run.model.architecture == "decoder":
        found["metrics.json"] += 20 * run.model.layers * (run.model.experts if run.model.experts > 1 else 0)
        found[paths.ANSWERS] = of_table(rows + counts.test, _answers(rows + counts.test, run, counts))
        if recording.keep_model:
            found |= _kept_decoder(run, counts)
    elif recording.keep_model:
        raise ValueError("the size of a model of images is known only when it is built")
    return found


def _examples(run: RunSettings, rows: int, readings: int, counts: Counts) -> list[float]:
    """Columns of examples.parquet."""
    found = of_identity(rows, run.dataset_name, counts.classes)
    if run.variant is None:
        absent = () if run.model.architecture == "decoder" else run.recording.absent_families()
        columns = [name for name in columns_of(run.dataset.kind) if SCORES[name].family not in absent]
        return found + of_scores(rows, readings, columns) + [of_choices(rows, 2)] * len(FLAGS)
    more = {"null": [of_reals(rows)], "folds": [of_reals(rows)], "cadence": [of_choices(rows, 30)] * 2}
    return found + [of_choices(rows, 2)] * 2 + more.get(run.variant.family, [])


def _trajectory(rows: int, readings: int) -> float:
    """Epoch, which hardly changes; example, which counts up; loss, confidence, correct."""
    every = rows * readings
    reals = [of_reals(every, REAL_32, 4)] * 2
    return of_table(every, [0, of_choices(every, rows), *reals, of_choices(every, 2)])


def _answers(rows: int, run: RunSettings, counts: Counts) -> list[float]:
    """Columns of answers.parquet: id, split, tokens, bits, exact, accuracy of tokens, and what is known."""
    wide = 4 + len(f"{run.dataset_name}:train:{rows}")
    facts = 0 if isinstance(run.dataset, PhoneBookData) else 4
    few = [of_choices(rows, 2), of_choices(rows, 16), of_choices(rows, 2), of_choices(rows, 16)]
    return [of_reals(rows, ID, wide), of_reals(rows), *few, *[of_choices(rows, 16)] * facts]


def _kept_decoder(run: RunSettings, counts: Counts) -> dict[str, float]:
    """Weights in single precision, and the files beside them."""
    config, generation, weights = paths.MODEL_FILES
    vocabulary = VOCABULARY if run.dataset.kind == CORPUS else counts.classes
    found = {config: 800.0, generation: 150.0, weights: 4.0 * size_of(run.model, vocabulary).total}
    if run.dataset.kind == CORPUS:
        found |= dict(zip(paths.TOKENIZER_FILES, (TOKENIZER, 400.0), strict=True))
    return found


class Group(NamedTuple):
    """Files that are alike."""

    count: int
    """Runs, data sets, or models."""
    files: int
    size: float
    """Bytes."""


def of_runs(study: StudySettings) -> dict[tuple[str, str], Group]:
    """Runs of a study by chapter and kind: how many, their files and bytes."""
    found: dict[tuple[str, str], Group] = {}
    known: dict[tuple, tuple[int, float]] = {}
    for name in (*study.runs(), *study.variant_runs()):
        recording = study.recorded(name.chapter, name.dataset)
        same = (name._replace(seed=0), name.variant is None and tuple(recording.files(name.seed)))
        if same not in known:
            known[same] = _of_named(study, name)
        kind = "parts" if name.variant else study.all_datasets[name.dataset].kind
        before = found.get((name.chapter, kind), Group(0, 0, 0.0))
        files, size = known[same]
        found[name.chapter, kind] = Group(before.count + 1, before.files + files, before.size + size)
    return found


def _of_named(study: StudySettings, name: RunName) -> tuple[int, float]:
    run = study.run(*name)
    corpus = run.dataset.kind == CORPUS
    sizes = of_run(run, Counts(0, 0, VOCABULARY, 0) if corpus else counts_of(run.dataset))
    asked = corpus and study.experts.pretraining.harness is not None
    return len(sizes) + asked, sum(sizes.values()) + HARNESS * asked


def most_files(study: StudySettings) -> int:
    """A bound on the files of a study's results: it grows with runs as these do."""
    found = sum(group.files for group in of_runs(study).values()) + OF_STUDY
    found += len(paths.DATA_FILES) * len(study.all_datasets)
    for chapter in study.chapters:
        settings = getattr(study, chapter)
        pairs = sum(len(settings.models_on(dataset)) for dataset in settings.datasets)
        repeats = settings.repeats * len(settings.datasets) if chapter == "selection" else 0
        figures = FIGURES * len(settings.datasets) + CHAPTER_FIGURES
        found += OF_PAIR * pairs + OF_REPEAT * repeats + 4 * figures + TABLES
    return found


def of_averages(study: StudySettings) -> Iterator[tuple[str, float]]:
    """Tables with a row an example that average over runs, and their bytes."""
    for chapter, kind in (("difficulty", IMAGE), ("influence", TEXT)):
        settings = getattr(study, chapter)
        for dataset in settings.datasets if settings else ():
            rows, _, classes, wide = counts_of(study.datasets[dataset])
            identity = of_identity(rows, dataset, classes)
            scores, models = len(columns_of(kind)), settings.models_on(dataset)
            for model in models:
                averaged = identity + scores * [0.0, *3 * [of_reals(rows)]]
                yield paths.scores(chapter, dataset, model), of_table(rows, averaged)
                if kind == TEXT:
                    ranked = identity + (scores + 6) * [of_reals(rows)]
                    yield paths.rankings(chapter, dataset, model), of_table(rows, ranked)
                    columns = len(settings.analysis.scores)
                    yield paths.ranked(chapter, dataset, model), rows * (wide / 4 + 30 + 10 * columns)
            if kind == IMAGE:
                every = identity + len(models) * scores * [0.0, *2 * [of_reals(rows)]]
                yield paths.scores_all(chapter, dataset), of_table(rows, every)


def of_data(study: StudySettings) -> Iterator[tuple[str, float]]:
    """The arrays and examples of every prepared data set, and their bytes."""
    for name, data in study.all_datasets.items():
        if data.kind == CORPUS:
            yield name, 2 * TOKENS
            continue
        counts = counts_of(data)
        rows = counts.train + counts.test
        examples = of_table(rows, [*of_identity(rows, name, counts.classes), 0, 0, 0])
        yield name, rows * (counts.wide + 8) + examples


def of_encoders(study: StudySettings) -> Iterator[tuple[str, float]]:
    """Encoders of the hub, one for each data set that is no variant of another, and their bytes."""
    if study.influence:
        for dataset in study.influence.datasets:
            for model in study.influence.models_on(dataset):
                if dataset == study.influence.base_of(dataset):
                    yield paths.encoder("influence", dataset, model), 4 * ENCODERS[study.models[model].start]
    if study.selection:
        model = study.selection.model
        yield paths.common_encoder("selection", model), 4 * ENCODERS[study.models[model].start]
