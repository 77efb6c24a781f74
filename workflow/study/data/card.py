"""The data card: what is in a data set, as numbers and as pictures."""

import base64
import html
import io
import math
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from study.data.dataset import SPLITS, Dataset
from study.data.hub import UNPINNED
from study.files import write_json, write_text

_SHOWN_CLASSES = 50
_SHOWN_EXAMPLES = 10
_FRAME = 2  # pixels around a picture
_WRONG = (217, 130, 43, 255)  # orange: the frame of a wrong label
_STYLE = """
body { margin: 0; background: #fff; color: #1c2733; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 1.6rem 0 0; }
p { margin: .2rem 0 .8rem; color: #55636f; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; overflow-wrap: anywhere; }
tr { border-top: 1px solid #dfe5ea; }
tbody th { font-weight: 400; color: #55636f; width: 42%; }
thead tr, tr:has(> .strip) { border: 0; }
.classes th { color: inherit; width: auto; }
.number { text-align: right; font-variant-numeric: tabular-nums; width: 5rem; }
.strip { padding: 0 0 .5rem; line-height: 0; }
.strip img { width: 100%; height: auto; image-rendering: pixelated; }
.warning { background: #fff4e0; border-left: 4px solid #d9822b; padding: .5rem .8rem; color: inherit; }
"""
NOT_PINNED = """<p class=warning>The revision of this data set is <b>not pinned</b>: its content may change.
Pin it with <code>python -m study pin</code>.</p>"""


def describe(dataset: Dataset, settings) -> dict[str, Any]:
    """The card of images as plain values, for `card.json`."""
    shape = dict(zip(("channels", "height", "width"), dataset.train.inputs.shape[1:], strict=True))
    return {**counted(dataset, settings), "image": shape, "facts": sorted(dataset.train.facts)}


def counted(dataset: Dataset, settings) -> dict[str, Any]:
    """What the card of any labelled data set says.

    `duplicates` counts a split's examples whose input occurred earlier in the split; `overlap` the test
    examples whose input is also in the training split. Neither is an error: real data sets have both.
    """
    train, test = dataset.train, dataset.test
    flipped = int((train.labels != train.true_labels).sum())
    return {
        "name": dataset.name,
        "source": dataset.source,
        "pinned": UNPINNED not in dataset.source,
        "licence": settings.licence,
        "digest": dataset.digest,
        "examples": {part: len(getattr(dataset, part).ids) for part in SPLITS},
        "duplicates": {
            part: len(getattr(dataset, part).ids) - len(np.unique(getattr(dataset, part).contents))
            for part in SPLITS
        },
        "overlap": int(np.isin(test.contents, train.contents).sum()),
        "label_noise": {"flipped": flipped, "share": flipped / len(train.ids)},
        "classes": [
            {
                "label": k,
                "name": name,
                "train": int((train.labels == k).sum()),
                "train_true": int((train.true_labels == k).sum()),
                "test": int((test.labels == k).sum()),
            }
            for k, name in enumerate(dataset.classes)
        ],
        "settings": settings.model_dump(mode="json"),
    }


def write(dataset: Dataset, settings, folder: str | Path) -> None:
    """Write `card.json` and `card.html`, a page that needs no other file, into `folder`."""
    card = describe(dataset, settings)
    write_json(Path(folder) / "card.json", card)
    write_text(Path(folder) / "card.html", page(card, strips(dataset)))


def strips(dataset: Dataset) -> list[bytes]:
    """A PNG for each class (up to 50) with its first training pictures side by side; empty without any."""
    train = dataset.train
    chosen = [np.flatnonzero(train.labels == k)[:_SHOWN_EXAMPLES] for k in range(len(dataset.classes))]
    wrong = train.labels != train.true_labels
    return [_strip(train.inputs[rows], wrong[rows]) if len(rows) else b"" for rows in chosen[:_SHOWN_CLASSES]]


def _strip(pictures: np.ndarray, wrong: np.ndarray) -> bytes:
    """PNG of (n, C, H, W) pictures in a row, enlarged to 32 pixels or more, wrong labels in a frame."""
    scale = math.ceil(32 / pictures.shape[2])
    large = pictures.repeat(scale, axis=2).repeat(scale, axis=3).transpose(0, 2, 3, 1)
    height, width = large.shape[1] + 2 * _FRAME, large.shape[2] + 2 * _FRAME
    # Transparent around the pictures, so that the page's own ground shows.
    cells = np.zeros((_SHOWN_EXAMPLES, height, width, 4), np.uint8)
    cells[: len(wrong)][wrong] = _WRONG
    inner = cells[: len(large), _FRAME:-_FRAME, _FRAME:-_FRAME]
    inner[..., :3], inner[..., 3] = large, 255
    png = io.BytesIO()
    Image.fromarray(np.concatenate(list(cells), axis=1)).save(png, format="png", optimize=True)
    return png.getvalue()


def page(card: dict[str, Any], pictures: list[bytes]) -> str:
    """The card as an HTML page of its own; `pictures` has a PNG for each of the first classes."""
    classes = "".join(
        f"<tr><th scope=row>{html.escape(k['name'])}"
        f"<td class=number>{k['train']:,}<td class=number>{k['test']:,}"
        f"<tr><td colspan=3 class=strip>{_image(k['name'], png)}"
        for k, png in zip_longest(card["classes"], pictures, fillvalue=b"")
    )
    framed = (
        " An orange frame marks a label that was moved on purpose." if card["label_noise"]["flipped"] else ""
    )
    above = f"<p>{html.escape(card['source'])}</p>{'' if card['pinned'] else NOT_PINNED}"
    below = f"""<h2>Classes</h2>
<p>Examples in each, and the first training examples.{framed}</p>
<table class=classes><thead><tr><th>class<th class=number>train<th class=number>test<tbody>{classes}
</table>"""
    return page_of(card["name"], above, _lines(card), below)


def page_of(name: str, above: str, lines: Iterable[tuple[str, str]], below: str) -> str:
    """A card as an HTML page: its table of names and values, and what stands above and below it as HTML."""
    rows = "".join(f"<tr><th scope=row>{key}<td>{html.escape(text)}" for key, text in lines)
    name = html.escape(name)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data card: {name}</title><style>{_STYLE}</style></head>
<body><main>
<h1>{name}</h1>
{above}
<table><tbody>{rows}</table>
{below}
</main></body></html>
"""


def _image(name: str, png: bytes) -> str:
    alt = f"training examples of class {html.escape(name, quote=True)}"
    return f'<img alt="{alt}" src="data:image/png;base64,{base64.b64encode(png).decode()}">' if png else ""


def _lines(card: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The card's table: names and values in words."""
    image, noise = card["image"], card["label_noise"]
    yield "training examples", f"{card['examples']['train']:,}"
    yield "test examples", f"{card['examples']['test']:,}"
    yield "classes", f"{len(card['classes']):,}"
    yield (
        "pictures",
        f"{image['height']}×{image['width']} pixels, {'grey' if image['channels'] == 1 else 'colour'}",
    )
    yield "labels moved on purpose", f"{noise['flipped']:,} of the training labels ({noise['share']:.1%})"
    yield (
        "repeated inputs",
        f"{card['duplicates']['train']:,} in train, {card['duplicates']['test']:,} in test",
    )
    yield "test inputs that are in train", f"{card['overlap']:,}"
    if card["facts"]:
        yield "known per example", ", ".join(card["facts"])
    yield "licence", card["licence"]
    yield "digest", card["digest"][:16]
