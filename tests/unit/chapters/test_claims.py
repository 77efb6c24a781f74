"""From the tables of a data set to rows of claims, and from chapters to the table of all claims."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from study import paths
from study.analysis.claim_list import CLAIMS
from study.analysis.claims import COLUMNS
from study.analysis.fingerprint_tables import GREATER
from study.chapters import claims as all_claims
from study.chapters.difficulty import claims
from study.files import read_csv, write_csv

MODELS = ("mlp", "vit")
STUDY = SimpleNamespace(
    name="small",
    chapters=("difficulty",),
    difficulty=SimpleNamespace(models_on=lambda dataset: MODELS[: 1 if dataset == "one" else 2]),
)


def estimates(keys, value, half=0.01, **more):
    """Rows with one interval, for each model and combination of keys."""
    interval = {"estimate": value, "low": value - half, "high": value + half, "n": 12, "detectable": 2 * half}
    return pd.DataFrame([{"model": model, **key, **interval, **more} for model in MODELS for key in keys])


def tables():
    """What the step reads, with one interval for everything."""
    scores = [{"score": score} for score in ("confidence_mean", "forgetting", "my_own")]
    overall = [
        {"scale": scale, "statistic": statistic, "score": "confidence_mean", "pairs": 1}
        for scale, statistic in (
            ("normal", "excess"),
            ("raw", "excess"),
            ("rank", "share_equivalent"),
            ("rank", "share_equivalent_singly"),
        )
    ]
    where = {"setting": "in_distribution", "held_out": "", "evaluated": "all"}
    arms = [
        {**where, "features": f, "k": k, "chance": 0.5}
        for f, k in [("p_value", 10), ("random", 10), ("mean_score", 1)]
    ]
    difference = [
        {**where, "features": "p_value", "baseline": b, "k": k} for b in (GREATER, "random") for k in (3, 10)
    ]
    components = [
        {"list": name, "component": c, "real": c == 1} for name in ("all", "distinct") for c in (1, 2)
    ]
    return {
        "consistency": estimates([s | {"statistic": "rank_error_median"} for s in scores], 0.1),
        "exponents": estimates([s | {"form": "disjoint"} for s in scores], -0.5, expected=-0.45),
        "components": estimates(components, 0.6),
        "sensitivity_overall": estimates(overall, 0.2).iloc[: len(overall)],
        "fingerprint": estimates(arms, 0.7, classifier="logistic").iloc[: len(arms)],
        "fingerprint_differences": estimates(difference, 0.1).iloc[: len(difference)],
        "defects": pd.DataFrame({"statistic": [np.nan], "reason": ["no label was flipped"]}),
    }


def defects():
    """Area under the curve by score: intervals over runs alone are too narrow and must not be taken."""
    keys = [
        {"score": score, "statistic": "auroc", "runs": runs, "interval": kind}
        for score in ("confidence_mean", "forgetting", "vog")
        for runs, kind in ((1, "runs"), (12, "runs"), (12, "examples"), (12, "both"))
    ]
    table = estimates(keys, 0.5, half=0.001)
    chosen = (table["runs"] == 12) & (table["interval"] == "both")
    for score, value in (("confidence_mean", 0.9), ("forgetting", 0.75), ("vog", 0.6)):
        mine = chosen & (table["score"] == score)
        table.loc[mine, ["estimate", "low", "high"]] = [value, value - 0.04, value + 0.04]
    return pd.concat([table, table.assign(statistic="average_precision")]).assign(reason="")


@pytest.fixture
def judged(tmp_path, monkeypatch):
    """The step run on tables, after an edit of them."""
    monkeypatch.chdir(tmp_path)

    def judge(**edited):
        for name, table in (tables() | edited).items():
            write_csv(paths.analysis("difficulty", "toy", f"{name}.csv"), table)
        claims.run(STUDY, "toy")
        found = read_csv(paths.analysis("difficulty", "toy", "claims.csv"))
        assert list(found.columns) == [column for column in COLUMNS if column != "dataset"]
        return found.set_index("id")

    return judge


def test_every_claim_of_the_chapter_has_its_rows(judged):
    found = judged()
    assert found.index.value_counts(sort=False).to_dict() == dict(D1=2, D2=2, D3=1, D4=2, D5=1, D6=1)
    # Coarse scores stay out; a user's own score is taken for continuous.
    assert found.loc["D1", "score"].tolist() == ["confidence_mean", "my_own"]
    assert set(found.drop("D6")["verdict"]) == {"supported"}
    assert found.loc["D6", "verdict"] == "not run" and "no label was flipped" in found.loc["D6", "note"]
    assert (found.loc["D2", "reference"] == -0.45).all()
    assert "components above parallel analysis: 1" in found.loc["D3", "note"]
    assert (found["scale"] == "small").all() and found.loc["D2", "comparable"].tolist() == ["no", "no"]


def test_models_are_pooled_as_independent_and_shared_flips_are_not(judged):
    found = judged(defects=defects())
    assert found.loc["D3", "ci_high"] - found.loc["D3", "estimate"] == pytest.approx(
        0.01 / np.sqrt(2), rel=1e-3
    )
    assert found.loc["D3", "detectable"] == pytest.approx(0.02 / np.sqrt(2), rel=1e-3)
    flips = found.loc["D6"].set_index("score", drop=False)
    assert (flips["ci_high"] - flips["estimate"]).tolist() == pytest.approx([0.04] * 4)


def test_the_claim_on_defects_is_the_median_score(judged):
    found = judged(defects=defects()).loc["D6"]
    median = found[found["score"].isna()].iloc[0]
    assert median[["estimate", "ci_low", "ci_high"]].tolist() == pytest.approx([0.75, 0.71, 0.79])
    assert median["verdict"] == "supported" and "median over scores" in median["statistic"]
    assert found.dropna(subset=["score"]).set_index("score")["verdict"].to_dict() == {
        "confidence_mean": "supported",
        "forgetting": "supported",
        "vog": "contradicted",
    }


def test_arms_at_the_ceiling_leave_no_room(judged):
    arms = tables()["fingerprint"].assign(estimate=[0.99, 1.0, 0.985])
    found = judged(fingerprint=arms).loc["D5"]
    assert found["verdict"] == "inconclusive" and "within 2 points of floor or ceiling" in found["note"]
    assert judged(fingerprint=arms.assign(estimate=[0.99, 1.0, 0.9])).loc["D5", "verdict"] == "supported"


def test_a_fingerprint_of_other_sizes_is_not_judged(judged):
    differences = tables()["fingerprint_differences"]
    found = judged(fingerprint_differences=differences[differences["k"] == 3]).loc["D5"]
    assert found["verdict"] == "not run" and "fingerprint.k" in found["note"]


def test_one_model_is_compared_with_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("consistency", "exponents", "components", "defects"):
        write_csv(paths.analysis("difficulty", "one", f"{name}.csv"), tables()[name])
    claims.run(STUDY, "one")
    found = read_csv(paths.analysis("difficulty", "one", "claims.csv")).set_index("id")
    assert (found.loc[["D4", "D5"], "verdict"] == "not run").all() and len(found.loc["D4"]) == 2
    assert found.loc["D5", "note"] == "one model has no other to be compared with"


def test_what_is_undefined_says_why(judged):
    table = tables()["consistency"].assign(reason="")
    mine = table["score"] == "my_own"
    table.loc[mine, ["estimate", "low", "high", "detectable"]] = np.nan
    table.loc[mine, "reason"] = "every run gives all examples one value"
    found = judged(consistency=table).loc["D1"].set_index("score").loc["my_own"]
    assert found["verdict"] == "inconclusive" and found["note"] == "every run gives all examples one value"


def test_nothing_defined_is_still_a_row_of_every_claim(judged):
    gone = {}
    for name in ("consistency", "exponents", "components"):
        table = tables()[name].assign(reason="two runs are too few")
        table[["estimate", "low", "high", "detectable"]] = np.nan
        gone[name] = table.assign(real=np.nan) if name == "components" else table
    found = judged(**gone).loc[["D1", "D2", "D3"]]
    assert len(found) == 5 and (found["verdict"] == "inconclusive").all()
    assert found["note"].str.startswith("two runs are too few").all()


def test_a_fingerprint_without_an_interval_says_why(judged):
    differences = tables()["fingerprint_differences"].assign(
        low=np.nan, high=np.nan, reason="all splits agree"
    )
    found = judged(fingerprint_differences=differences).loc["D5"]
    assert found["verdict"] == "inconclusive" and found["note"].endswith("no interval: all splits agree")


def test_all_claims_have_a_row_and_runs_replace_what_was_not_run(judged):
    judged(defects=defects())
    one = read_csv(paths.analysis("difficulty", "toy", "claims.csv")).assign(dataset="toy")
    without = one[one["id"] != "D6"].assign(dataset="clean")
    missing = one[one["id"] == "D6"].head(1).assign(dataset="clean", verdict="not run", note="no flips")
    table = all_claims.joined([pd.concat([without, missing, one])])
    assert list(table.columns) == list(COLUMNS)
    assert set(table["id"]) == {claim.id for claim in CLAIMS}
    assert (table.loc[table["id"] == "D6", "dataset"] == "toy").all()
    assert table.loc[table["id"] == "D1", "dataset"].tolist() == ["clean"] * 2 + ["toy"] * 2
    absent = table[table["id"].str[0] != "D"]
    assert (absent["verdict"] == "not run").all() and (absent["note"] == "the chapter was not run").all()
    nothing = all_claims.joined([])
    assert len(nothing) == len(CLAIMS) and (nothing["verdict"] == "not run").all()
