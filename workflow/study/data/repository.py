"""What a data repository of others may hold, and what its card may say, for it to be read here at all.

`datasets` does what a card says: it reads files wherever they are, fetches addresses, and unpacks archives.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from study.config.parsing import parse
from study.data.loading import cause_of, scratch, unreadable
from study.errors import StudyError

# No archives, no arrow files, no code: what is read is plain tables and pictures.
_ENDINGS = (".parquet", ".json", ".jsonl", ".csv", ".png", ".jpg", ".jpeg")
_READERS = ("csv", "json", "parquet", "text")  # of `datasets`, for tables that may be packed
_CARDS = ("README.md", ".huggingface.yaml")
PATTERNS = ["README.md", *(f"*{ending}" for ending in _ENDINGS)]
"""Of the files that are downloaded."""


def check_content(folder: str, id: str) -> None:
    """Refuse a folder in which there is nothing that is read, and one whose card names files elsewhere.

    Raises:
        StudyError: it is one.
    """
    if not any(path.suffix.lower() in _ENDINGS for path in Path(folder).rglob("*") if path.is_file()):
        raise _not_read(id, "there are no data that can be read")
    _check_cards(folder, id)


def check_files(folder: str, subset: str | None, id: str) -> None:
    """Refuse files that `datasets` would read, and that are not read here.

    Raises:
        StudyError: there are some.
    """
    files = _builder(folder, subset, id).config.data_files or {}
    odd = {Path(file).suffix.lower() for part in files.values() for file in part} - set(_ENDINGS)
    if odd:
        raise _not_read(id, f"its files are of kinds that are not read: {', '.join(sorted(odd))}")


def check_reader(id: str, subset: str | None, revision: str | None, where: str) -> None:
    """Refuse a repository of the hub, or a local folder, that `datasets` would not read as a table.

    Among the others are readers of tensors, which unpickle.

    Raises:
        StudyError: it is one.
    """
    _check_cards(id, where)  # of a local folder
    kind = type(_builder(id, subset, where, revision=revision)).__module__.rpartition(".")[2]
    if kind not in _READERS:
        raise _not_read(f"{where}: {id}", f"its files are of a kind that is not read: {kind}")


def _builder(path: str, subset: str | None, where: str, **more: str | None) -> Any:
    """What `datasets` makes of a repository before it reads a row."""
    import datasets  # takes a second: only where it is needed

    with scratch() as cache:
        try:
            return datasets.load_dataset_builder(path, subset, cache_dir=cache, **more)
        except Exception as error:  # of many kinds: what others wrote into a card is believed
            raise unreadable(where, cause_of(error)) from error


def _check_cards(folder: str, id: str) -> None:
    for card in (Path(folder, name) for name in _CARDS):
        if card.is_file():
            _check_card(card, id)


def _check_card(card: Path, id: str) -> None:
    try:
        told = parse(
            _head(card.read_text(encoding="utf-8-sig")) if card.suffix == ".md" else card.read_text()
        )
    except ValueError as error:
        raise unreadable(f"{id}: {card.name}", str(error)) from error
    configs = told.get("configs") if isinstance(told, Mapping) else None
    for config in configs if isinstance(configs, list) else ():
        named = [config.get(key) for key in ("data_files", "data_dir")] if isinstance(config, Mapping) else []
        for path in _texts(named):
            if ":" in path or Path(path).is_absolute() or ".." in Path(path).parts:
                raise _not_read(f"{id}: {card.name}", f"its card names files outside of it: {path}")


def _head(text: str) -> str:
    """The YAML at the head of a card."""
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    found = REGEX_YAML_BLOCK.search(text)
    return found[2] if found else ""


def _texts(value: Any) -> Iterator[str]:
    """All texts in lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Collection):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def _not_read(where: str, what: str) -> StudyError:
    return StudyError(
        what,
        where=where,
        expected=f"tables or pictures ({', '.join(_ENDINGS)}); no archives, arrow files or loading scripts",
        do="choose a data set in one of these formats; many have a parquet version",
    )
