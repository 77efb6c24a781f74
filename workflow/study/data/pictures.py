"""Rows with a picture and a class, from one or many tables, as one split."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from study.data.decode import decode
from study.data.labels import Table, place_of
from study.data.splits import Part
from study.errors import StudyError


@dataclass(frozen=True)
class Pictures(Table):
    """A column of pictures and their labels, of one file."""

    folder: Path
    """What relative paths in the image column are relative to."""
    images: pa.Array

    def where(self, row: int) -> str:
        """Name a row: the picture's own file, or the table and the row in it."""
        if pa.types.is_struct(self.images.type):
            cell = self.images[int(row)]
            if cell.is_valid and not cell["bytes"].is_valid and cell["path"].is_valid:
                return cell["path"].as_py()
        return super().where(row)


def picture_part(tables: Sequence[Pictures], codes: Sequence[np.ndarray]) -> Part:
    """The pictures of some tables as one split, decoded when they are asked for."""
    ends = np.cumsum([len(table.labels) for table in tables])

    def where(row: int) -> str:
        index, position = place_of(tables, row)
        return tables[index].where(position)

    def images(rows: np.ndarray) -> np.ndarray:
        decoded = []
        for index, table in enumerate(tables):
            start = ends[index] - len(table.labels)
            mine = rows[(rows >= start) & (rows < ends[index])] - start
            decoded += decode(table.images, mine, table.folder, table.where)
        for row, image in zip(rows, decoded, strict=True):
            if image.shape != decoded[0].shape:
                raise _mixed_shapes(image.shape, where(row), decoded[0].shape, where(rows[0]))
        return np.stack(decoded)

    return Part(np.concatenate(codes), images, where)


def _mixed_shapes(odd: tuple, where: str, first: tuple, first_where: str) -> StudyError:
    return StudyError(
        f"pictures differ in shape: {shape_words(odd)} here, {shape_words(first)} in {first_where}",
        where=where,
        expected="pictures of one size, all grey or all in colour",
        do="scale or convert the pictures before they go into the data set",
    )


def shape_words(shape: tuple) -> str:
    """A picture's (C, H, W) in words: `28x28 grey`, `32x32 colour` (height x width)."""
    return f"{shape[1]}x{shape[2]} {'grey' if shape[0] == 1 else 'colour'}"
