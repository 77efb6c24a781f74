"""Pictures of one's own that are wrong, or hostile."""

import gzip
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image, PngImagePlugin
from tests.bad_input.case import Make, table
from tests.bad_input.folders import configured, owning, plain
from tests.bad_input.hostile import bomb, claiming_pages, claiming_rows, unpickling
from tests.unit.data.pictures import FOUR, grey, parquet, pngs

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n(ran) (w) file closefile\nshowpage\n%%EOF\n"


def own(format: str, name: str, make: Callable[[Path], object], **settings: Any) -> Make:
    """Prepare a data set of one file or folder."""

    def made(folder: Path) -> list[str]:
        make(folder / name)
        data = {"source": "files", "format": format, "train": [name], **settings}
        return ["prepare", "--dataset", "own", *configured(folder, owning(plain(), data))]

    return made


def csv(content: str | bytes) -> Make:
    """Prepare a csv of the columns image and label; there is the picture 0.png."""
    content = content.encode() if isinstance(content, str) else content

    def make(path: Path) -> None:
        path.write_bytes(content)
        path.with_name("0.png").write_bytes(pngs(grey(1))[0])

    return own("csv", "own.csv", make)


def pictures(*content: bytes) -> Make:
    """Prepare a parquet file of pictures, the last of which are these."""

    def make(path: Path) -> None:
        images = [*pngs(grey(2)), *content]
        parquet(path, images, [k % 2 for k in range(len(images))])

    return own("parquet", "own.parquet", make)


def folder_of(name: str, content: bytes) -> Make:
    """Prepare a folder of two classes, one picture of which is this one."""

    def make(path: Path) -> None:
        for kind in "ab":
            (path / kind).mkdir(parents=True)
            (path / kind / "0.png").write_bytes(pngs(grey(1))[0])
        (path / "b" / name).write_bytes(content)

    return own("imagefolder", "own", make)


def lying(lie: Callable[[Path], object]) -> Make:
    """Prepare a parquet file that was changed after it was written."""

    def make(path: Path) -> None:
        pq.write_table(pa.table({"image": pngs(grey(4)), "label": FOUR}), path, compression="zstd")
        lie(path)

    return own("parquet", "own.parquet", make)


def _at(place: int, content: bytes) -> Callable[[Path], object]:
    def edit(path: Path) -> None:
        whole = bytearray(path.read_bytes())
        whole[place : place + len(content)] = content
        path.write_bytes(whole)

    return edit


def _saved(format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(grey(1, size=40)[0]).save(file, format, **options)
    return file.getvalue()


def _long_note() -> bytes:
    note = PngImagePlugin.PngInfo()
    note.add_text("note", "x" * 50_000_000, zip=True)
    return _saved("png", pnginfo=note)


def _archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside.jsonl", '{"image": [[1]], "label": 0}\n')


def _torch(path: Path) -> None:
    torch.save({"image": [1], "label": [0]}, path)


def _typed(path: Path) -> None:
    """The features that `datasets` wrote into the file, of a type that there is not."""
    said = {
        "info": {"features": {"image": {"_type": "Pickle"}, "label": {"dtype": "int64", "_type": "Value"}}}
    }
    found = pa.table({"image": pngs(grey(4)), "label": FOUR})
    pq.write_table(found.replace_schema_metadata({"huggingface": json.dumps(said)}), path)


CASES = table(
    "images",
    ("a picture that says it has 3,600 million pixels", pictures(bomb(60_000, 1)), "own.parquet, row 2"),
    ("a picture that grows to 144 megabytes", pictures(bomb(12_000, 12_000)), ("pixels", "row 2")),
    ("a picture with a note that grows to 50 megabytes", pictures(_long_note()), "cannot be decoded"),
    ("a program that draws a picture", folder_of("1.eps", POSTSCRIPT), ("cannot identify", "1.eps")),
    ("a program with the name of a picture", folder_of("1.png", POSTSCRIPT), "1.png"),
    ("a photograph that is cut", folder_of("1.jpg", _saved("jpeg")[:-200]), "1.jpg"),
    ("a pickle with the name of a picture", folder_of("1.png", pickle.dumps(np.zeros((4, 4)))), "1.png"),
    (
        "a folder in place of a picture",
        csv("image,label\n" + ".,0\n0.png,1\n" * 5),
        "a picture file is missing",
    ),
    ("null characters in a csv", csv(b"image,label\n0.png\0,0\n\0,1\n0.png,0\n"), "own.csv"),
    ("another encoding", csv("image,label\ncafé.png,0\n".encode("utf-16")), "cannot be read"),
    ("lines with fields too many", csv("image,label\n0.png,0\n0.png,1,2,3\n"), "cannot be read"),
    ("lines without a label", csv("image,label\n0.png,0\n0.png\n"), "a label is"),
    ("a quotation without end", csv('image,label\n0.png,0\n"0.png,1\n'), "cannot be read"),
    (
        "arrays with pickled objects",
        own("csv", "own.npy", lambda path: np.save(path, np.array([{}, []], object))),
        "cannot be read",
    ),
    (
        "a pickle as lines of json",
        own("jsonl", "own.jsonl", lambda path: path.write_bytes(pickle.dumps([{"image": 1}]))),
        "cannot be read",
    ),
    ("a checkpoint of torch as a table", own("parquet", "own.parquet", _torch), "is packed"),
    ("an archive as lines of json", own("jsonl", "own.zip", _archive), "is packed"),
    (
        "a packed csv that grows a thousandfold",
        own("csv", "own.gz", lambda path: path.write_bytes(gzip.compress(b"image,label\n" + bytes(2**24)))),
        "is packed",
    ),
    (
        "lists in lists without end",
        own("jsonl", "own.jsonl", lambda path: path.write_text('{"label": 0, "image": ' + "[" * 100_000)),
        "own.jsonl",
    ),
    (
        "lines of json that are no objects",
        own("jsonl", "own.jsonl", lambda path: path.write_text("1\n2\n")),
        "own.jsonl",
    ),
    (
        "a label of twenty digits",
        own(
            "jsonl",
            "own.jsonl",
            lambda path: path.write_text('{"label": 99999999999999999999, "image": [[1]]}\n' * 3),
        ),
        "label",
    ),
    (
        "a label that is a huge fraction",
        own("parquet", "own.parquet", lambda path: parquet(path, pngs(grey(4)), [0.0, 1.0, 1e300, 1.0])),
        "out of range",
    ),
    (
        "a table that claims a million million rows",
        lying(lambda path: claiming_rows(path, 10**12)),
        "own.parquet",
    ),
    (
        "a page that claims two gigabytes",
        lying(lambda path: claiming_pages(path, 2**31 - 1)),
        "cannot be read",
    ),
    ("a page that cannot be unpacked", lying(_at(40, bytes(range(100)))), "own.parquet"),
    (
        "a footer longer than the file",
        lying(lambda path: path.write_bytes(path.read_bytes()[:-8] + b"\xff\xff\xff\x7fPAR1")),
        "cannot be read",
    ),
    ("features of a type that there is not", own("parquet", "own.parquet", _typed), "cannot be read"),
    (
        "a column of a pickled type",
        own(
            "parquet",
            "own.parquet",
            lambda path: unpickling(path, pickle.dumps(1)),
        ),
        "own.parquet",
    ),
    ("a folder in place of a table", own("parquet", "own.parquet", lambda path: path.mkdir()), "own.parquet"),
)
