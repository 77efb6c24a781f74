"""The chapter `selection`, tiny, from end to end; and a selection from a pool, as docs/own-data.md has it."""

import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from study import paths
from study.files import read_csv
from tests.workflow.tiny_chapters import check_figures, check_second_run, judged_claims

CONFIG = "config/examples/selection-tiny.yaml"
OWN = "config/examples/own-utterances.yaml"


def test_a_second_run_does_nothing(warm, folder):
    check_second_run(warm, CONFIG, folder)


def test_every_figure_is_there_and_has_its_numbers(checkout, folder):
    check_figures(checkout, "selection", folder, "selection", "pool")


def test_every_claim_of_the_chapter_is_judged(folder):
    mine = judged_claims(folder, "S1", "S2", "S3")
    assert mine.groupby("id").size().to_dict() == {"S1": 4, "S2": 4, "S3": 2}


def test_gains_are_those_of_the_answers(folder):
    """The change of DCER by one strategy in one language, from what models said of each test utterance."""
    truth = pd.read_parquet(folder / paths.data_folder("fronted") / "examples.parquet")
    truth = truth[truth["split"] == "test"].set_index("example_id")["label"]
    card = pd.read_json(folder / paths.data_folder("fronted") / "card.json", typ="series")
    names = np.array([each["name"] if isinstance(each, dict) else each for each in card["classes"]])
    rates = {"top-entropy_joint": [], "random": []}
    for repeat in range(3):
        found = pd.read_parquet(folder / paths.added("fronted", repeat, paths.UNDERSTOOD))
        for strategy, of_strategy in rates.items():
            rows = found[(found["strategy"] == strategy) & (found["size"] == 0.5)]
            right = names[truth.loc[rows["example_id"]].to_numpy()]
            of_strategy.append((rows["domain"].to_numpy() != right).mean())
    told = read_csv(folder / paths.table("selection", "selection"))
    row = told[
        (told["dataset"] == "fronted")
        & (told["strategy"] == "top-entropy_joint")
        & (told["size"] == 0.5)
        & (told["view"] == "overall")
        & (told["metric"] == "dcer")
        & (told["statistic"] == "change")
    ]
    change = 100 * (np.mean(rates["top-entropy_joint"]) / np.mean(rates["random"]) - 1)
    assert len(row) == 1 and row["estimate"].iloc[0] == pytest.approx(change, rel=1e-4)


def test_a_lost_pool_is_made_again_the_same(checkout, folder):
    """By new processes: they have other seeds of hashes than those that made it first."""
    lost = folder / paths.added("english", 1, paths.POOL)
    before = lost.read_bytes()
    lost.unlink()
    ran = checkout.snakemake("--", paths.added("english", 1, paths.POOL), config=(CONFIG,), folder=folder)
    assert ran.code == 0, ran.text
    assert lost.read_bytes() == before


def utterances(rng, count):
    """Two domains, three intents and one slot."""
    things = ["kitchen", "hall", "garden", "cellar"]
    rows = []
    for place in rng.permutation(count):
        thing, polite = rng.choice(things), ["please"] * rng.integers(3)
        intent = ("on", "off", "rain")[place % 3]
        words = [*polite, "will", "it", "rain"] if intent == "rain" else [*polite, "turn", intent, thing]
        tags = ["B-room" if word == thing and intent != "rain" else "O" for word in words]
        domain = "weather" if intent == "rain" else "lights"
        rows.append([" ".join(words) + f" {place}", domain, intent, " ".join([*tags, "O"])])
    return pd.DataFrame(rows, columns=["text", "domain", "intent", "slots"])


def test_a_selection_from_ones_own_pool(warm, tmp_path):
    """The command of docs/own-data.md, with files under the names that stand there."""
    page = Path(__file__).parents[2].joinpath("docs/own-data.md").read_text()
    block = next(block for block in page.split("```")[1::2] if "rank-pool" in block)
    words = shlex.split(block, comments=True)
    assert words[:3] == ["python", "-m", "study"]
    rng = np.random.default_rng(0)
    utterances(rng, 60).to_csv(tmp_path / "gold.csv", index=False)
    utterances(rng, 400)[["text"]].to_csv(tmp_path / "pool.csv", index=False)
    ran = warm.study(*words[3:], folder=tmp_path)
    assert ran.code == 0, ran.text
    found = pd.read_csv(tmp_path / "selection.csv")
    assert list(found)[:5] == ["example_id", "score", "strategy", "rank", "weak_label"]
    pool = pd.read_csv(tmp_path / "pool.csv")["text"]
    assert len(found) == 100 and found["text"].tolist() == pool[found["example_id"]].tolist()
    assert found["score"].is_monotonic_decreasing and set(found["weak_label"]) <= {"weather", "lights"}


def test_a_corpus_of_ones_own(warm):
    """The example's configuration, as far as one repeat: it reads the files that it names."""
    where = warm.root / "studies/own-utterances"
    where.mkdir(parents=True)
    rng = np.random.default_rng(0)
    utterances(rng, 300).to_csv(where / "mine-train.csv", index=False)
    utterances(rng, 60).to_csv(where / "mine-test.csv", index=False)
    wanted = paths.added("mine", 0, paths.POOL)
    few = where / "few.yaml"  # so little data that no model is sure of anything
    few.write_text("name: few\nselection: {pool: {threshold: 0}, sizes: [0.5], training: {epochs: 4}}\n")
    ran = warm.snakemake("--", wanted, config=(OWN, str(few)), folder=where)
    assert ran.code == 0, ran.text
    pool = pd.read_parquet(where / wanted)
    assert len(pool) == 270 and {"weak_slots", "entropy_joint", "reason"} <= set(pool)
    shutil.rmtree(where)
