"""The verdicts of the chapter `experts`, from tables with known answers."""

import numpy as np
import pandas as pd
import pytest

from study import paths
from study.chapters.experts import claims
from study.config import parse_study
from study.files import write_csv

MODELS = {
    "dense": {"architecture": "decoder"},
    "moe-4": {"architecture": "decoder", "experts": 4},
    "moe-16": {"architecture": "decoder", "experts": 16},
    "wide": {"architecture": "decoder", "ffn": 128},
    "broad": {"architecture": "decoder", "dim": 32},
}
STUDY = parse_study(
    {
        "name": "tiny",
        "datasets": {},
        "models": MODELS,
        "experts": {
            "width_wall": {},
            "phone_book": {"books": {name: [20, 40] for name in ("dense", "moe-4", "moe-16", "wide")}},
            "shortest_path": {"models": ["dense", "moe-4", "moe-16", "broad"]},
        },
    }
)


def judged(tmp_path, monkeypatch, sizes, accuracies, wrong=0, fooled=1.0, bound="", by_experts=0.0):
    """claims.csv from sizes of 90 % books and accuracies of shortest paths, each with little noise."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    crossings = [
        {"model": model, "seed": seed, "log2_entries": np.log2(size) + 0.01 * rng.normal(), "bound": bound}
        for model, size in sizes.items()
        for seed in range(5)
    ]
    runs = [
        {"model": model, "kind": "held out", "hops": 0, "seed": seed, "measure": "optimal"}
        | {"share": accuracy + 0.005 * rng.normal(), "questions": 100}
        for model, accuracy in accuracies.items()
        for seed in range(5)
    ]
    active = {"dense": 1000, "moe-4": 1000, "moe-16": 1000, "wide": 8000}
    parameters = [
        {"task": "phone-book", "model": model, "active_without_embeddings": n} for model, n in active.items()
    ]
    walls = [
        {"vertices": n, "experts": k, "seed": seed, "bound": bound, "step": 0.3}
        | {"log2_width": np.log2(n / 2) + by_experts * np.log2(k) + 0.01 * rng.normal()}
        for n in (8, 12)
        for k in (1, 4, 16)
        for seed in range(5)
    ]
    tables = {
        "walls": walls,
        "crossings": crossings,
        "shortest_path_runs": runs,
        "parameters": parameters,
        "constructions": [{"tried": 100, "wrong": wrong}],
        "fooling": [
            {"ruled_out": True, "layers": 40, "fooled": fooled},
            {"ruled_out": False, "layers": 40, "fooled": 0.2},
        ],
    }
    for name, rows in tables.items():
        write_csv(paths.table("experts", name), pd.DataFrame(rows))
    claims.run(STUDY)
    return pd.read_csv(paths.table("experts", "claims")).set_index("id")


GROWS = {"dense": 100, "moe-4": 200, "moe-16": 400, "wide": 900}
SATURATES = {"dense": 0.4, "moe-4": 0.42, "moe-16": 0.44, "broad": 0.8}


def test_memory_that_grows_and_search_that_saturates(tmp_path, monkeypatch):
    found = judged(tmp_path, monkeypatch, GROWS, SATURATES)
    assert found.loc["E1", "verdict"] == "supported"
    assert found.loc["E1", "estimate"] == pytest.approx(0.5, abs=0.02)
    assert found.loc["E2", "verdict"] == "supported"
    assert found.loc["E2", "estimate"] == pytest.approx(0.01 / 0.4, abs=0.02)
    assert found.loc["E3", "verdict"] == "verified" and "40 of 40 layers" in found.loc["E3", "note"]
    mixtures = found.loc["E4"].set_index("score")
    assert set(mixtures.index) == {"moe-4", "moe-16"} and (mixtures["verdict"] == "supported").all()
    # A book of 400 between 100 (1,000 parameters) and 900 (8,000), in logs.
    needed = 2 ** np.interp(np.log2(400), np.log2([100, 900]), np.log2([1000, 8000]))
    assert mixtures.loc["moe-16", "estimate"] == pytest.approx(1000 / needed, rel=0.02)
    walls = found.loc["E3b"]
    assert list(walls["verdict"]) == ["supported", "supported"]
    assert list(walls["estimate"]) == pytest.approx([0.5, 0], abs=0.02)


def test_the_contrary_is_contradicted(tmp_path, monkeypatch):
    sizes = {"dense": 400, "moe-4": 200, "moe-16": 100, "wide": 900}
    accuracies = {"dense": 0.3, "moe-4": 0.5, "moe-16": 0.7, "broad": 0.4}
    found = judged(tmp_path, monkeypatch, sizes, accuracies, wrong=1, by_experts=-0.5)
    assert list(found.loc["E3b", "verdict"]) == ["supported", "contradicted"]
    assert found.loc["E3b", "estimate"].iloc[1] == pytest.approx(-0.5, abs=0.02)
    assert found.loc["E1", "verdict"] == "contradicted" and found.loc["E2", "verdict"] == "contradicted"
    assert found.loc["E3", "verdict"] == "contradicted"
    missed = judged(tmp_path, monkeypatch, sizes, accuracies, fooled=0.95)
    assert missed.loc["E3", "verdict"] == "contradicted" and "38 of 40" in missed.loc["E3", "note"]


def test_bounds_and_arms_at_the_ceiling_decide_nothing(tmp_path, monkeypatch):
    accuracies = {"dense": 0.985, "moe-4": 0.99, "moe-16": 0.992, "broad": 0.999}
    found = judged(tmp_path, monkeypatch, GROWS, accuracies, bound="above")
    assert found.loc["E1", "verdict"] == "inconclusive" and "bound" in found.loc["E1", "note"]
    assert (found.loc["E3b", "verdict"] == "inconclusive").all()
    assert found.loc["E3b", "note"].str.contains("of 30 widths 30 are bounds").all()
    assert found.loc["E2", "verdict"] == "inconclusive"
    assert "within 2 points of floor or ceiling" in found.loc["E2", "note"]


def test_models_with_one_book_are_not_compared(tmp_path, monkeypatch):
    sizes = {name: GROWS[name] for name in ("dense", "wide")}
    found = judged(tmp_path, monkeypatch, sizes, SATURATES)
    assert (
        found.loc["E1", "verdict"] == "inconclusive" and "two numbers of experts" in found.loc["E1", "note"]
    )
    assert found.loc["E4", "verdict"] == "not run" and "two dense models" in found.loc["E4", "note"]
    found = judged(tmp_path, monkeypatch, {name: GROWS[name] for name in ("moe-4", "wide")}, SATURATES)
    assert found.loc["E1", "verdict"] == "inconclusive" and found.loc["E4", "verdict"] == "not run"
