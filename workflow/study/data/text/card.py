"""The data card of labelled texts: how many, how long, the first of each, and what words alone give away."""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from study.data.card import NOT_PINNED, counted, page_of
from study.data.dataset import SPLITS, Dataset, Split
from study.data.text.baselines import baselines
from study.data.text.packed import unpack
from study.files import write_json, write_text

_SHOWN = 4  # texts of each class
_SHOWN_CLASSES = 50
_SHOWN_VALUES = 20
_WORDS = {
    "majority": "test accuracy of the largest class",
    "bag_of_words": "test accuracy of words without order",
    "second_text_only": "test accuracy of the second text alone",
}


def write(dataset: Dataset, settings, folder: str | Path) -> None:
    """Write `card.json` and `card.html`, a page that needs no other file, into `folder`."""
    card = describe(dataset, settings)
    write_json(Path(folder) / "card.json", card)
    write_text(Path(folder) / "card.html", page(card))


def describe(dataset: Dataset, settings) -> dict[str, Any]:
    """The card as plain values; `words` are runs of non-blanks, `baselines` as `baselines` gives them."""
    texts = {part: unpack(getattr(dataset, part).inputs) for part in SPLITS}
    lengths = {
        part: np.array([sum(len(text.split()) for text in row) for row in texts[part]]) for part in SPLITS
    }
    return {
        **counted(dataset, settings),
        "texts": len(texts["train"][0]),
        "words": {part: {"mean": float(n.mean()), "most": int(n.max())} for part, n in lengths.items()},
        "vocabulary": len({word for row in texts["train"] for text in row for word in text.split()}),
        "facts": {part: _facts(getattr(dataset, part)) for part in SPLITS},
        "baselines": baselines(dataset),
        "shown": _shown(dataset, texts["train"]),
    }


def page(card: dict[str, Any]) -> str:
    """The card as an HTML page of its own."""
    classes = "".join(
        f"<tr><th scope=row>{k['label']}: {html.escape(k['name'])}"
        f"<td class=number>{k['train']:,}<td class=number>{k['test']:,}<tr><td colspan=3>{_listed(shown)}"
        for k, shown in zip(card["classes"], card["shown"], strict=False)
    )
    above = f"<p>{html.escape(card['source'])}</p>{'' if card['pinned'] else NOT_PINNED}"
    below = f"""<h2>Classes</h2>
<p>Number and name of each class, its examples, and the first training texts. [wrong] marks a label that noise
moved.</p>
<table class=classes><thead><tr><th>class<th class=number>train<th class=number>test<tbody>{classes}
</table>"""
    return page_of(card["name"], above, _lines(card), below)


def _shown(dataset: Dataset, texts: list[tuple[str, ...]]) -> list[list[str]]:
    train, found = dataset.train, []
    for k in range(min(len(dataset.classes), _SHOWN_CLASSES)):
        rows = np.flatnonzero(train.labels == k)[:_SHOWN]
        wrong = train.labels[rows] != train.true_labels[rows]
        marks = ("[wrong] " if odd else "" for odd in wrong)
        found.append([mark + " | ".join(texts[row]) for mark, row in zip(marks, rows, strict=True)])
    return found


def _listed(texts: list[str]) -> str:
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts)


def _facts(split: Split) -> dict[str, dict[str, float]]:
    """Of each fact with few values how many examples have each; of numbers with many values their mean."""
    found = {}
    for name, values in split.facts.items():
        kinds, counts = np.unique(values, return_counts=True)
        if len(kinds) <= _SHOWN_VALUES:
            found[name] = dict(zip(map(str, kinds.tolist()), counts.tolist(), strict=True))
        elif values.dtype.kind in "iuf":
            found[name] = {"mean": float(values.mean())}
        else:
            found[name] = {"different": len(kinds)}
    return found


def _lines(card: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The card's table: names and values in words."""
    for part in SPLITS:
        n, words = card["examples"][part], card["words"][part]
        yield f"{part} examples", f"{n:,}, of {words['mean']:.1f} words on average, {words['most']} at most"
    yield "texts of an example", f"{card['texts']}"
    yield "different words to train on", f"{card['vocabulary']:,}"
    noise = card["label_noise"]
    yield "labels moved on purpose", f"{noise['flipped']:,} of the training labels ({noise['share']:.1%})"
    repeated = card["duplicates"]
    yield "repeated inputs", f"{repeated['train']:,} in train, {repeated['test']:,} in test"
    yield "test inputs that are in train", f"{card['overlap']:,}"
    for name, accuracy in card["baselines"].items():
        yield _WORDS[name], f"{accuracy:.1%}"
    for part, facts in card["facts"].items():
        for fact, values in facts.items():
            yield f"{fact} ({part})", ", ".join(f"{key}: {value:,.4g}" for key, value in values.items())
    yield "licence", card["licence"]
    yield "digest", card["digest"][:16]
