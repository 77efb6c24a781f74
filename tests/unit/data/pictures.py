"""Small pictures, and files that hold them."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

FOUR = [0, 1, 0, 1]  # labels of four pictures


def png(array, mode=None) -> bytes:
    """PNG bytes of an (H, W) or (H, W, C) uint8 array."""
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(array, dtype=np.uint8), mode).save(buffer, format="png")
    return buffer.getvalue()


def grey(n: int, seed: int = 0, size: int = 4) -> np.ndarray:
    """(n, size, size) random grey pictures."""
    return np.random.default_rng(seed).integers(0, 256, (n, size, size), dtype=np.uint8)


def parquet(path: Path, images, labels, **columns) -> str:
    """A parquet file whose pictures are what `images` holds: bytes, None, lists, ..."""
    pq.write_table(pa.table({"image": images, "label": labels, **columns}), path)
    return str(path)


def pngs(pictures) -> list[bytes]:
    """PNG bytes of each picture."""
    return [png(picture) for picture in pictures]
