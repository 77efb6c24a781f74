"""Where results come from: data sets, code, versions, and (which no second run repeats) machines."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from study.files import read_json
from study.plotting import words
from study.provenance import package_versions
from study.report.reading import Results


class Made(NamedTuple):
    """What the runs of a chapter were made with."""

    trainings: int
    variants: int
    """Trainings on parts of training sets."""
    code: tuple[str, ...]
    """Digests of the code that trained, one for each architecture."""
    devices: tuple[str, ...]


class DataSet(NamedTuple):
    """What a card says of a data set, in short."""

    name: str
    source: str
    licence: str
    train: str
    test: str
    digest: str
    pinned: bool
    card: str
    """Its page, as a path from the results folder."""


def made(results: Results, chapter: str) -> Made:
    """How the runs of a chapter were made."""
    runs = results.index[results.index["chapter"] == chapter]
    return Made(
        results.trainings(chapter),
        results.variants(chapter),
        _distinct(runs["code"]),
        _distinct(f"{run.device}, {words.count_of(run.threads, 'thread')}" for run in runs.itertuples()),
    )


def data_sets(results: Results) -> list[DataSet]:
    """The data sets of all chapters."""
    return [
        DataSet(
            name,
            card["source"],
            card["licence"],
            *_sizes(card),
            card["digest"][:16],
            card.get("pinned", True),
            results.contents.cards[name]["html"].partition("/")[2],
        )
        for name, card in results.cards.items()
    ]


def _sizes(card: Mapping[str, Any]) -> tuple[str, str]:
    """Examples to train and to test on; of a corpus, tokens that are trained on and held out."""
    if "examples" in card:
        return tuple(f"{card['examples'][part]:,}" for part in ("train", "test"))
    return tuple(words.count_of(card["tokens"][part], "token") for part in ("train", "held out"))


def versions(results: Results) -> dict[str, str]:
    """Versions of the packages that runs were made with; without any run, of those that are installed."""
    found: dict[str, list[str]] = {}
    for folder in _of_each_model(results):
        for package, version in read_json(f"{folder}/metrics.json")["provenance"]["packages"].items():
            found.setdefault(package, []).append(version)
    if not found:
        return package_versions()
    return {package: " and ".join(_distinct(seen)) for package, seen in found.items()}


def hosts(results: Results) -> tuple[str, ...]:
    """Names of the machines on which models trained."""
    return _distinct(read_json(f"{folder}/resources.json")["host"] for folder in _of_each_model(results))


def _of_each_model(results: Results) -> list[str]:
    """Folders of the first run of each model on each data set."""
    return results.index.groupby(["chapter", "dataset", "model"], sort=False)["folder"].first().tolist()


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
