"""Pictures in whatever way a column holds them, as one uint8 array."""

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image, ImageOps, UnidentifiedImageError

from study.errors import StudyError

_PLAIN = {"L": "L", "1": "L", "RGB": "RGB"}
_ALPHA = {"LA": "L", "La": "L", "PA": "RGB", "RGBA": "RGB", "RGBa": "RGB"}
_HELD = "PNG or JPEG bytes, paths of picture files, or nested lists of integers"
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")  # of others, EPS are programs that are run
_LARGEST = 2**24  # pixels: a file of a few kilobytes may hold more than memory does
_EXIF_ORIENTATION = 0x0112


def decode(column: pa.Array, rows: np.ndarray, folder: Path, where: Callable[[int], str]) -> list[np.ndarray]:
    """Decode the chosen rows of one file's column of pictures.

    Args:
        column: (N,) structs of bytes and path, bytes, paths, or (nested) lists of pixels.
        rows: (n,) the rows to decode.
        folder: what relative paths are relative to.
        where: names a row in an error message.

    Returns:
        n arrays (C, H, W) uint8, with C = 1 for grey and 3 for colour.

    Raises:
        StudyError: a picture is missing, cannot be decoded, or is not 8-bit grey or RGB without transparency.
    """
    one = _decoder(column.type, folder)
    if one is None:
        raise StudyError(
            f"the image column holds {column.type}",
            where=where(0),
            expected=_HELD,
            do="name the column with the pictures as image_column in the data set's settings",
        )
    images = []
    for row in rows:
        cell = column[int(row)]
        if not cell.is_valid:
            raise _bad("there is no picture", where(row), _HELD)
        images.append(one(cell, where(row)))
    return images


def _decoder(kind: pa.DataType, folder: Path) -> Callable[[pa.Scalar, str], np.ndarray] | None:
    """The function that decodes a cell of this type, or None if there is none."""
    if pa.types.is_struct(kind) and {"bytes", "path"} <= set(kind.names):
        return lambda cell, where: _from_struct(cell, folder, where)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return lambda cell, where: _from_bytes(cell.as_py(), where)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return lambda cell, where: _from_path(cell.as_py(), folder, where)
    if _is_list(kind):
        return _from_lists
    if isinstance(kind, pa.BaseExtensionType) and _is_list(kind.storage_type):
        return lambda cell, where: _from_lists(cell.value, where)
    return None


def _from_struct(cell: pa.StructScalar, folder: Path, where: str) -> np.ndarray:
    content, path = cell["bytes"].as_py(), cell["path"].as_py()
    if content is None and path is None:
        raise _bad("there is no picture", where, _HELD)
    return _from_path(path, folder, where) if content is None else _from_bytes(content, where)


def _from_path(path: str, folder: Path, where: str) -> np.ndarray:
    file = folder / path
    try:
        there = file.is_file()
    except OSError:  # too long for a path
        shown = f"{path[:40]}…" if len(path) > 40 else path
        raise _bad(f"a text is no path of a picture file: {shown!r}", where, _HELD) from None
    if not there:
        raise _bad(f"a picture file is missing: {file}", where, "paths relative to the table's own folder")
    return _from_bytes(file.read_bytes(), where if str(file) in where else f"{where} ({file})")


def _from_bytes(content: bytes, where: str) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > _LARGEST:
                found = f"{image.width} x {image.height}"
                raise _bad(f"a picture has {found} pixels", where, f"{_LARGEST:,} pixels at most")
            image.load()
            if image.mode not in _PLAIN and image.mode not in _ALPHA and image.mode != "P":
                raise _bad(f"a picture's pixels are of mode {image.mode}", where, "8-bit grey or RGB pixels")
            # A camera stores a turned photograph as it fell, with a note how to turn it.
            if image.getexif().get(_EXIF_ORIENTATION, 1) != 1:
                image = ImageOps.exif_transpose(image)
            return _to_array(image, where)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _bad(f"a picture cannot be decoded ({error})", where, "complete PNG or JPEG data") from error


def _to_array(image: Image.Image, where: str) -> np.ndarray:
    """(C, H, W) uint8 of an image of a known mode; palettes become RGB."""
    mode = image.mode
    if mode == "P":
        mode = "RGBA" if "transparency" in image.info else "RGB"
        image = image.convert(mode)
    if mode in _ALPHA:
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
        if alpha.min() < 255:
            raise _bad("a picture has transparent pixels", where, "pictures without transparency")
        image = image.convert(_ALPHA[mode])
    elif mode == "1":
        image = image.convert("L")
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _from_lists(cell: pa.Scalar, where: str) -> np.ndarray:
    """(C, H, W) of a (nested) list: (H, W), (H, W, C), (C, H, W), or flat, if its length is a square."""
    values = cell.values
    shape = [len(values)]
    if not shape[0]:
        raise _bad("a picture has no pixels", where, _HELD)
    while _is_list(values.type):
        sizes = np.unique(pc.list_value_length(values).to_numpy(zero_copy_only=False))
        if len(sizes) != 1 or values.null_count:
            raise _bad("a picture's lines differ in length", where, "lines of equal length")
        shape.append(int(sizes[0]))
        values = values.flatten()
    if values.null_count or not pa.types.is_integer(values.type):
        found = "missing pixels" if values.null_count else f"pixels of type {values.type}"
        raise _bad(f"a picture has {found}", where, "integers from 0 to 255")
    pixels = values.to_numpy()
    if pixels.min() < 0 or pixels.max() > 255:
        outside = pixels.min() if pixels.min() < 0 else pixels.max()
        raise _bad(f"a picture has the pixel value {outside}", where, "integers from 0 to 255")
    return _to_planes(pixels.astype(np.uint8), shape, where)


def _to_planes(pixels: np.ndarray, shape: list[int], where: str) -> np.ndarray:
    side = math.isqrt(shape[0])
    if len(shape) == 1 and side * side == shape[0]:
        return pixels.reshape(1, side, side)
    if len(shape) == 2:
        return pixels.reshape(1, *shape)
    if len(shape) == 3 and shape[2] in (1, 3):
        return np.ascontiguousarray(pixels.reshape(shape).transpose(2, 0, 1))
    if len(shape) == 3 and shape[0] in (1, 3):
        return pixels.reshape(shape)
    raise _bad(
        f"a picture has the shape {tuple(shape)}",
        where,
        "(height, width), (height, width, 1 or 3), (1 or 3, height, width), or a flat square of grey pixels",
    )


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def _bad(what: str, where: str, expected: str) -> StudyError:
    return StudyError(what, where=where, expected=expected, do="mend or remove this row")
