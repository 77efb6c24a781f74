"""Captions: how a figure is read, the same in every study, and what the numbers of one say."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from docutils.core import publish_parts

_FOLDER = Path(__file__).parent / "texts"
_LEAD = re.compile(r"\*\*(.+?)\*\*(.*)", flags=re.DOTALL)
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "halt_level": 2,  # a caption with a mistake in it ends the job, with the place
    "syntax_highlight": "none",
    "smart_quotes": False,
}


class Caption(NamedTuple):
    """The caption of a kind of figure."""

    lead: str
    """What it shows, as plain text without a full stop; it may be a question."""
    reading: str
    """How it is read, as HTML."""

    @property
    def sentence(self) -> str:
        """The lead with the mark that ends it."""
        return self.lead if self.lead.endswith("?") else f"{self.lead}."


@cache
def caption(figure: str) -> Caption:
    """The caption of a figure by the figure's name; of one that has none, its name in words."""
    path = _FOLDER / f"{figure}.rst"
    if not path.is_file():
        return Caption(figure.replace("_", " "), "")
    lead, reading = _LEAD.match(path.read_text(encoding="utf-8")).groups()
    rest = reading.strip().removeprefix(",").strip()
    return Caption(lead.strip().rstrip("."), as_html(rest[:1].upper() + rest[1:]))


def as_html(text: str) -> str:
    """reStructuredText as HTML.

    Raises:
        docutils.utils.SystemMessage: it is not right.
    """
    return publish_parts(text, writer="html5", settings_overrides=_SETTINGS)["body"].strip()
