"""The steps of the chapter `synthesis`, on made-up runs with known answers."""

import numpy as np
import pandas as pd
import pytest

from study import paths
from study.analysis.fingerprint_tables import AGGREGATE
from study.chapters import claims as all_claims
from study.chapters.difficulty import fingerprint as of_difficulty
from study.chapters.synthesis import claims, fingerprint, gained, tuning
from study.chapters.synthesis.reading import learned
from study.config import parse_study
from study.files import read_csv, write_csv, write_json, write_parquet

N, SEEDS = 40, 12
BOOK = f"shared-book-{N}"
HARD = np.arange(N) / N  # to all models, from the easiest to the hardest
STUDY = parse_study(
    {
        "name": "tiny",
        "datasets": {},
        "models": {
            "dense": {"architecture": "decoder"},
            "moe": {"architecture": "decoder", "experts": 16},
            "wide": {"architecture": "decoder", "ffn": 128},
        },
        "synthesis": {
            "mixture": "moe",
            "equal_active": "dense",
            "equal_total": "wide",
            "entries": N,
            "seeds": SEEDS,
            "fingerprint": {
                "k": [10],
                "selectors": ["p_value", "random"],
                "repeats": 12,
                "curve_repeats": 2,
            },
        },
    }
)


def made_up(recall, confidence=None):
    """Runs on disk, by model: recall, and mean confidences (default: 1 - HARD).

    A number is the share of entries that runs recall, all or none or to within one, always the same shares;
    an array is the chance of each entry.
    """
    rng = np.random.default_rng(0)
    for model, chance in recall.items():
        mean = 1 - HARD if confidence is None else confidence[model]
        for seed in range(SEEDS):
            if np.isscalar(chance):
                entries = round(chance * N) + (seed % 3 - 1) * (0 < chance < 1)
                right = (rng.permutation(N) < entries).astype(float)
            else:
                right = (rng.random(N) < chance).astype(float)
            folder = paths.run_folder("synthesis", BOOK, model, seed)
            frame = {
                "example_id": [f"{BOOK}:train:{i}" for i in range(N)],
                "content": "0",
                "label": 0,
                "confidence_mean": np.broadcast_to(mean, N) + 0.02 * rng.normal(size=N),
                "accuracy_last": right,
            }
            write_parquet(f"{folder}/examples.parquet", pd.DataFrame(frame))
            write_json(f"{folder}/metrics.json", {"train_accuracy": right.mean(), "test_accuracy": 0.0})


def judged(tmp_path, monkeypatch, recall, confidence=None):
    """claims.csv of made-up runs; the fingerprint takes time, and is made only where it is asked about."""
    monkeypatch.chdir(tmp_path)
    made_up(recall, confidence)
    gained.run(STUDY)
    if confidence is None:
        nothing = {"comparison": "equal_active", "setting": "in_distribution", "evaluated": "all", "k": 3}
        nothing |= {"features": "p_value", "baseline": AGGREGATE}
        for name in ("fingerprint", "fingerprint_differences"):
            write_csv(paths.table("synthesis", name), pd.DataFrame([nothing]))
    else:
        fingerprint.run(STUDY)
    claims.run(STUDY)
    return read_csv(paths.table("synthesis", "claims"))


ALIKE = {"dense": 0.3, "moe": 0.7, "wide": 0.7}
HARD_GAINED = {"dense": 0.3, "moe": 0.3 + 0.6 * HARD, "wide": 0.9 - 0.6 * HARD}


