"""Figures as they are embedded in pages: PNG of few colours, a third of the bytes that matplotlib writes."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from study.errors import StudyError
from study.files import DamagedFile

_COLOURS = 256  # of a palette, the most that PNG knows


class Picture(NamedTuple):
    """A picture as a page holds it."""

    uri: str
    width: int
    height: int


def embedded(path: str | Path) -> Picture:
    """A PNG file as a data URI, with its size in pixels.

    Raises:
        StudyError: there is no such file.
        DamagedFile: it is not a picture.
    """
    png, (width, height) = shrunk(path)
    return Picture(f"data:image/png;base64,{base64.b64encode(png).decode()}", width, height)


def shrunk(
    path: str | Path, width: int | None = None, colours: int = _COLOURS
) -> tuple[bytes, tuple[int, int]]:
    """A PNG of few colours, and its size in pixels; the file's own bytes where they are fewer.

    Args:
        path: a PNG file.
        width: pixels to scale it down to; None: as it is.
        colours: of the palette.

    Raises:
        StudyError: there is no such file.
        DamagedFile: it is not a picture.
    """
    if not Path(path).is_file():
        raise StudyError(
            "a figure is missing",
            where=str(path),
            expected="a picture that the study drew",
            do=f"make it with: snakemake {path}",
        )
    original = Path(path).read_bytes()
    try:
        with Image.open(io.BytesIO(original), formats=["PNG"]) as image:
            picture = image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DamagedFile(path, f"it is not a picture ({error})") from error
    scaled = width is not None and width < picture.width
    if scaled:
        picture = picture.resize(
            (width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS
        )
    file = io.BytesIO()
    # Median cut keeps white white, which Pillow's octrees, eight times as fast, do not.
    picture.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, format="png")
    smaller = scaled or file.tell() < len(original)
    return (file.getvalue() if smaller else original), picture.size
