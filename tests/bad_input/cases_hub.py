"""Data repositories of others, as local folders in the hub's layout, that are wrong or hostile."""

from collections.abc import Callable
from pathlib import Path

from tests.bad_input.case import Make, table
from tests.bad_input.folders import configured, owning, plain
from tests.unit.data.pictures import FOUR, grey, parquet, pngs

CODE = "raise SystemExit('code of a data set ran')\n"


def hub(harm: Callable[[Path], object], id: str = "theirs", data: bool = True) -> Make:
    """Prepare a folder in the hub's layout."""

    def make(folder: Path) -> list[str]:
        theirs = folder / (id if id.isalpha() and len(id) < 100 else "theirs")
        theirs.mkdir()
        if data:
            for part in ("train", "test"):
                parquet(theirs / f"{part}-00000.parquet", pngs(grey(4)), FOUR)
        harm(theirs)
        return [
            "prepare",
            "--dataset",
            "own",
            *configured(folder, owning(plain(), {"source": "hub", "id": id})),
        ]

    return make


def card(head: str) -> Callable[[Path], object]:
    """The repository's card says this."""
    return lambda folder: (folder / "README.md").write_text(f"---\n{head}\n---\n# Data\n")


def naming(path: str) -> Callable[[Path], object]:
    """The card names files that are elsewhere."""
    split = "  - {{split: {part}, path: {path!r}}}\n"
    parts = "".join(split.format(part=part, path=path) for part in ("train", "test"))
    return card(f"configs:\n- config_name: default\n  data_files:\n{parts}")


def _outside(folder: Path) -> None:
    parquet(folder.parent / "secret.parquet", pngs(grey(4)), FOUR)
    naming("../secret.parquet")(folder)


def _script(folder: Path) -> None:
    (folder / f"{folder.name}.py").write_text(CODE)


CASES = table(
    "hub",
    ("a loading script alone", hub(_script, data=False), "no data that can be read"),
    ("a loading script beside data", hub(_script), "scripts are no longer supported"),
    (
        "a card with a tag that calls a function",
        hub(card("license: !!python/object/apply:os.system ['touch ran']")),
        "README.md",
    ),
    ("a card that is no mapping", hub(card("- 1\n- 2")), "theirs"),
    ("a card that names files outside", hub(_outside), "outside"),
    ("a card that names a file of the machine", hub(naming("/etc/passwd")), "/etc/passwd"),
    ("a card that names an address", hub(naming("https://127.0.0.1:9/secret.parquet")), "127.0.0.1"),
    (
        "a card of features that there are not",
        hub(card("dataset_info:\n  features:\n  - name: image\n    dtype: {pickle: 5}")),
        "theirs",
    ),
    (
        "a folder named like a reader of pickles",
        hub(lambda folder: (folder / "x.pkl").write_bytes(b""), id="pandas", data=False),
        "no data",
    ),
    ("an id with a null character", hub(_script, id="a\0b"), "there is no folder"),
    ("an id of a thousand letters", hub(_script, id="a" * 1000), "File name too long"),
)
