"""Figure `claims`: every claim is named, verdicts are direct labels, and points are what is drawn."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from study.analysis.claim_list import CLAIMS, find
from study.analysis.claims import COLUMNS
from study.chapters.claims import joined
from study.plotting.claims import draw_claims

pytestmark = pytest.mark.filterwarnings("error")


def row(claim, verdict, *interval, **more):
    estimate, low, high = interval or (np.nan, np.nan, np.nan)
    found = {"estimate": estimate, "ci_low": low, "ci_high": high, "n": 12, "verdict": verdict}
    return {**claim._asdict(), **found, "dataset": "digits-noisy", "note": "mean over 3 models", **more}


def some_claims():
    """Many scores, one score, a band, no interval, no estimate, and chapters that were not run."""
    rows = [
        row(find("D1"), "supported", 0.05 + 0.001 * i, 0.04, 0.1, score="grand_last_layer_early")
        for i in range(30)
    ]
    rows += [
        row(find("D2"), verdict, value, value - 0.05, value + 0.05, score="vog", reference=-0.45)
        for verdict, value in (("supported", -0.5), ("contradicted", -0.2), ("inconclusive", -0.41))
    ]
    rows += [
        row(find("D3"), "inconclusive", 0.4, np.nan, np.nan),
        row(find("D4"), "contradicted", -0.1, -0.2, -0.05),
        row(
            find("D5"),
            "inconclusive",
            note="too few splits for an interval, and a long reason why that is so",
        ),
        row(find("E4"), "verified", 0.5, 0.5, 0.5),
    ]
    return joined([pd.DataFrame(rows).reindex(columns=list(COLUMNS))])


@pytest.fixture(scope="module")
def drawn():
    drawing = draw_claims(some_claims())
    drawing.figure.draw_without_rendering()
    return drawing


def texts(figure):
    return [text for axes in figure.axes for text in axes.texts]


def test_texts_stay_apart_and_on_the_page(drawn):
    renderer = FigureCanvasAgg(drawn.figure).get_renderer()
    boxes = [(text, text.get_window_extent(renderer)) for text in texts(drawn.figure)]
    page = drawn.figure.bbox.padded(2)
    for text, box in boxes:
        assert page.contains(box.x0, box.y0) and page.contains(box.x1, box.y1), text
    for place, (one, a) in enumerate(boxes):
        for other, b in boxes[place + 1 :]:
            width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
            assert width < 3 or height < 3, f"{one.get_text()!r} and {other.get_text()!r} overlap"


def test_every_claim_and_verdict_is_named(drawn):
    written = [text.get_text() for text in texts(drawn.figure)]
    assert {claim.id for claim in CLAIMS} <= set(written)
    assert {"all 30 scores supported", "verified", "contradicted", "inconclusive", "not run"} <= set(written)
    assert "1 of 3 scores contradicted" in written
    assert "0.40 (no interval without some runs)" in written
    assert any("too few splits" in text for text in written)


def test_points_are_what_is_drawn(drawn):
    axes = drawn.figure.axes[0]
    values = {round(float(v), 6) for line in axes.lines for v in [*line.get_xdata(), *line.get_ydata()]}
    points = drawn.points.dropna(subset=["x"])
    assert len(points) == 36
    for column in ("x", "x_low", "x_high", "x_reference", "y"):
        known = points[column].dropna()
        assert len(known) and {round(value, 6) for value in known} <= values, column
    assert len(drawn.points) == len(some_claims())


def test_the_shade_ends_at_the_threshold(drawn):
    """An interval that is past the threshold lies within the shade, one that is short of it outside."""
    points = drawn.points.dropna(subset=["x_low"])
    shades = [collection.get_paths()[0].get_extents() for collection in drawn.figure.axes[0].collections]
    for point in points.itertuples():
        shade = next(box for box in shades if box.y0 <= point.y <= box.y1)
        inside = shade.x0 < point.x_low and point.x_high < shade.x1
        outside = point.x_high < shade.x0 or shade.x1 < point.x_low
        assert {"supported": inside, "verified": inside, "contradicted": outside}.get(
            point.verdict, not (inside or outside)
        )


def test_the_caption_counts(drawn):
    assert "6 of 22 claims were put to the test" in drawn.caption
    assert "all 30 scores supported" in drawn.caption and "Not run: D6, I1" in drawn.caption
    assert not re.search(r"nan|None|inf\b", drawn.caption)


def test_same_bytes_every_time(save_figure, tmp_path):
    first, second = (save_figure(draw_claims(some_claims()), tmp_path, name) for name in ("a", "b"))
    for end in ("pdf", "png", "csv", "rst"):
        assert Path(getattr(first, end)).read_bytes() == Path(getattr(second, end)).read_bytes(), end


def test_a_study_without_any_run_still_lists_its_claims():
    assert "0 of 22 claims" in draw_claims(joined([])).caption
