"""Variant runs: their files, what they share, and how they survive being killed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.tiny_study import prepare, tiny_study
from tests.unit.training.killing import Killed, kill_at

from study import paths
from study.config.runs import RunSettings
from study.config.study import RunName
from study.config.variants import PruningSettings, SubsetSettings
from study.errors import StudyError
from study.files import read_parquet, write_parquet
from study.kinds import IMAGE
from study.scores.registry import SCORES, columns_of
from study.training.contracts import key_of
from study.training.histories import HISTORY
from study.training.image_variants import RepeatedImages
from study.training.run import train_runs
from study.training.variants import LastEpoch, train_variants

MODEL = "resnet-adam"


def study_of(epochs: int = 4, seeds: int = 3):
    """The tiny study with seven parts and two windows."""
    study = tiny_study({"epochs": epochs}, {"keep_model": False, "trajectory_seeds": 0})
    families = {
        "subsets": SubsetSettings(models=["mlp", MODEL], runs=7),
        "pruning": PruningSettings(datasets=["tiny"], model=MODEL, windows=2, width=0.5, seeds=seeds),
    }
    return study.model_copy(update={"difficulty": study.difficulty.model_copy(update=families)})


def rank(root: Path, seeds: int = 3) -> None:
    """Rankings as runs and their averages leave them: of run r the example r is the easiest, and so on."""
    n = 21
    frames = [pd.DataFrame({"el2n_early": (np.arange(n) - seed) % n}) for seed in range(seeds)]
    for seed, frame in enumerate(frames):
        place = paths.run_folder("difficulty", "tiny", MODEL, seed)
        write_parquet(root / place / "examples.parquet", frame)
    average = pd.DataFrame({"el2n_early_mean": np.arange(n, 0, -1)})
    write_parquet(root / paths.scores("difficulty", "tiny", MODEL), average)


def prepared(root: Path) -> Path:
    prepare(root)
    rank(root)
    return root


def names(*wanted: str, seeds=(0,), model=MODEL) -> list[RunName]:
    return [RunName("difficulty", "tiny", model, seed, variant) for seed in seeds for variant in wanted]


def contents(root: Path, runs: list[RunName]) -> dict[str, bytes]:
    found = {}
    for run in runs:
        for path in sorted((root / paths.run_folder(*run)).iterdir()):
            if path.name != "resources.json":
                found[f"{run.variant}/{run.seed}/{path.name}"] = path.read_bytes()
    return found


def inside(root: Path, run: RunName) -> list[int]:
    frame = read_parquet(root / paths.run_folder(*run) / "examples.parquet")
    return np.flatnonzero(frame["inside"]).tolist()


PRUNED = ("window-run-00", "window-average-50", "stratified-average-00", "window-random", "stratified-random")


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    root = prepared(tmp_path_factory.mktemp("finished"))
    train_variants(study_of(), names(*PRUNED, "subset", seeds=(0, 1)), root)
    return root


def test_the_study_lists_its_variant_runs():
    runs = list(study_of().variant_runs())
    assert len(runs) == len(set(runs)) == 2 * 7 + 3 * (4 * 2 + 2)
    assert sum(run.variant == "subset" and run.model == "mlp" for run in runs) == 7
    assert {run.model for run in runs if run.variant != "subset"} == {MODEL}
    with pytest.raises(StudyError, match="did you mean 'window-run-00'"):
        study_of().run("difficulty", "tiny", MODEL, 0, "window-run-0")


def test_the_files_of_a_run(finished):
    for run in names(*PRUNED, "subset", seeds=(0, 1)):
        folder = finished / paths.run_folder(*run)
        assert sorted(path.name for path in folder.iterdir()) == sorted(paths.RUN_FILES)
        settings = RunSettings.model_validate_json((folder / "config.json").read_text())
        assert settings == study_of().run(*run)
        frame = read_parquet(folder / "examples.parquet")
        assert frame.columns.tolist() == ["example_id", "content", "label", "inside", "correct"]
        assert len(frame) == 21 and frame["inside"].dtype == frame["correct"].dtype == bool
        history = pd.read_csv(folder / "history.csv")
        assert history.columns.tolist() == list(HISTORY) and history["epoch"].tolist() == [4]
        metrics = json.loads((folder / "metrics.json").read_text())
        assert metrics["train_examples"] == frame["inside"].sum()
        trained = frame["correct"][frame["inside"]]
        assert metrics["train_accuracy"] == pytest.approx(trained.mean())
    assert not list(finished.glob("work/**/*.*"))


def test_windows_take_equal_steps_and_subsets_equal_epochs(finished):
    for run in names(*PRUNED, "subset"):
        metrics = json.loads((finished / paths.run_folder(*run) / "metrics.json").read_text())
        size, steps = (15, 8) if run.variant == "subset" else (10, 12)
        assert abs(metrics["train_examples"] - size) <= 1 and metrics["steps"] == steps, run


def test_windows_follow_their_ranking(finished):
    (first, second) = names("window-run-00", seeds=(0, 1))
    assert inside(finished, first) == list(range(10))
    assert inside(finished, second) == list(range(1, 11))
    assert inside(finished, names("window-average-50")[0]) == list(range(1, 11))
    stratified = np.array(inside(finished, names("stratified-average-00")[0]))
    assert len(stratified) == 10 and set(np.bincount(stratified % 3)) == {3, 4}


def test_arms_share_streams_by_seed_and_not_those_of_ordinary_runs():
    study = study_of()
    keys = {key_of(study.run(*name)) for name in names(*PRUNED, seeds=(0, 1))}
    assert len(keys) == 2
    others = {key_of(study.run("difficulty", "tiny", MODEL, 0)), key_of(study.run(*names("subset")[0]))}
    assert len(others) == 2 and not keys & others


def test_an_epoch_of_repeats_shows_examples_equally_often():
    class Part(RepeatedImages):
        def __init__(self):
            self.steps, self.presented = 3, 24

        def __len__(self):
            return 10

    order = Part()._order(np.random.default_rng(0))
    assert len(order) == 24 and set(np.bincount(order, minlength=10)) <= {2, 3}
    assert sorted(order[:10]) == sorted(order[10:20]) == list(range(10))


def test_runs_repeat_alone_and_in_any_company(finished, tmp_path):
    wanted = names("window-random", "subset", seeds=(1,))
    train_variants(study_of(), wanted, prepared(tmp_path))
    assert contents(tmp_path, wanted) == contents(finished, wanted)
    assert contents(finished, names("window-random")) != contents(
        finished, names("window-random", seeds=(1,))
    )


def test_recording_of_ordinary_runs_plays_no_part():
    study = study_of()
    recording = study.difficulty.recording.model_copy(update={"early": 0.9})
    other = study.difficulty.model_copy(update={"recording": recording})
    name = names("subset")[0]
    assert study.run(*name) == study.model_copy(update={"difficulty": other}).run(*name)


def test_nothing_of_a_variant_is_recorded_but_its_end():
    recording = study_of().run(*names("subset")[0]).recording
    recorded = {SCORES[name].family for name in columns_of(IMAGE)} - recording.absent_families().keys()
    assert recorded == {"pointwise", "trajectory", "forgetting"}  # what one forward pass an epoch would give
    assert not recording.keeps_trajectory(0) and not recording.keep_model


def test_a_job_killed_at_any_moment_goes_on_to_the_same_bytes(tmp_path, monkeypatch):
    study = study_of(epochs=2)
    wanted = names("window-run-50", "subset")
    train_variants(study, wanted, prepared(tmp_path / "whole"))
    expected = contents(tmp_path / "whole", wanted)
    moment, killed = 0, True
    while killed:
        moment += 1
        root = prepared(tmp_path / str(moment))
        with monkeypatch.context() as patch:
            kill_at(patch, moment, LastEpoch)
            try:
                train_variants(study, wanted, root)
                killed = False
            except Killed:
                pass
        if killed:
            train_variants(study, wanted, root)
        assert contents(root, wanted) == expected, f"killed at moment {moment}"
        assert not list(root.glob("work/**/*.*"))
    assert moment > 6 + 4 + 2 * (2 + 2 + 5 + 5)


def test_another_ranking_starts_a_killed_run_anew(tmp_path, monkeypatch):
    study, wanted = study_of(), names("window-run-00")
    root = prepared(tmp_path / "killed")
    with monkeypatch.context() as patch:
        kill_at(patch, 8, LastEpoch)
        with pytest.raises(Killed):
            train_variants(study, wanted, root)
    assert list(root.glob("work/**/checkpoint.safetensors"))
    for place in (root, prepared(tmp_path / "whole")):
        path = place / paths.run_folder("difficulty", "tiny", MODEL, 0) / "examples.parquet"
        write_parquet(path, pd.DataFrame({"el2n_early": np.arange(21, 0, -1)}))
        train_variants(study, wanted, place)
    assert contents(root, wanted) == contents(tmp_path / "whole", wanted)
    assert not list(root.glob("work/**/*.*"))


def test_a_ranking_that_is_not_there_is_asked_for(tmp_path):
    prepare(tmp_path)
    with pytest.raises(StudyError, match=r"scores.parquet") as error:
        train_variants(study_of(), names("window-average-00"), tmp_path)
    assert "make it with: snakemake" in str(error.value)


def test_a_diverging_run_names_its_model(tmp_path):
    study = tiny_study({"lr": 1e6, "schedule": "constant", "warmup": 0, "weight_decay": 0})
    families = {"subsets": SubsetSettings(models=["mlp"], runs=7)}
    study = study.model_copy(update={"difficulty": study.difficulty.model_copy(update=families)})
    prepare(tmp_path)
    with pytest.raises(StudyError) as error:
        train_variants(study, names("subset", model="mlp"), tmp_path)
    assert "model mlp/subsets, seed 0" in str(error.value)
    assert "lower models.mlp.training.lr" in str(error.value)


def test_ordinary_runs_keep_working_beside_variants(tmp_path):
    study = study_of(epochs=2)
    prepare(tmp_path)
    train_runs(study, "difficulty", "tiny", "mlp", [0], tmp_path)
    train_variants(study, names("subset", model="mlp"), tmp_path)
    folder = tmp_path / paths.model_folder("difficulty", "tiny", "mlp")
    assert sorted(path.name for path in folder.iterdir()) == ["seed=0", "subset"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"runs": 6}, "out of fewer"), ({"runs": 6, "fraction": 0.2}, "in fewer"), ({"runs": 3}, "4")],
)
def test_too_few_subset_runs_are_refused(settings, told):
    with pytest.raises(ValueError, match=told):
        SubsetSettings(models=["mlp"], **settings)
    assert SubsetSettings(models=["mlp"], runs=7).runs == 7
