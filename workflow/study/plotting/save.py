"""Writing a figure: page, picture, points and caption, the same bytes for the same tables."""

from typing import Any

from study.files import replacing, write_csv, write_text
from study.plotting.style import Drawing, styled
from study.plotting.words import as_rst


@styled
def save(drawing: Drawing, outputs: Any) -> None:
    """Write the four files of a figure, each whole or not at all.

    Args:
        drawing: the figure.
        outputs: paths as attributes: pdf, png (200 dpi), csv (plotted points), rst (the caption's numbers).

    Raises:
        StudyError: no space is left, or a folder cannot be written.
    """
    drawing.figure.draw_without_rendering()
    drawing.figure.set_layout_engine(None)  # the same layout in both files, and no pass to find it again
    for path, metadata in ((outputs.pdf, {"CreationDate": None}), (outputs.png, {})):
        with replacing(path) as temporary:
            drawing.figure.savefig(temporary, format=path.rsplit(".", 1)[-1], metadata=metadata)
    write_csv(outputs.csv, drawing.points)
    write_text(outputs.rst, as_rst(drawing.caption) + "\n")
