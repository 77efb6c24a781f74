"""What figures of the chapter share: names of counts, axes of numbers in powers of two."""

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

AXES = {
    "total": "parameters",
    "active": "active parameters",
    "total_without_embeddings": "parameters without embeddings",
    "active_without_embeddings": "active parameters without embeddings",
}


def entries_axis(axis: Axis) -> None:
    """Whole numbers at powers of two: 256, 512, 1,024, 16 k."""
    axis.set_major_locator(LogLocator(base=2, numticks=8))
    axis.set_major_formatter(FuncFormatter(_short))
    axis.set_minor_formatter(NullFormatter())


def _short(value: float, _place: int) -> str:
    if value >= 2**20:
        return f"{value / 1e6:.1f} M"
    return f"{value / 1e3:.0f} k" if value >= 10_000 else f"{value:,.0f}"
