"""Step `claims`: what this run says of the claims E1 to E5."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis import walls
from study.analysis.capacity import INSIDE, active_ratio, slope_on_experts
from study.analysis.claim_list import Claim, find
from study.analysis.claims import CONTRADICTED, VERIFIED, Threshold, at_limit
from study.analysis.pretraining import gain_difference, slope_difference
from study.analysis.saturation import gain_ratio
from study.chapters.experts.families import dense, family
from study.chapters.experts.pretraining import by_category
from study.chapters.experts.reading import CHAPTER
from study.chapters.experts.shortest_path import ALL
from study.chapters.verdicts import joined, judged, not_run
from study.config import StudySettings
from study.data.questions.load import HELD_OUT
from study.files import read_csv, write_csv


def run(study: StudySettings) -> None:
    """Write claims.csv of the chapter."""
    parts = [_memory(study), _search(study), _theory(), *_walls(study), _active(study), *_pretraining(study)]
    write_csv(paths.table(CHAPTER, "claims"), joined(parts, study))


def _memory(study: StudySettings) -> pd.DataFrame:
    claim, task = find("E1"), study.experts.phone_book
    if task is None:
        return not_run(claim, "no phone book was asked for")
    experts = family(study, task.all_models)
    row = slope_on_experts(_sizes("crossings"), experts)
    return _judged(claim, [row], task.tuning_name, "phonebook_capacity")


def _sizes(name: str) -> pd.DataFrame:
    """A table of sizes, some of which are bounds; `bound` is empty where one is not."""
    return read_csv(paths.table(CHAPTER, name)).astype({"bound": object}).fillna({"bound": INSIDE})


def _active(study: StudySettings) -> pd.DataFrame:
    claim, task = find("E4"), study.experts.phone_book
    if task is None:
        return not_run(claim, "no phone book was asked for")
    models, found = task.all_models, _sizes("crossings")
    sizes = read_csv(paths.table(CHAPTER, "parameters"))
    of_task = sizes[sizes["task"] == task.tuning_name].set_index("model")
    active = of_task["active_without_embeddings"].to_dict()
    measured = set(found["model"])
    compared = [name for name in dense(study, models) if name in measured]
    mixtures = [name for name, experts in family(study, models).items() if experts > 1 and name in measured]
    if not mixtures or len(compared) < 2:
        return not_run(claim, "it needs a mixture and two dense models that learn books of several sizes")
    rows = [{"score": name, **active_ratio(found, active, name, compared)} for name in mixtures]
    for row in rows:
        row["note"] += "; routers and embeddings do not count"
    return _judged(claim, rows, task.tuning_name, "phonebook_capacity")


def _search(study: StudySettings) -> pd.DataFrame:
    claim, task = find("E2"), study.experts.shortest_path
    if task is None:
        return not_run(claim, "no shortest paths were asked for")
    runs = read_csv(paths.table(CHAPTER, "shortest_path_runs"))
    chosen = (runs["kind"] == HELD_OUT) & (runs["hops"] == ALL) & (runs["measure"] == "optimal")
    accuracy = runs[chosen].pivot(index="seed", columns="model", values="share")
    models = task.all_models
    experts = {name: np.log2(n) for name, n in family(study, models).items()}
    widths = {name: np.log2(study.models[name].dim) for name in dense(study, models)}
    row = gain_ratio(accuracy, experts, widths)
    arms = accuracy[[*dict.fromkeys([*experts, *widths])]].mean().to_numpy()
    row["note"] += f"; accuracies {arms.min():.2f} to {arms.max():.2f}"
    return _judged(claim, [row], task.tuning_name, "shortest_path", at_limit(arms, 0.0, 1.0))


def _theory() -> pd.DataFrame:
    """Theorems are checked, not estimated: verified if no case contradicts them, with the number of cases."""
    claim = find("E3")
    built, fooled = (read_csv(paths.table(CHAPTER, name)) for name in ("constructions", "fooling"))
    below = fooled[fooled["ruled_out"]]
    missed = int((below["layers"] * (1 - below["fooled"])).round().sum())
    wrong, tried, layers = int(built["wrong"].sum()), int(built["tried"].sum()), int(below["layers"].sum())
    note = (
        f"construction right on {tried - wrong:,} of {tried:,} graphs; fooling pairs behind "
        f"{layers - missed:,} of {layers:,} layers below the bound"
    )
    verdict = VERIFIED if wrong == missed == 0 else CONTRADICTED
    evidence = paths.chapter_figure(CHAPTER, "fooling_pairs", "png")
    row = claim._asdict() | {"n": tried + layers, "verdict": verdict, "note": note, "evidence": evidence}
    return pd.DataFrame([row])


def _walls(study: StudySettings) -> list[pd.DataFrame]:
    claims = [find("E3b", part) for part in (0, 1)]
    if study.experts.width_wall is None:
        return [not_run(claim, "no models were trained on length-2 paths (width_wall)") for claim in claims]
    found = _sizes("walls")
    margin = Threshold.parse(claims[1].threshold).high
    slopes = (walls.slope_on_vertices(found), walls.slope_on_experts(found, margin))
    return [
        _judged(claim, [row], "length-two-path", "width_wall")
        for claim, row in zip(claims, slopes, strict=True)
    ]


def _pretraining(study: StudySettings) -> list[pd.DataFrame]:
    claim, settings = find("E5"), study.experts.pretraining
    if settings is None:
        return [not_run(claim, "no language model was asked for (pretraining)")]
    runs, gains = (read_csv(paths.table(CHAPTER, name)) for name in ("benchmark_runs", "equal_perplexity"))
    values, experts = by_category(runs), family(study, settings.models)
    found = []
    for corpus in settings.corpora:
        mine = values[values["dataset"] == corpus]
        rows = [{"score": "slope on log2 experts", **slope_difference(mine, experts)}]
        for mixture, of_mixture in gains[gains["dataset"] == corpus].groupby("model", sort=False):
            wide = of_mixture.pivot(index=["seed", "test_loss"], columns="category", values="gain")
            row = gain_difference(wide.reset_index())
            rows.append({"score": f"{mixture} at equal perplexity", **row})
        arms = mine.groupby(["category", "model"])["value"].mean()
        limited = any(at_limit(arms[name].to_numpy(), 0.0, 1.0) for name in arms.index.unique("category"))
        found.append(_judged(claim, rows, corpus, "accuracy_at_equal_perplexity", limited))
    return found


def _judged(claim: Claim, rows: list[dict], task: str, figure: str, limited: bool = False) -> pd.DataFrame:
    evidence = paths.chapter_figure(CHAPTER, figure, "png")
    return judged(claim, pd.DataFrame(rows), evidence, limited, task)
