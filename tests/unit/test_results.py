"""A results folder as a whole: damage is found in every kind of file, and a folder has one owner."""

import os
import shutil
import time
from pathlib import Path

import matplotlib.figure
import pandas as pd
import pytest
from tests.bad_input.hostile import bomb
from tests.tiny_study import prepare, tiny_study

from study import paths
from study.chapters import verify
from study.config import StudySettings
from study.errors import StudyError
from study.files import write_csv, write_json, write_parquet, write_text
from study.results import claim, guard, repair

FRAME = pd.DataFrame({"model": ["a", "b"], "estimate": [0.123456, 0.2]})
DATA, RUN = paths.data_folder("tiny"), paths.run_folder("difficulty", "tiny", "mlp", 0)
FIGURE = str(Path(paths.figure("difficulty", "tiny", "spread", "pdf")).with_suffix(""))
ANALYSIS = paths.analysis("difficulty", "tiny", "sensitivity.parquet")
FILES = [
    f"{DATA}/arrays.safetensors",
    f"{DATA}/examples.parquet",
    f"{DATA}/card.json",
    f"{DATA}/card.html",
    f"{RUN}/metrics.json",
    f"{RUN}/history.csv",
    f"{RUN}/examples.parquet",
    paths.scores("difficulty", "tiny", "mlp"),
    paths.model_analysis("difficulty", "tiny", "mlp", "consistency.csv"),
    ANALYSIS,
    paths.table("difficulty", "runs_needed"),
    f"{FIGURE}.pdf",
    f"{FIGURE}.png",
    f"{FIGURE}.csv",
    f"{FIGURE}.rst",
    paths.CONFIG,
    paths.INDEX,
    paths.REPORT,
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a file of every kind."""
    root = tmp_path_factory.mktemp("finished")
    prepare(root)
    for name in FILES:
        path = root / name
        if path.suffix == ".csv":
            write_csv(path, FRAME)
        elif path.suffix == ".json":
            write_json(path, {"a": 1})
        elif path.suffix in (".pdf", ".png"):
            path.parent.mkdir(parents=True, exist_ok=True)
            matplotlib.figure.Figure(figsize=(1, 1)).savefig(path)
        elif path.suffix == ".parquet" and not path.exists():
            write_parquet(path, FRAME)
        elif path.suffix in (".rst", ".yaml"):
            write_text(path, "name: tiny\n")
        elif path.suffix == ".html":
            write_text(path, "<html>\n</html>")
    return root


@pytest.fixture
def root(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "root")


def test_whole_results_stay_as_they_are(root):
    assert repair(tiny_study(), root) == [] and verify.run(root) == []


@pytest.mark.parametrize("emptied", [False, True], ids=["cut", "emptied"])
@pytest.mark.parametrize("name", FILES)
def test_a_cut_or_emptied_file_of_any_kind_is_found(root, capsys, name, emptied):
    path = root / name
    path.write_bytes(b"" if emptied else path.read_bytes()[:-3])
    assert [found for found, _ in verify.run(root)] == [path]
    assert repair(tiny_study(), root, pretend=True) == [path] and path.exists()
    assert repair(tiny_study(), root) == [path] and not path.exists()
    assert f"{path} is cut off" in capsys.readouterr().err
    assert repair(tiny_study(), root) == [] and verify.run(root) == []


@pytest.mark.parametrize(
    "name", [f"{DATA}/arrays.safetensors", f"{RUN}/examples.parquet", f"{FIGURE}.png", f"{FIGURE}.rst"]
)
def test_damage_inside_a_file_is_found_by_verify_alone(root, name):
    path = root / name
    content = bytearray(path.read_bytes())
    # Of a small parquet file most is a footer, parts of which no reader asks for.
    place = 30 if path.suffix == ".parquet" else len(content) // 2
    content[place : place + 4] = b"\xff\xfe\xfd\xfc"
    path.write_bytes(content)
    assert repair(tiny_study(), root) == []
    assert [found for found, _ in verify.run(root)] == [path]


def test_a_picture_that_says_it_is_gigabytes_is_found(root):
    (root / f"{FIGURE}.png").write_bytes(bomb(60_000))
    assert [found for found, _ in verify.run(root)] == [root / f"{FIGURE}.png"]


def test_files_from_the_future_get_the_time_of_now(root, capsys):
    """One time for all of them; what a dry run would do, it leaves."""
    ahead = [root / name for name in FILES[:5]]
    for place, path in enumerate(ahead):
        os.utime(path, (time.time() + 3600 * (place + 1),) * 2)
    others = {path: path.stat().st_mtime for path in map(root.joinpath, FILES[5:])}
    repair(tiny_study(), root, pretend=True)
    assert ahead[0].stat().st_mtime > time.time()
    repair(tiny_study(), root)
    assert "5 result files were from the future" in capsys.readouterr().err
    assert len({path.stat().st_mtime for path in ahead}) == 1 and ahead[0].stat().st_mtime <= time.time()
    assert {path: path.stat().st_mtime for path in others} == others


def test_files_of_others_stay(root):
    """Only what would be computed again is set aside, no notes, and no results of another data set."""
    for name in (
        "results/notes.csv",
        "results/difficulty/other/mlp/seed=0/metrics.json",
        f"{RUN}/.x.json.1.tmp",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("half")
    assert repair(tiny_study(), root) == []


def test_repair_is_quick(root):
    """A thousand runs of nine files in less than a second of processor time (measured: 0.3 s)."""
    for seed in range(1, 1001):
        shutil.copytree(root / RUN, root / paths.run_folder("difficulty", "tiny", "mlp", seed))
        for name in ("a.json", "b.json", "c.csv"):
            source = root / RUN / ("history.csv" if name.endswith("csv") else "metrics.json")
            shutil.copy(source, root / paths.run_folder("difficulty", "tiny", "mlp", seed) / name)
    start = time.process_time()
    assert repair(tiny_study(), root) == []
    assert time.process_time() - start < 1


def test_nothing_is_not_a_success(tmp_path):
    with pytest.raises(StudyError, match="there are no results"):
        verify.run(tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results/README.md").write_text("What each file holds.")
    with pytest.raises(StudyError, match="there are no results"):
        verify.run(tmp_path)


def test_a_folder_belongs_to_a_name(tmp_path):
    study = tiny_study()
    guard(study, ["config.yaml"], tmp_path)
    claim(study, ["config.yaml"], tmp_path)
    guard(study, ["/elsewhere/config.yaml"], tmp_path)
    with pytest.raises(StudyError, match="belongs to the study 'tiny', and 'other' was asked for"):
        guard(study.model_copy(update={"name": "other"}), ["config.yaml"], tmp_path)


FILES_OF_TWO = ["config/config.yaml", "mine.yaml"]


def changed(**keys) -> StudySettings:
    """The tiny study with other keys at its top."""
    return StudySettings.model_validate(tiny_study().model_dump(mode="json") | keys)


def test_an_overlay_that_keeps_the_name_may_not_replace_runs(tmp_path):
    claim(tiny_study(), ["config/config.yaml"], tmp_path)
    retrained = tiny_study({"lr": 0.01})
    guard(retrained, ["config/config.yaml"], tmp_path)  # an edited file
    with pytest.raises(StudyError) as caught:
        guard(retrained, FILES_OF_TWO, tmp_path)
    for told in (
        "config.yaml + mine.yaml would replace the results of config.yaml: both are named 'tiny'",
        "the runs difficulty/tiny/mlp, difficulty/tiny/resnet would be others",
        "`name: ...` into mine.yaml",
        "--directory",
    ):
        assert told in str(caught.value)
    # The way out that the message names.
    (tmp_path / paths.OWNER).unlink()
    guard(retrained, FILES_OF_TWO, tmp_path)


def test_an_overlay_that_keeps_the_name_may_not_be_about_other_data(tmp_path):
    claim(tiny_study(), ["config.yaml"], tmp_path)
    raw = tiny_study().model_dump(mode="json")
    other = changed(
        datasets={"mine": raw["datasets"]["tiny"]}, difficulty=raw["difficulty"] | {"datasets": ["mine"]}
    )
    with pytest.raises(StudyError, match="they share no run"):
        guard(other, FILES_OF_TWO, tmp_path)


def test_an_overlay_that_adds_to_a_study_is_welcome(tmp_path):
    claim(tiny_study(), ["config.yaml"], tmp_path)
    raw = tiny_study().model_dump(mode="json")
    wider = changed(
        models=raw["models"] | {"mlp-wide": {"architecture": "mlp", "hidden": [9]}},
        difficulty=raw["difficulty"] | {"models": [*raw["difficulty"]["models"], "mlp-wide"], "seeds": 20},
    )
    guard(wider, FILES_OF_TWO, tmp_path)
    claim(wider, FILES_OF_TWO, tmp_path)
    guard(tiny_study(), ["config.yaml"], tmp_path)


def test_jobs_and_older_folders_pass(tmp_path, monkeypatch):
    claim(tiny_study(), ["config.yaml"], tmp_path)
    study = tiny_study({"lr": 0.01})
    monkeypatch.setenv("STUDY_CONFIG", "work/config-1.json")
    guard(study, ["/study/work/config-1.json"], tmp_path)
    with pytest.raises(StudyError):
        guard(study, ["config.yaml", "work/config-1.json"], tmp_path)
    write_json(tmp_path / paths.OWNER, {"name": "tiny"})
    guard(study, ["any.yaml"], tmp_path)
