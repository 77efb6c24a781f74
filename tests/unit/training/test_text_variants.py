"""Variant runs of encoders: on empty texts, without a fold, watched often, and on what pruning leaves."""

import json
import shutil
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiny_texts import contents, prepare_all, text_study, tiny_texts
from tests.unit.training.killing import Killed, kill_at

from study import paths
from study.config.study import RunName
from study.errors import StudyError
from study.files import read_parquet, write_parquet
from study.training import text_variants
from study.training.contracts import key_of
from study.training.text_parts import chosen, fold_of_each
from study.training.variants import LastEpoch, train_variants

PLAN = {
    "datasets": ["tiny"],
    "rankings": [
        {"score": "el2n_early", "of": "run"},
        {"score": "pvi"},
        {"score": "aum_mean", "draw": "gumbel", "arms": ["easy"]},
    ],
    "fractions": [0.25, 0.5],
    "seeds": 3,
}
FOLDS = ("fold-0", "fold-1", "fold-2")


def study_of(epochs: int = 3, **influence):
    changes = {
        "pruning": {"p": PLAN},
        "cadence": {"seeds": 2, "evaluations": 3, "every": 2, "epochs": epochs},
        "fold_seeds": 1,
    }
    return text_study({"epochs": epochs}, changes | influence)


def train(root, *names: str, seed: int = 0, study=None):
    train_variants(study or study_of(), [RunName("influence", "tiny", "bert", seed, v) for v in names], root)


def examples(root, variant: str, seed: int = 0) -> pd.DataFrame:
    return read_parquet(
        root / paths.run_folder("influence", "tiny", "bert", seed, variant) / "examples.parquet"
    )


def metrics(root, variant: str, seed: int = 0) -> dict:
    folder = root / paths.run_folder("influence", "tiny", "bert", seed, variant)
    return json.loads((folder / "metrics.json").read_text())


