"""Figures of two small simulated studies, drawn and saved once: two models with four runs, ten with six."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from study.analysis.averaging import averaging_tables
from study.analysis.clumping import clump_table, selectors_named
from study.analysis.components import loading_table, variance_table
from study.analysis.consistency import consistency_tables, example_rank_error
from study.analysis.correlation import correlation_table
from study.analysis.fingerprint import run_features
from study.analysis.fingerprint_by_score import fingerprint_of_score
from study.analysis.fingerprint_leaks import leak_checks
from study.analysis.fingerprint_tables import accuracy_table, difference_table
from study.analysis.fingerprint_trials import fingerprint
from study.analysis.run_map import run_map
from study.analysis.selector_overlap import overlap_table
from study.analysis.selectors import SELECTORS
from study.analysis.sensitivity import extremes, sensitivity
from study.data.dataset import Dataset, split
from study.files import read_csv, read_parquet, write_csv, write_parquet
from study.plotting import words
from study.plotting.disattenuated import draw_disattenuated
from study.plotting.example_gallery import draw_example_gallery
from study.plotting.fingerprint_accuracy import draw_fingerprint_accuracy
from study.plotting.fingerprint_by_score import draw_fingerprint_by_score
from study.plotting.principal_components import draw_principal_components
from study.plotting.rank_error import draw_rank_error
from study.plotting.run_correlation import draw_run_correlation
from study.plotting.run_map import draw_run_map
from study.plotting.runs_needed import draw_runs_needed
from study.plotting.save import save
from study.plotting.score_correlation import draw_score_correlation
from study.plotting.score_spread import draw_score_spread
from study.plotting.selector_overlap import draw_selector_overlap
from study.plotting.sensitivity_manhattan import draw_sensitivity_manhattan

SMALL = {
    "models": ["mlp", "resnet_8_"],
    "runs": 4,
    "columns": ["confidence_mean", "forgetting"],
    "channels": 1,
}
LARGE = {
    "models": [*"abcdefgh", "a-model-with-quite-a-long-name", "resnet110"],
    "runs": 6,
    "columns": ["confidence_mean", "el2n_early"],
    "channels": 3,
}
EXAMPLES = 60
FIGURES = (
    "score_spread",
    "run_correlation",
    "rank_error",
    "runs_needed",
    "score_correlation",
    "disattenuated",
    "principal_components",
    "sensitivity_manhattan",
    "example_gallery",
    "fingerprint_accuracy",
    "fingerprint_by_score",
    "selector_overlap",
    "run_map",
)


def simulated_runs(case):
    """{model: {column: (R, N)}}: one difficulty, a model's own share of it, and noise of each run."""
    rng = np.random.default_rng(0)
    common, runs = rng.normal(-2, 1.5, EXAMPLES), {}
    for model in case["models"]:
        own = common + rng.normal(0, 0.7, EXAMPLES) * (rng.random(EXAMPLES) < 0.4)
        runs[model] = {}
        for noise, column in zip((0.3, 0.6), case["columns"], strict=True):
            logits = own + rng.normal(0, noise, (case["runs"], EXAMPLES))
            wrong = 1 / (1 + np.exp(-logits))
            forms = {
                "confidence_mean": 1 - wrong,
                "forgetting": np.round(8 * wrong),
                "el2n_early": np.sqrt(2) * wrong,
            }
            runs[model][column] = forms[column]
    return runs


def tables_of(case, folder):
    """The files that figures read, as the chapter writes and reads them."""
    runs, rng = simulated_runs(case), np.random.default_rng(1)
    signs = {column: words.hard_sign(column) for column in case["columns"]}
    consistency = {model: consistency_tables(scores) for model, scores in runs.items()}
    averaging = {model: averaging_tables(scores, rng, draws=10) for model, scores in runs.items()}
    first = {model: scores[case["columns"][0]] for model, scores in runs.items()}
    found = sensitivity(first, rng=rng, draws=2)
    labels = np.arange(EXAMPLES) % 3
    by_model = {
        "run_agreement": {model: tables.runs for model, tables in consistency.items()},
        "consistency": {model: tables.summary for model, tables in consistency.items()},
        "quantiles": {model: tables.quantiles for model, tables in consistency.items()},
        "averaging": {model: tables.curves for model, tables in averaging.items()},
        "exponents": {model: tables.exponents for model, tables in averaging.items()},
        "runs_needed": {model: tables.runs_needed for model, tables in averaging.items()},
        "score_correlation": {model: correlation_table(scores) for model, scores in runs.items()},
        "components": {model: variance_table(scores, signs, rng, 20) for model, scores in runs.items()},
        "loadings": {model: loading_table(scores, signs) for model, scores in runs.items()},
        "scores": {model: aggregated(scores, labels) for model, scores in runs.items()},
    }
    tables = {
        name: pd.concat([frame.assign(model=model) for model, frame in frames.items()], ignore_index=True)
        for name, frames in by_model.items()
    }
    tables |= {"qq": found.qq, "pairs": found.pairs, "overall": found.overall, "null": found.null}
    tables |= fingerprint_tables(runs, case, rng)
    tables |= {"sensitive_examples": extremes(found.examples, 9)}
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table)
    write_parquet(folder / "tests.parquet", found.tests.assign(label=labels[found.tests["example"]]))
    read = {name: read_csv(folder / f"{name}.csv") for name in tables}
    return read | {"tests": read_parquet(folder / "tests.parquet")}


