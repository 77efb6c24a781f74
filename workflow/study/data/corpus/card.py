"""The data card of a corpus: how much of what, what is asked, and the first texts of each part."""

import html
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tokenizers import Tokenizer

from study.config.corpus import CorpusData
from study.data.card import page_of
from study.data.corpus.store import Corpus, Documents
from study.files import write_json, write_text

_SHOWN = 4


def write(corpus: Corpus, settings: CorpusData, folder: str | Path) -> None:
    """Write `card.json` and `card.html`, a page that needs no other file, into `folder`."""
    card = describe(corpus, settings)
    write_json(Path(folder) / "card.json", card)
    write_text(Path(folder) / "card.html", page(card))


def describe(corpus: Corpus, settings: CorpusData) -> dict[str, Any]:
    """The card as plain values."""
    tokenizer = Tokenizer.from_str(corpus.tokenizer)
    of_parts = {
        part: _of_part(corpus.train, corpus.held_out, number, tokenizer)
        for number, part in enumerate(corpus.parts)
    }
    return {
        "name": corpus.name,
        "source": corpus.source,
        "licence": settings.licence,
        "digest": corpus.digest,
        "vocabulary": corpus.vocabulary,
        "tokens": {"train": len(corpus.train.tokens), "held out": len(corpus.held_out.tokens)},
        "row": corpus.row,
        "parts": of_parts,
        "questions": _asked(corpus.questions),
        "settings": settings.model_dump(mode="json"),
    }


def page(card: dict[str, Any]) -> str:
    """The card as an HTML page of its own."""
    lines = [
        ("tokens to train on", f"{card['tokens']['train']:,}"),
        ("tokens held out", f"{card['tokens']['held out']:,}"),
        ("tokens of the vocabulary", f"{card['vocabulary']:,}"),
        ("tokens of a row", f"{card['row']:,}"),
        *(
            (f"part {part}", f"{of_part['documents']:,} documents of {of_part['tokens']:,} tokens")
            for part, of_part in card["parts"].items()
        ),
        *(
            (f"questions on {entry['part']}, {entry['kind']}", _number_asked(entry))
            for entry in card["questions"]
        ),
        ("licence", card["licence"]),
        ("digest", card["digest"][:16]),
    ]
    shown = "".join(
        f"<h2>First documents of {html.escape(part)}</h2>"
        + "".join(f"<p><code>{html.escape(text)}</code></p>" for text in of_part["shown"])
        for part, of_part in card["parts"].items()
    )
    shown += "<h2>First questions</h2>" + "".join(
        f"<p><code>{html.escape(entry['prompt'])} <b>{html.escape(entry['answer'])}</b></code></p>"
        for entry in card["questions"]
    )
    return page_of(card["name"], f"<p>{html.escape(card['source'])}</p>", lines, shown)


def _number_asked(entry: dict[str, Any]) -> str:
    return f"{entry['trained']:,} of what is trained on, {entry['new']:,} of what is not ({entry['measure']})"


def _of_part(train: Documents, held_out: Documents, number: int, tokenizer: Tokenizer) -> dict[str, Any]:
    mine = np.flatnonzero(train.parts == number)
    shown = [train.tokens[train.starts[row] : train.ends[row] - 1].tolist() for row in mine[:_SHOWN]]
    return {
        "documents": len(mine),
        "tokens": int(train.lengths[mine].sum()),
        "held_out": int((held_out.parts == number).sum()),
        "shown": [text.strip() for text in tokenizer.decode_batch(shown)],
    }


def _asked(questions: pd.DataFrame) -> list[dict[str, Any]]:
    """How many questions there are of each kind, and the first."""
    found = []
    for (part, kind), rows in questions.groupby(["task", "kind"], sort=False):
        first = rows.iloc[0]
        found.append(
            {
                "part": part,
                "kind": kind,
                "category": first["category"],
                "measure": first["measure"],
                "trained": int(rows["trained"].sum()),
                "new": int((~rows["trained"].astype(bool)).sum()),
                "prompt": first["prompt"],
                "answer": first["answers"][0],
            }
        )
    return found
