"""A study of all chapters that never ran: its tables, cards and figures are made up, and small."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from study import paths
from study.analysis.claim_list import CLAIMS
from study.analysis.claims import COLUMNS
from study.config import parse_study
from study.config.files import read_mapping
from study.config.study import CHAPTERS
from study.files import write_csv, write_json, write_text

ROOT = Path(__file__).parents[3]
FIGURES = {  # of each chapter, one of single data sets and one of all
    "difficulty": (("runs_needed", "digits"), ("runs_needed", "digits-noisy"), ("score_spread", "digits")),
    "influence": (("pruning_curves", "nli"), ("train_size", None)),
    "selection": (("gain_by_strategy", None),),
    "experts": (("phonebook_capacity", None),),
    "synthesis": (("newly_remembered", None),),
}


def claim_rows() -> pd.DataFrame:
    """Every claim: supported by two scores on one data set, contradicted on another; X1 and X2 not run."""
    rows = []
    for claim in CLAIMS:
        row = claim._asdict() | {"n": 12, "detectable": 0.01, "note": "made up", "scale": "default"}
        if claim.id.startswith("X"):
            rows.append(row | {"verdict": "not run", "n": None, "detectable": np.nan, "note": "not asked"})
            continue
        for score, estimate in (("el2n_early", 0.25), ("vog", 0.75)):
            interval = {"estimate": estimate, "ci_low": estimate - 0.05, "ci_high": estimate + 0.05}
            rows.append(row | interval | {"verdict": "supported", "dataset": "digits", "score": score})
        rows.append(
            row
            | {
                "estimate": -0.5,
                "ci_low": -0.6,
                "ci_high": -0.4,
                "verdict": "contradicted",
                "dataset": "other",
            }
            | {"evidence": paths.figure("difficulty", "digits", "runs_needed", "png")}
        )
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS)).astype({"n": "Int64"})


def tables() -> dict[str, dict[str, pd.DataFrame]]:
    """The tables of which pages read numbers, and one more of each chapter."""
    interval = {"estimate": 10.0, "low": 5.0, "high": 15.0, "n": 5}
    needed = [
        {"dataset": "digits", "model": model, "score": score, "kind": kind, "target": target, "runs": runs}
        for model in ("mlp", "resnet8")
        for score, runs in (("el2n_early", 3.0), ("vog", 7.0))
        for kind in ("pair", "infinite")
        for target in (0.9, 0.95)
    ]
    flips = {"dataset": "digits-noisy", "model": "mlp", "score": "vog", "statistic": "inspected_share"}
    spared = {"dataset": "nli", "model": "bert", "plan": "clean", "training_epochs": 12.0, **interval}
    gains = [
        {"dataset": dataset, "strategy": strategy, "size": 0.5, "view": "overall", "metric": metric}
        | {"statistic": "change", "p_holm": p, "estimate": change, "low": change - 1, "high": change + 1}
        for dataset in ("english", "mirrored", "fronted")
        for metric in ("dcer", "semer")
        for strategy, change, p in (("top-entropy_joint", -9.0, 0.01), ("stratified", 2.0, 0.6))
    ]
    sizes = [
        {"task": task, "model": model, "total": 1000, "active": 500}
        for task, model in (("phone-book", "moe-4"), ("phone-book", "dense"), ("shortest-path", "search-12"))
    ]
    path = {"model": "search-12", "kind": "held out", "hops": 0, "measure": "optimal", "n": 5}
    return {
        "difficulty": {
            "runs_needed": pd.DataFrame(needed),
            "defects": pd.DataFrame(
                [flips | {"runs": r, "estimate": 0.1 / r, "by_chance": 0.5} for r in (1, 4)]
            ),
            "scores": pd.DataFrame({"column": ["vog", "ddd"], "per_run": [True, False]}),
        },
        "influence": {
            "guidance": pd.DataFrame(
                [
                    spared | {"ranking": "pvi", "arm": "easy", "share": 0.5, "repaid_after": 4.8},
                    spared | {"ranking": None, "arm": "random", "share": 0.0, "repaid_after": np.inf},
                ]
            )
        },
        "selection": {"selection": pd.DataFrame(gains)},
        "experts": {
            "capacity": pd.DataFrame(
                [
                    {"model": "dense", **interval, "bound": None},
                    {"model": "moe-4", **interval, "low": np.nan, "high": np.nan, "bound": "above"},
                ]
            ),
            "parameters": pd.DataFrame(sizes),
            "shortest_path": pd.DataFrame([path | {"estimate": 0.5, "low": 0.4, "high": 0.6}]),
        },
        "synthesis": {
            "gained": pd.DataFrame(
                [interval | {"model": "moe-16", "estimate": 0.3}, interval | {"model": "difference"}]
            ),
            "recall": pd.DataFrame({"model": ["moe-16", "moe-16"], "recall": [0.5, 0.7]}),
        },
    }


def draw(files: dict[str, str]) -> None:
    """Files of a figure."""
    for path in files.values():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (140, 80), "white").save(files["png"])
    Path(files["pdf"]).write_bytes(b"%PDF %%EOF")
    write_csv(files["csv"], pd.DataFrame({"x": [1]}))
    write_text(files["rst"], "Measured 0.5 of it, and resnet8\\_ too.\n")


def make(chapters: tuple[str, ...]) -> str:
    """Write the results of some chapters into the current folder; where what they hold is listed."""
    figures, listed = [], {}
    for chapter in chapters:
        for name, dataset in FIGURES[chapter]:
            place = f"{paths.RESULTS}/{chapter}/figures/{f'{dataset}/' if dataset else ''}{name}"
            files = {ending: f"{place}.{ending}" for ending in ("pdf", "png", "csv", "rst")}
            draw(files)
            told = {"title": name.replace("_", " "), "section": "A section", "paper": "figure 1"}
            drawn = {"rule": f"{chapter}_figure_{name}", "tables": [paths.table(chapter, "made_up")]}
            figures.append(
                {"chapter": chapter, "name": name, "dataset": dataset, "files": files} | told | drawn
            )
        listed[chapter] = {name: paths.table(chapter, name) for name in tables()[chapter]}
        for name, table in tables()[chapter].items():
            write_csv(listed[chapter][name], table)
    draw({ending: paths.study_figure("claims", ending) for ending in ("pdf", "png", "csv", "rst")})
    write_csv(paths.CLAIMS, claim_rows())
    write_text(paths.INDEX_IN_WORDS, "digits: mlp 96.0 %.\n")
    contents = {"figures": figures, "tables": listed, "cards": {}, "rules": RULES}
    return _with_runs(contents, chapters)


RULES = [
    {
        "name": "collect_table",
        "benchmark": r"logs/(?P<chapter>.+)/tables/(?P<t>.+)\.csv\.benchmark\.tsv$",
    },
    {
        "name": "difficulty_figure_runs_needed",
        "benchmark": r"logs/difficulty/figures/(?P<dataset>.+)/runs_needed\.pdf\.benchmark\.tsv$",
    },
]


def _with_runs(contents: dict, chapters: tuple[str, ...]) -> str:
    """Add cards and runs; write the index, and the list of contents."""
    study, rows = study_of(chapters), []
    for chapter in chapters:
        for dataset in getattr(study, chapter).datasets:
            files = {ending: f"{paths.data_folder(dataset)}/card.{ending}" for ending in ("json", "html")}
            card = {"source": "made up", "licence": "none", "digest": "0123456789abcdef" * 4}
            counts = {"examples": {"train": 1437, "test": 360}, "label_noise": {"flipped": 0}}
            if dataset == "reader":  # a corpus
                counts = {"tokens": {"train": 90000, "held out": 9000}}
            write_json(files["json"], card | counts)
            write_text(files["html"], "<p>made up</p>\n")
            contents["cards"][dataset] = files
    for run in study.runs():
        folder = paths.run_folder(*run)
        origin = {"data": "d", "code": f"code-of-{run.model}", "device": "cpu", "threads": 1}
        rows.append({**run._asdict(), **origin, "folder": folder})
        if run.seed == 0:
            provenance = {"packages": {"python": "3.11.0", "torch": "2.13.0"}}
            write_json(f"{folder}/metrics.json", {"provenance": provenance})
            write_json(f"{folder}/resources.json", {"host": "a-laptop"})
    columns = [
        *("chapter", "dataset", "model", "seed", "variant", "data", "code", "device", "threads", "folder")
    ]
    write_csv(paths.INDEX, pd.DataFrame(rows, columns=columns))
    write_json("work/report-1.json", contents)
    return "work/report-1.json"


def study_of(chapters: tuple[str, ...]):
    """The default study with some of its chapters."""
    settings = read_mapping(ROOT / "config/config.yaml")
    return parse_study({**settings, **dict.fromkeys(set(CHAPTERS) - set(chapters))})
