"""What each table of a chapter holds, in a line."""

import csv
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "texts/tables.csv"


@cache
def descriptions(chapter: str) -> dict[str, str]:
    """The lines of a chapter's tables, by table."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["table"]: row["holds"] for row in csv.DictReader(lines) if row["chapter"] == chapter}
