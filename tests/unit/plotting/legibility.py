"""What a figure shows: its texts, which must not overlap, and the numbers that it draws."""

from itertools import combinations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def shown_texts(figure):
    """Every text that is drawn: visible, not blank, and no label of a tick outside its axis."""
    hidden = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low <= tick.get_loc() <= high:
                    hidden |= {tick.label1, tick.label2}
    return [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


def drawn_values(figure):
    """All coordinates of lines, intervals and matrices in data units, rounded."""
    values = []
    for axes in figure.axes:
        for line in axes.lines:
            values += [line.get_xdata(), line.get_ydata()]
        for collection in axes.collections:
            values += [path.vertices.ravel() for path in collection.get_paths()]
        values += [[patch.get_y(), patch.get_y() + patch.get_height()] for patch in axes.patches]
        values += [np.ma.filled(image.get_array(), np.nan).ravel() for image in axes.images]
    flat = np.concatenate([np.asarray(value, dtype=float).ravel() for value in values])
    return np.unique(flat[np.isfinite(flat)])


def check_texts(figure):
    """No two texts overlap, none leaves the page."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [(text, text.get_window_extent(renderer)) for text in shown_texts(figure)]
    page = figure.bbox.padded(2)
    for text, box in boxes:
        assert page.contains(box.x0, box.y0) and page.contains(box.x1, box.y1), text
    for (one, a), (other, b) in combinations(boxes, 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert width < 3 or height < 3, f"{one.get_text()!r} and {other.get_text()!r} overlap"
