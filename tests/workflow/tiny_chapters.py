"""What the tiny study of every chapter is asked."""

from pathlib import Path

import pandas as pd

from study import paths
from study.files import read_csv
from tests.unit.report.html_checks import faults


def check_second_run(project, config: str, folder: Path) -> None:
    """Nothing is left to do."""
    ran = project.snakemake(config=(config,), folder=folder)
    assert ran.code == 0 and "Nothing to be done" in ran.text


def check_figures(project, chapter: str, folder: Path, *tables: str) -> None:
    """Every script of the chapter drew, with numbers in its caption; the report shows it, and tables."""
    scripts = (project.root / "workflow/scripts").glob("fig_*.py")
    drawn = {path.stem.removeprefix("fig_") for path in scripts if f"plotting.{chapter}" in path.read_text()}
    pictures = list((folder / f"results/{chapter}/figures").rglob("*.png"))
    assert {png.stem for png in pictures} == drawn
    for png in pictures:
        assert png.stat().st_size > 10_000 and len(pd.read_csv(png.with_suffix(".csv"))) > 0, png
        assert any(character.isdigit() for character in png.with_suffix(".rst").read_text()), png
    report = (folder / paths.REPORT).read_text()
    assert faults(report) == []
    shown = [str(png.with_suffix(".pdf").relative_to(folder / paths.RESULTS)) for png in pictures]
    shown += [f"{chapter}/tables/{name}.csv" for name in tables]
    assert all(f'href="{name}"' in report for name in shown)


def judged_claims(folder: Path, *claims: str) -> pd.DataFrame:
    """The rows of some claims, each of which was run."""
    table = read_csv(folder / paths.CLAIMS)
    mine = table[table["id"].isin(claims)]
    assert set(mine["id"]) == set(claims) and (mine["verdict"] != "not run").all()
    return mine