def rank(root):
    """Rankings as ordinary runs and their averages leave them: by average the last examples are hardest."""
    n = np.arange(24)
    for seed in range(3):  # by the run with seed s the examples from s on
        frame = pd.DataFrame({"el2n_early": (n - seed) % 24})
        write_parquet(root / paths.run_folder("influence", "tiny", "bert", seed) / "examples.parquet", frame)
    average = pd.DataFrame({"pvi": -n.astype(float), "aum_mean": -n.astype(float)})  # low means hard
    write_parquet(root / paths.rankings("influence", "tiny", "bert"), average)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A folder with all that variant runs start from."""
    root = tmp_path_factory.mktemp("ground")
    prepare_all(root, study_of())
    rank(root)
    return root


@pytest.fixture
def root(ground, tmp_path):
    """A copy of that folder."""
    return shutil.copytree(ground, tmp_path / "study")


@pytest.fixture(scope="module")
def finished(ground, tmp_path_factory):
    root = shutil.copytree(ground, tmp_path_factory.mktemp("finished") / "study")
    train(
        root, "null", *FOLDS, "cadence", "p-full", "p-random-50", "p-pvi-easy-50", "p-aum_mean-gumbel-easy-50"
    )
    return root


def test_the_study_lists_its_variant_runs():
    names = [name for name in study_of().variant_runs() if name.model == "bert"]
    assert len(names) == len(set(names)) == 3 + 3 + 2 + 3 * (1 + 2 + 2 * 2 + 2 * 2 + 2)
    assert [name.variant for name in names[:6]] == ["null"] * 3 + list(FOLDS)
    epochs = {
        v: study_of(5).run("influence", "tiny", "bert", 0, v).training.epochs for v in ("null", "p-full")
    }
    assert epochs == {"null": 2, "p-full": 5}  # PVI compares early readings


@pytest.mark.parametrize("variant", ["null", *FOLDS, "cadence", "p-full", "p-random-50"])
def test_the_files_of_a_run(finished, variant):
    assert set(contents(finished, "bert", 0, variant)) == set(paths.RUN_FILES) - {"resources.json"}
    frame, numbers = examples(finished, variant), metrics(finished, variant)
    more = {"cadence": ["forgetting_often", "forgetting_rarely"]}.get(
        variant, [] if variant.startswith("p-") else ["loss"]
    )
    assert frame.columns.tolist() == ["example_id", "content", "label", "inside", "correct", *more]
    assert numbers["train_examples"] == frame["inside"].sum()
    assert numbers["train_accuracy"] == pytest.approx(frame["correct"][frame["inside"]].mean())
    if "loss" in frame:
        assert numbers["train_loss"] == pytest.approx(frame["loss"][frame["inside"]].mean())
    assert not list(finished.glob("work/**/*.*"))


def test_a_run_on_empty_texts_knows_labels_alone(finished):
    frame = examples(finished, "null")
    losses = frame.groupby("label")["loss"].agg(["min", "max"])
    np.testing.assert_allclose(losses["min"], losses["max"], rtol=1e-6)
    assert np.exp(-losses["min"]).sum() == pytest.approx(1)
    assert frame["inside"].all()


def test_each_example_is_in_one_fold(finished):
    outside = np.array([~examples(finished, fold)["inside"].to_numpy() for fold in FOLDS])
    assert (outside.sum(axis=0) == 1).all()
    labels = examples(finished, "fold-0")["label"].to_numpy()
    assert all(
        np.bincount(labels[left_out]).tolist() in ([2, 3, 3], [3, 2, 3], [3, 3, 2]) for left_out in outside
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=4, max_size=60), st.integers(2, 4), st.integers(0, 9))
def test_folds_are_of_equal_size_and_class_shares(labels, folds, seed):
    labels = np.array(labels)
    found = fold_of_each(labels, folds, np.random.default_rng(seed))
    sizes = np.bincount(found, minlength=folds)
    assert len(sizes) == folds and (sizes[1:] == len(labels) // folds).all()
    for value in np.unique(labels):
        share = (labels == value).mean()
        counts = np.bincount(found[labels == value], minlength=folds)
        assert (np.abs(counts - share * sizes) < folds).all()


def test_forgetting_counts_what_evaluations_see(root, monkeypatch):
    evaluate, seen = text_variants.evaluate, []

    def watched(model, texts):
        logits = evaluate(model, texts)
        seen.append(logits.argmax(axis=1) == texts.labels)
        return logits

    monkeypatch.setattr(text_variants, "evaluate", watched)
    train(root, "cadence", study=study_of(2, learning_rates=[0.3]))
    assert len(seen) == 2 * 3
    frame = examples(root, "cadence")
    for column, times in (("forgetting_often", range(6)), ("forgetting_rarely", (1, 3, 5))):
        for example in range(24):
            right = [bool(seen[time][example]) for time in times]
            lost = sum(a and not b for a, b in pairwise(right))
            assert frame[column][example] == (lost if any(right) else len(right) + 1)


def test_watching_leaves_the_training_as_it_is(root):
    numbers = []
    for evaluations in (2, 3):
        cadence = {"seeds": 2, "evaluations": evaluations, "every": 2, "epochs": 2}
        train(root, "cadence", study=study_of(2, cadence=cadence))
        numbers.append([metrics(root, "cadence")[name] for name in ("train_loss", "test_loss")])
    assert numbers[0] == numbers[1]


def test_more_looks_than_updates_are_one_after_each(root, caplog):
    columns = []
    for evaluations in (3, 20):
        cadence = {"seeds": 2, "evaluations": evaluations, "every": 2, "epochs": 2}
        train(root, "cadence", study=study_of(2, cadence=cadence, learning_rates=[0.3]))
        frame = examples(root, "cadence")
        columns.append(frame[["forgetting_often", "forgetting_rarely"]])
        assert ("An epoch has 3 updates" in caplog.text) == (evaluations == 20)
    pd.testing.assert_frame_equal(*columns)


@pytest.mark.parametrize(
    ("variant", "seed", "kept"),
    [
        ("p-full", 0, range(24)),
        ("p-pvi-easy-25", 1, range(6, 24)),
        ("p-pvi-hard-50", 1, range(12)),
        ("p-el2n_early-easy-50", 0, range(12, 24)),
        ("p-el2n_early-hard-50", 2, range(2, 14)),
        ("p-el2n_early-easy-50", 2, [0, 1, *range(14, 24)]),
    ],
)
def test_what_pruning_leaves(ground, variant, seed, kept):
    run = study_of().run("influence", "tiny", "bert", seed, variant)
    assert chosen(run, tiny_texts().train, ground).tolist() == list(kept)


def test_random_pruning_and_draws(finished, ground):
    train_split, found = tiny_texts().train, {}
    for variant in ("p-random-50", "p-random-25", "p-aum_mean-gumbel-easy-50"):
        for seed in range(3):
            run = study_of().run("influence", "tiny", "bert", seed, variant)
            part = chosen(run, train_split, ground)
            assert (np.diff(part) > 0).all() and len(part) == (18 if variant.endswith("25") else 12)
            assert (chosen(run, train_split, ground) == part).all()
            found[variant, seed] = tuple(part)
    assert len(set(found.values())) == 9
    inside = np.flatnonzero(examples(finished, "p-random-50")["inside"])
    assert tuple(inside) == found["p-random-50", 0]
    drawn = [np.mean(found["p-aum_mean-gumbel-easy-50", seed]) for seed in range(3)]
    assert np.mean(drawn) > 12  # hard ones, which are last, have better chances


def test_arms_share_streams_by_seed_and_not_those_of_ordinary_runs():
    study = study_of()
    names = [name for name in study.variant_runs() if name.variant.startswith("p-") and name.model == "bert"]
    keys = {key_of(study.run(*name)) for name in names}
    others = {
        key_of(study.run("influence", "tiny", "bert", seed, v)) for seed in range(3) for v in (None, "null")
    }
    assert len(keys) == 3 and len(others) == 6 and not keys & others


def test_pruning_that_leaves_one_class_is_refused(root):
    frame = read_parquet(root / paths.rankings("influence", "tiny", "bert"))
    labels = tiny_texts().train.labels
    write_parquet(root / paths.rankings("influence", "tiny", "bert"), frame.assign(pvi=labels.astype(float)))
    plan = PLAN | {"fractions": [0.7]}
    with pytest.raises(StudyError, match="of 7 examples that pruning leaves all are of one class") as error:
        train(root, "p-pvi-easy-70", study=study_of(pruning={"p": plan}))
    assert "p-pvi-easy-70, seed 0" in error.value.where


def test_a_ranking_that_is_not_there_is_asked_for(root):
    (root / paths.rankings("influence", "tiny", "bert")).unlink()
    with pytest.raises(StudyError, match=r"rankings.parquet"):
        train(root, "p-pvi-easy-50")


def test_runs_repeat_in_any_company(finished, root):
    train(root, "p-pvi-easy-50", "null")
    for variant in ("p-pvi-easy-50", "null"):
        assert contents(root, "bert", 0, variant) == contents(finished, "bert", 0, variant)


@pytest.mark.parametrize("variant", ["cadence", "null"])
def test_a_job_killed_at_any_moment_goes_on_to_the_same_bytes(ground, tmp_path, monkeypatch, variant):
    study = study_of(2)
    whole = shutil.copytree(ground, tmp_path / "whole")
    train(whole, variant, study=study)
    moment, killed = 0, True
    while killed:
        moment += 1
        root = shutil.copytree(ground, tmp_path / str(moment))
        with monkeypatch.context() as patch:
            kill_at(patch, moment, LastEpoch)
            try:
                train(root, variant, study=study)
                killed = False
            except Killed:
                pass
        if killed:
            train(root, variant, study=study)
        assert contents(root, "bert", 0, variant) == contents(whole, "bert", 0, variant), f"moment {moment}"
        assert not list(root.glob("work/**/*.*"))
    assert moment > 2 * 3 + 2 + 2 + 5 + 5


def test_another_ranking_starts_a_killed_run_anew(root, monkeypatch):
    with monkeypatch.context() as patch:
        kill_at(patch, 9, LastEpoch)
        with pytest.raises(Killed):
            train(root, "p-pvi-easy-50")
    assert list(root.glob("work/**/checkpoint.safetensors"))
    frame = read_parquet(root / paths.rankings("influence", "tiny", "bert"))
    write_parquet(root / paths.rankings("influence", "tiny", "bert"), -frame)
    train(root, "p-pvi-easy-50")
    assert np.flatnonzero(examples(root, "p-pvi-easy-50")["inside"]).tolist() == list(range(12))
    assert not list(root.glob("work/**/*.*"))