def test_difficulty_comes_from_half_a_and_recall_from_half_b(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made_up(ALIKE)
    runs = learned(STUDY)
    frames = [
        pd.read_parquet(f"{paths.run_folder('synthesis', BOOK, 'dense', seed)}/examples.parquet")
        for seed in range(SEEDS)
    ]
    assert np.array_equal(runs.difficulty, [-frame["confidence_mean"] for frame in frames[:6]])
    assert np.array_equal(runs.dense, [frame["accuracy_last"] for frame in frames[6:]])
    assert runs.mixture.shape == runs.wide.shape == (SEEDS, N)
    gained.run(STUDY)
    table = read_csv(paths.table("synthesis", "recall"))
    assert table.groupby("arm", sort=False)["seed"].agg(list).to_dict() == {
        "dense": [*range(6, 12)],
        "mixture": [*range(12)],
        "wide": [*range(12)],
    }
    assert table["recall"].to_numpy() == pytest.approx(
        np.concatenate([part.mean(1) for part in (runs.dense, runs.mixture, runs.wide)]), rel=1e-5
    )


def test_what_experts_newly_remember_is_judged(tmp_path, monkeypatch):
    found = judged(tmp_path, monkeypatch, HARD_GAINED).set_index("id").loc["X2"]
    assert found["verdict"] == "supported" and found["n"] == 6 + 6 + 12 + 12
    assert "40 entries; difficulty to 6 seeds of dense, gains beyond 6 others" in found["note"]
    assert found["evidence"] == "results/synthesis/figures/newly_remembered.png"
    turned = HARD_GAINED | {"moe": HARD_GAINED["wide"], "wide": HARD_GAINED["moe"]}
    assert judged(tmp_path, monkeypatch, turned).set_index("id").loc["X2", "verdict"] == "contradicted"
    assert judged(tmp_path, monkeypatch, ALIKE).set_index("id").loc["X2", "verdict"] == "inconclusive"


def test_one_arm_at_the_ceiling_decides_nothing(tmp_path, monkeypatch):
    limited = HARD_GAINED | {"dense": 0.3 + 0.6 * HARD, "moe": 0.35 + 0.6 * HARD, "wide": 1.0}
    found = judged(tmp_path, monkeypatch, limited).set_index("id").loc["X2"]
    assert found["ci_low"] > 0 and found["verdict"] == "inconclusive"
    assert found["note"].endswith("wide: all seeds are within 2 points of floor or ceiling")


def test_a_gain_that_is_the_same_everywhere_is_said(tmp_path, monkeypatch):
    found = judged(tmp_path, monkeypatch, {"dense": 0.0, "moe": 0.5, "wide": 1.0}).set_index("id").loc["X2"]
    assert found["verdict"] == "inconclusive" and np.isnan(found["estimate"])
    assert "a model gains the same on all entries" in found["note"]


def test_the_mixture_is_told_by_its_entries_unless_its_recall_tells_as_much(tmp_path, monkeypatch):
    """Both dense models rank the entries otherwise; the wide one also recalls more, at one mean score."""
    # Its cost is that of all other tests here, and it is tested where it is at home.
    monkeypatch.setattr(of_difficulty, "leak_checks", lambda *_, **__: pd.DataFrame({"passed": [True]}))
    # The mean score tells a little: with arms at chance and at 1 alone nothing would be judged.
    confidence = {"dense": 0.997 - HARD, "moe": np.roll(1 - HARD, 7), "wide": 1 - HARD}
    recall = {"dense": 0.4, "moe": 0.4, "wide": 0.95}
    found = judged(tmp_path, monkeypatch, recall, confidence).set_index("claim")
    told = found.loc["difficulty scores tell an MoE from a dense model of equal active size"]
    assert told["verdict"] == "supported" and told["id"] == "X1" and told["estimate"] > 0.2
    assert "moe against dense: accuracy of 10 entries 1.00" in told["note"] and told["dataset"] == BOOK
    other = found.loc["and from one of equal total size"]
    assert other["estimate"] == 0 and other["verdict"] == "inconclusive"
    assert "its recall (1.00)" in other["note"] and "within 2 points" not in other["note"]
    differences = read_csv(paths.table("synthesis", "fingerprint_differences"))
    mine = differences[(differences["features"] == "p_value") & (differences["k"] == 10)]
    assert list(mine.groupby("comparison").groups) == ["equal_active", "equal_total"]
    for _, rows in mine.groupby("comparison"):
        row = rows.set_index("baseline")["estimate"]
        assert row[AGGREGATE] == min(row["mean_score"], row["accuracy"])


def test_without_ten_entries_nothing_is_judged(tmp_path, monkeypatch):
    found = judged(tmp_path, monkeypatch, ALIKE).set_index("id").loc["X1"]
    assert len(found) == 2 and (found["verdict"] == "not run").all()
    assert found["note"].str.contains("no fingerprint of 10 entries").all()


def test_claims_join_the_others(tmp_path, monkeypatch):
    judged(tmp_path, monkeypatch, HARD_GAINED)
    all_claims.run(STUDY)
    found = read_csv(paths.CLAIMS).set_index("id")
    assert found.loc["X2", "verdict"] == "supported" and len(found.loc["X1"]) == 2
    assert (found.drop(index="X2")["verdict"] == "not run").all()
    assert found.loc["X1", "note"].str.contains("fingerprint.k").all()
    assert found.loc["E1", "note"] == "the chapter was not run"


def test_rates_of_all_models_are_listed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        {"learning_rate": rate, "weight_decay": 0.1, "seed": 0, "loss": rate, "chosen": rate == 0.01}
        for rate in (0.01, 0.02, 0.04)
    ]
    for model in STUDY.synthesis.models:
        write_csv(paths.tuning("synthesis", "shared-book", model), pd.DataFrame(rows))
    tuning.run(STUDY)
    table = read_csv(paths.table("synthesis", "tuning"))
    assert list(table["model"].unique()) == ["dense", "moe", "wide"] and set(table["task"]) == {"shared-book"}
    assert table.loc[table["chosen"], "at_end"].all()
