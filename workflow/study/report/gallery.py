"""docs/gallery.md: the main figures of the default study, as small pictures."""

from pathlib import Path

from study import paths
from study.files import replacing, write_text
from study.report.captions import caption
from study.report.pictures import shrunk

MAIN = {
    "The claims": ("figures/claims",),
    "Which examples are hard, and how sure can one be?": (
        "difficulty/figures/digits/runs_needed",
        "difficulty/figures/digits/disattenuated",
        "difficulty/figures/digits/sensitivity_manhattan",
        "difficulty/figures/digits/fingerprint_accuracy",
        "difficulty/figures/digits/example_gallery",
        "difficulty/figures/digits-noisy/defect_detection",
    ),
    "Which sentences can a fine-tuned encoder do without?": (
        "influence/figures/nli/pruning_curves",
        "influence/figures/nli/what_makes_hard",
        "influence/figures/noise_curves",
        "influence/figures/domain_reduction",
    ),
    "Which machine-labelled utterances are worth adding?": (
        "selection/figures/pool_funnel",
        "selection/figures/gain_by_strategy",
        "selection/figures/entropy_el2n",
    ),
    "Do more experts buy memory or reasoning?": (
        "experts/figures/fooling_pairs",
        "experts/figures/width_wall",
        "experts/figures/phonebook_capacity",
        "experts/figures/shortest_path",
        "experts/figures/atlas_hops",
        "experts/figures/pretraining_by_parameters",
    ),
    "Do scores of difficulty see what experts change?": ("synthesis/figures/newly_remembered",),
}
"""Figures by heading, as paths in the results folder without their endings."""
_WIDTH, _COLOURS = 900, 64
_INTRODUCTION = """\
# Gallery

The main figures of one run of the default study, made small by `python -m study gallery`. The report of your
own run, `results/report.html`, has them all, with how to read them and what their numbers say;
[figures.md](figures.md) says what makes each.
"""


def write_gallery(results: Path, folder: Path) -> None:
    """Write gallery.md, and a small picture of every main figure below gallery/.

    Args:
        results: the results folder of the default study.
        folder: where the pages of the repository's documentation are.

    Raises:
        StudyError: a figure is missing or damaged.
    """
    parts = [_INTRODUCTION]
    for heading, figures in MAIN.items():
        parts.append(f"## {heading}\n")
        for figure in figures:
            name = figure.rpartition("/")[2]
            png, _ = shrunk(results / f"{figure}.png", _WIDTH, _COLOURS)
            with replacing(folder / f"gallery/{name}.png") as temporary:
                temporary.write_bytes(png)
            lead = caption(name).lead
            path = f"{paths.RESULTS}/{figure}.pdf"
            parts.append(f"**{caption(name).sentence}** `{path}`\n\n![{lead}](gallery/{name}.png)\n")
    write_text(folder / "gallery.md", "\n".join(parts))
