"""The data card of generated questions: how many, about what, and the first ones in words."""

import html
from pathlib import Path
from typing import Any

import numpy as np

from study.config.questions import QuestionData
from study.data.card import page_of
from study.data.dataset import SPLITS, Dataset, Split
from study.data.questions.tokens import answered, written
from study.files import write_json, write_text

_SHOWN = 8


def write(dataset: Dataset, settings: QuestionData, folder: str | Path) -> None:
    """Write `card.json` and `card.html`, a page that needs no other file, into `folder`."""
    card = describe(dataset, settings)
    write_json(Path(folder) / "card.json", card)
    write_text(Path(folder) / "card.html", page(card))


def describe(dataset: Dataset, settings: QuestionData) -> dict[str, Any]:
    """The card as plain values. `overlap` counts the test questions that are trained on."""
    train, test = dataset.train, dataset.test
    return {
        "name": dataset.name,
        "source": dataset.source,
        "licence": settings.licence,
        "digest": dataset.digest,
        "vocabulary": list(dataset.classes),
        "examples": {part: len(getattr(dataset, part).ids) for part in SPLITS},
        "overlap": int(np.isin(test.contents, train.contents).sum()),
        "longest": {part: int((getattr(dataset, part).inputs != 0).sum(axis=1).max()) for part in SPLITS},
        "answer_tokens": {part: int(answered(getattr(dataset, part).inputs).sum()) for part in SPLITS},
        "facts": {part: _counts(getattr(dataset, part)) for part in SPLITS},
        "shown": {
            part: [written(row, dataset.classes) for row in getattr(dataset, part).inputs[:_SHOWN]]
            for part in SPLITS
        },
        "settings": settings.model_dump(mode="json"),
    }


def page(card: dict[str, Any]) -> str:
    """The card as an HTML page of its own."""
    lines = [
        ("questions to train on", f"{card['examples']['train']:,}"),
        ("questions to test on", f"{card['examples']['test']:,}"),
        ("test questions that are trained on", f"{card['overlap']:,}"),
        ("tokens of the longest row", f"{max(card['longest'].values()):,}"),
        ("tokens of the vocabulary", f"{len(card['vocabulary']):,}"),
        *(
            (f"{fact} of the {part} questions", ", ".join(f"{key}: {n:,}" for key, n in counts.items()))
            for part, facts in card["facts"].items()
            for fact, counts in facts.items()
        ),
        ("licence", card["licence"]),
        ("digest", card["digest"][:16]),
    ]
    shown = "".join(
        f"<h2>First {part} questions</h2>"
        + "".join(f"<p><code>{html.escape(row)}</code></p>" for row in card["shown"][part])
        for part in SPLITS
    )
    return page_of(card["name"], f"<p>{html.escape(card['source'])}</p>", lines, shown)


def _counts(split: Split) -> dict[str, dict[str, int]]:
    """How many questions there are of each value of each fact, but for the number of their graph."""
    return {
        name: dict(zip(*(part.tolist() for part in np.unique(values, return_counts=True)), strict=True))
        for name, values in split.facts.items()
        if name != "graph"
    }