def fingerprint_tables(runs, case, rng):
    """What the steps around the fingerprint write."""
    first = {model: -scores[case["columns"][0]] for model, scores in runs.items()}
    accuracies = {model: rng.normal(0.9, 0.01, case["runs"]) for model in runs}
    selectors = selectors_named([*SELECTORS, "p_value_clumped"], 0.5)
    few = {name: selectors[name] for name in ("p_value", "random")}
    trials = fingerprint(
        first, accuracies, rng=rng, ks=(1, 10), selectors=selectors, repeats=3, held_out_repeats=2
    )
    by_score = []
    for column in case["columns"]:
        scores = {model: scores[column] for model, scores in runs.items()}
        by_score.append(fingerprint_of_score(scores, rng=rng, k=10, repeats=2).assign(score=column))
    aggregates = {
        model: np.stack([matrix.mean(1) for matrix in scores.values()], 1) for model, scores in runs.items()
    }
    return {
        "fingerprint": accuracy_table(trials),
        "differences": difference_table(trials),
        "leaks": leak_checks(
            first, accuracies, rng=rng, k=5, selectors=few, classifiers=["logistic"], repeats=2
        ),
        "clumps": clump_table(*run_features(first), ["p_value", "random"], 10, rng, 0.5),
        "selector_overlap": overlap_table(trials.chosen, EXAMPLES, [1, 10]),
        "fingerprint_by_score": pd.concat(by_score, ignore_index=True),
        "run_map": run_map(first, aggregates, rng).assign(score=case["columns"][0]),
    }


def aggregated(scores, labels):
    """As scores.parquet."""
    frame = {"example_id": [f"toy:train:{i}" for i in range(EXAMPLES)], "content": "0", "label": labels}
    for column, matrix in scores.items():
        frame[f"{column}_mean"], frame[f"{column}_std"] = matrix.mean(0), matrix.std(0, ddof=1)
        frame[f"{column}_n"], frame[f"{column}_rank_error"] = len(matrix), example_rank_error(matrix)
    return pd.DataFrame(frame)


def dataset_of(case):
    """Random pictures with some changed labels."""
    rng = np.random.default_rng(2)
    pictures = rng.integers(0, 256, (EXAMPLES, case["channels"], 8, 8), dtype=np.uint8)
    given = np.arange(EXAMPLES) % 3
    labels = np.where(np.arange(EXAMPLES) % 10 == 0, (given + 1) % 3, given)
    train = split("toy", "train", np.arange(EXAMPLES), pictures, given, labels)
    return Dataset("toy", train, train, ("cat", "automobile", "pickup_truck"), "", "")


def draw(name, case, tables):
    """One figure."""
    models, columns = case["models"], case["columns"]
    arguments = {
        "score_spread": (draw_score_spread, "scores consistency quantiles", columns),
        "run_correlation": (draw_run_correlation, "run_agreement consistency", columns),
        "rank_error": (draw_rank_error, "run_agreement consistency", columns),
        "disattenuated": (draw_disattenuated, "score_correlation", columns),
        "runs_needed": (draw_runs_needed, "averaging exponents runs_needed", columns),
        "score_correlation": (draw_score_correlation, "score_correlation", columns),
        "principal_components": (draw_principal_components, "components loadings", columns),
        "sensitivity_manhattan": (draw_sensitivity_manhattan, "tests qq pairs overall null", None),
        "run_map": (draw_run_map, "run_map", None),
    }
    without_models = {
        "fingerprint_accuracy": (draw_fingerprint_accuracy, "fingerprint differences leaks clumps"),
        "fingerprint_by_score": (draw_fingerprint_by_score, "fingerprint_by_score"),
        "selector_overlap": (draw_selector_overlap, "selector_overlap"),
    }
    if name == "example_gallery":
        return draw_example_gallery(
            dataset_of(case), tables["scores"], tables["sensitive_examples"], models, columns, 9
        )
    if name in without_models:
        function, read = without_models[name]
        return function(*(tables[table] for table in read.split()), "toy")
    function, read, columns = arguments[name]
    return function(
        *(tables[table] for table in read.split()), models, *([columns] if columns else []), "toy"
    )


def saved(drawing, folder, name):
    """The four files of a figure."""
    outputs = SimpleNamespace(**{end: f"{folder}/{name}.{end}" for end in ("pdf", "png", "csv", "rst")})
    save(drawing, outputs)
    return outputs


@pytest.fixture(scope="session")
def studies(tmp_path_factory):
    """{"small" | "large": (case, tables)}."""
    cases = {"small": SMALL, "large": LARGE}
    return {name: (case, tables_of(case, tmp_path_factory.mktemp(name))) for name, case in cases.items()}


@pytest.fixture(scope="session", params=[(size, name) for size in ("small", "large") for name in FIGURES])
def made(request, studies, tmp_path_factory):
    """A figure of a study: size, case, name, drawing; of the small study also its four files, `outputs`."""
    size, name = request.param
    case, tables = studies[size]
    drawing = draw(name, case, tables)
    outputs = saved(drawing, tmp_path_factory.mktemp("figure"), name) if size == "small" else None
    return SimpleNamespace(case=case, name=name, drawing=drawing, outputs=outputs)


@pytest.fixture(scope="session")
def save_figure():
    """Saves a drawing into a folder under a name, and gives the paths of its four files."""
    return saved


@pytest.fixture(scope="session")
def draw_again(studies):
    """Draws a figure of the small study once more; `edit` changes its tables first."""

    def again(name, edit=dict, models=None, columns=None):
        case, tables = studies["small"]
        chosen = {"models": models or case["models"], "columns": columns or case["columns"]}
        return draw(name, case | chosen, edit(tables))

    return again
