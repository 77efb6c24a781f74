"""Files and bytes of runs are as they are predicted from the configuration."""

from pathlib import Path

import pytest
from benchmarks import sizes
from tests.tiny_study import prepare, tiny_data, tiny_study

from study import paths
from study.config.study import RunName, StudySettings
from study.training.run import train_runs
from study.training.variants import train_variants

RUN = RunName("difficulty", "tiny", "vit", 0)
EVERYTHING = {"keep_model": False}
LITTLE = {"keep_model": False, "trajectory_seeds": 0, "vog_checkpoints": None, "prototypes": False}


def check(root: Path, study: StudySettings, name: RunName, examples: int) -> None:
    """The files of a run are those predicted, and as large to within a sixth."""
    counts = sizes.Counts(examples, test=9, classes=3, wide=128)
    predicted = sizes.of_run(study.run(*name), counts)
    found = {path.name: path.stat().st_size for path in (root / paths.run_folder(*name)).iterdir()}
    assert predicted.keys() == found.keys()
    for file, size in found.items():
        assert predicted[file] == pytest.approx(size, rel=1 / 6), file


@pytest.mark.parametrize("recording", [EVERYTHING, LITTLE], ids=["everything", "little"])
@pytest.mark.parametrize("examples", [21, 300])
def test_a_run(tmp_path, examples, recording):
    study = tiny_study(recording=recording)
    prepare(tmp_path, tiny_data(examples))
    train_runs(study, *RUN[:3], [RUN.seed], tmp_path)
    check(tmp_path, study, RUN, examples)


def test_a_run_on_a_part(tmp_path):
    raw = tiny_study(recording=EVERYTHING).model_dump()
    raw["difficulty"]["subsets"] = {"models": [RUN.model], "runs": 8}
    study, name = StudySettings.model_validate(raw), RUN._replace(variant="subset")
    prepare(tmp_path, tiny_data(300))
    train_variants(study, [name], tmp_path)
    check(tmp_path, study, name, 300)


def test_all_runs_of_a_study_are_counted():
    study = tiny_study(recording=EVERYTHING | {"trajectory_seeds": 2})
    group = sizes.of_runs(study)["difficulty", "image"]
    runs = 4 * study.difficulty.seeds
    assert (group.count, group.files) == (runs, 5 * runs + 4 * 2)


def test_a_column_of_a_large_table():
    """A dictionary of a mebibyte lists 2^17 numbers of eight bytes; its pointers have 17 bits."""
    rows = 2**18
    assert sizes.of_reals(rows, stored=8) == 8 * rows + 2**17 * 17 / 8
