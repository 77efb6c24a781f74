"""Jobs of adding utterances, on 60 texts: what they write, what an interruption leaves, what they refuse."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.tiny_texts import prepare, selection_study, tiny_texts
from tests.unit.training.test_utterances import with_slots

from study import paths
from study.errors import StudyError
from study.selection.arms import EVERYTHING, NOTHING, TRUTH
from study.selection.pool import KEPT, STEPS
from study.selection.strategies import RANDOM
from study.training import adding
from study.training.adding import add_in_grid, add_utterances
from study.training.pretraining import prepare_encoder

GRID = {"dataset": "tiny", "thresholds": [0.0, 1.0], "recalls": [0.0, 0.3], "golds": [0.2, 0.3]}
WRITTEN = (paths.POOL, paths.CHOSEN, paths.UNDERSTOOD)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adding")
    made = tiny_texts(60, 12)
    prepare(folder, replace(made, train=with_slots(made.train), test=with_slots(made.test)))
    prepare_encoder(selection_study(), "selection", None, "bert", folder)
    return folder


@pytest.fixture(scope="module")
def done(root):
    """The tables that one repeat writes, by name."""
    add_utterances(selection_study(), "tiny", 0, root)
    return {name: pd.read_parquet(root / paths.added("tiny", 0, name)) for name in WRITTEN}


def test_all_arms_answer_for_all_test_utterances(done):
    found = done[paths.UNDERSTOOD].groupby(["strategy", "size", "added"], dropna=False).size()
    assert (found == 12).all()
    arms = {(strategy, added) for strategy, _, added in found.index}
    pool = int((done[paths.POOL]["reason"] == KEPT).sum())
    sized = {(name, count) for name in (RANDOM, TRUTH, "union") for count in (4, 9)}  # of 18 gold ones
    assert arms >= {(NOTHING, 0), (EVERYTHING, pool)} | sized and len(arms) == 2 + 2 * 5


def test_what_was_chosen_is_of_the_pool_in_order(done):
    pool, chosen = done[paths.POOL].set_index("example_id"), done[paths.CHOSEN]
    assert (pool.loc[chosen["example_id"], "reason"] == KEPT).all()
    for _, rows in chosen.groupby(["strategy", "size"], dropna=False):
        assert rows["rank"].tolist() == list(range(1, len(rows) + 1)) and rows["example_id"].is_unique
    top = chosen[chosen["strategy"] == "top-entropy_joint"]
    assert top["score"].tolist() == pool.loc[top["example_id"], "entropy_joint"].tolist()
    for _, rows in top.groupby("size"):
        assert rows["score"].is_monotonic_decreasing


def test_a_second_call_gives_the_same_bytes_and_an_interrupted_one_goes_on(root, done, monkeypatch):
    before = {name: (root / paths.added("tiny", 0, name)).read_bytes() for name in WRITTEN}
    learnt = adding.Language.understood
    calls = []

    def stopped(self, *arguments):
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return learnt(self, *arguments)

    monkeypatch.setattr(adding.Language, "understood", stopped)
    with pytest.raises(KeyboardInterrupt):
        add_utterances(selection_study(), "tiny", 0, root)
    monkeypatch.setattr(adding.Language, "traffic", None)  # it is not asked again
    add_utterances(selection_study(), "tiny", 0, root)
    assert len(calls) == 2 + 2 * 5 + 1  # the one that was interrupted, twice
    assert before == {name: (root / paths.added("tiny", 0, name)).read_bytes() for name in WRITTEN}
    assert not list((root / paths.WORK / "selection").rglob("*.parquet"))


def test_a_pool_that_is_too_small_is_told_with_what_each_step_left(root):
    with pytest.raises(StudyError, match="are to be chosen") as error:
        add_utterances(selection_study({"sizes": [0.5, 40.0]}), "tiny", 1, root)
    told = str(error.value)
    assert "data set tiny, repeat 1" in told and "720" in told and all(step in told for step in STEPS)
    with pytest.raises(StudyError, match="holds 0 utterances"):
        changed = {"pool": {"gold": 0.3, "threshold": 1.0}}
        add_utterances(selection_study(changed), "tiny", 1, root)
    assert not (root / paths.added("tiny", 1, paths.POOL)).exists()


def test_a_grid_says_what_it_could_not_fill(root):
    add_in_grid(selection_study({"grid": GRID}), 0, root)
    found = pd.read_parquet(root / paths.grid("tiny", 0, paths.UNDERSTOOD))
    arms = found.groupby(["gold", "threshold", "recall"])["strategy"].agg(set).to_dict()
    tops = {"top-entropy_joint", "top-el2n_joint_mean"}
    assert arms[0.3, 0.0, 0.0] == {NOTHING, RANDOM, *tops}
    assert arms[0.3, 1.0, 0.0] == {NOTHING}  # nobody is that sure
    assert arms[0.2, 0.0, 0.3] == arms[0.3, 0.0, 0.3] == {NOTHING, RANDOM, TRUTH, EVERYTHING, *tops}
    pools = pd.read_csv(root / paths.grid("tiny", 0, paths.POOLS))
    assert len(pools) == 5 * (1 + len(STEPS))
    last = pools[pools["step"] == STEPS[-1]].set_index(["gold", "threshold", "recall"])["utterances"]
    assert last[0.3, 1.0, 0.0] == 0 and last[0.3, 0.0, 0.0] >= last[0.3, 0.0, 0.3]


def test_the_grid_and_the_chapter_agree_where_they_overlap(root, done):
    add_in_grid(selection_study({"grid": GRID}), 0, root)
    found = pd.read_parquet(root / paths.grid("tiny", 0, paths.UNDERSTOOD))
    same = found[(found["gold"] == 0.3) & (found["threshold"] == 0) & (found["recall"] == 0.3)].drop(
        columns=["gold", "threshold", "recall"]
    )
    own = done[paths.UNDERSTOOD]
    for name in (NOTHING, EVERYTHING, RANDOM, TRUTH, "top-entropy_joint"):
        rows = own[(own["strategy"] == name) & (own["size"].isna() | np.isclose(own["size"], 0.5))]
        other = same[same["strategy"] == name]
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), other.reset_index(drop=True))
