"""What goes wrong ends in one message, and costs nothing that was computed."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from study import paths
from tests.project import snapshot


def overlay(project, text: str) -> str:
    path = project.root / "config/overlay.yaml"
    path.write_text(text)
    return "config/overlay.yaml"


def test_a_wrong_configuration_starts_no_job(project):
    before = snapshot(project.folder)
    wrong = overlay(
        project, "trainig: {lr: 0.1}\ntraining: {epochs: zero}\ndifficulty: {models: [mlp, resnet9]}\n"
    )
    ran = project.snakemake(config=("config/smoke.yaml", wrong))
    assert ran.code != 0
    for told in (
        "trainig",
        "did you mean 'training'?",
        "training.epochs",
        "did you mean 'resnet8'?",
        "overlay.yaml",
    ):
        assert told in ran.text
    assert "Traceback" not in ran.text
    assert snapshot(project.folder) == before


def test_a_folder_of_another_study_is_refused(project):
    before = snapshot(project.folder)
    ran = project.snakemake(config=("config/config.yaml",))
    assert ran.code != 0 and "Traceback" not in ran.text
    assert "belongs to the study 'smoke'" in ran.text and "--directory" in ran.text
    assert snapshot(project.folder) == before


def test_an_overlay_without_a_name_of_its_own_is_refused(project):
    """It would replace the results of the study that it lies on."""
    before = snapshot(project.folder)
    config = ("config/smoke.yaml", overlay(project, "training: {lr: 0.05}\n"))
    ran = project.snakemake(config=config)
    assert ran.code != 0 and "Traceback" not in ran.text
    assert "smoke.yaml + overlay.yaml would replace the results of smoke.yaml" in ran.text
    assert "--directory" in ran.text and "remove results/study.json" in ran.text
    assert snapshot(project.folder) == before


def test_a_figure_from_a_damaged_table_says_so_and_the_next_run_mends_both(project, copied):
    before = snapshot(copied)
    table = copied / paths.analysis("difficulty", "digits", "components.csv")
    figure = paths.figure("difficulty", "digits", "principal_components", "png")
    table.write_bytes(b"\xff\xfe" + table.read_bytes())
    ran = project.snakemake("--", figure, folder=copied)
    assert ran.code != 0 and "Traceback" not in ran.text
    for told in ("error: a result file is damaged", "components.csv", "run snakemake again"):
        assert told in ran.text
    log = copied / paths.log(figure.removesuffix("png") + "pdf")
    assert "components.csv" in log.read_text()
    ran = project.snakemake("--", figure, folder=copied)
    assert ran.code == 0, ran.text
    after = snapshot(copied)
    after.pop(str(table.with_name("components.csv.damaged").relative_to(copied)))
    assert after == before


def test_cut_and_lost_results_are_planned_to_be_made_again(project, copied):
    """One of each kind of file; none of them is made from another one of them."""
    makers = {
        paths.analysis("difficulty", "digits", "sensitivity.parquet"): "difficulty_sensitivity",
        paths.model_analysis("difficulty", "digits", "mlp", "consistency.csv"): "difficulty_consistency",
        paths.figure("difficulty", "digits", "run_map", "rst"): "difficulty_figure_run_map",
        paths.figure("difficulty", "digits", "runs_needed", "pdf"): "difficulty_figure_runs_needed",
        paths.table("difficulty", "runs_needed"): "collect_table",
        paths.CONFIG: "write_configuration",
    }
    for path in makers:
        whole = copied / path
        whole.write_bytes(whole.read_bytes()[:-3])
    ran = project.snakemake("--dry-run", folder=copied)
    assert ran.code == 0 and "Traceback" not in ran.text
    for path in makers:
        assert f"{path} is cut off" in ran.text
        (copied / path).unlink()  # a dry run only names it
    assert set(makers.values()) <= project.planned(folder=copied)


@pytest.mark.parametrize(
    ("name", "maker"), [("arrays.safetensors", "prepare_data"), ("card.html", "data_card")]
)
def test_cut_data_are_prepared_again(project, copied, name, maker):
    path = f"{paths.data_folder('digits')}/{name}"
    whole = copied / path
    whole.write_bytes(whole.read_bytes()[:-3])
    ran = project.snakemake("--dry-run", folder=copied)
    assert ran.code == 0 and f"{path} is cut off" in ran.text
    whole.unlink()
    assert maker in project.planned(folder=copied)


def test_a_cut_file_is_named_and_computed_again_with_the_same_bytes(project, copied):
    before = snapshot(copied)
    path = f"{paths.run_folder('difficulty', 'digits', 'mlp', 1)}/examples.parquet"
    whole = copied / path
    whole.write_bytes(whole.read_bytes()[:-100])
    ran = project.snakemake("--", path, paths.scores("difficulty", "digits", "mlp"), folder=copied)
    assert ran.code == 0, ran.text
    assert f"{path} is cut off" in ran.text
    after = snapshot(copied)
    after.pop(f"{path}.damaged")
    assert after == before


def test_damage_inside_a_file_is_named_and_the_next_run_mends_it(project, copied):
    before = snapshot(copied)
    path = f"{paths.run_folder('difficulty', 'digits', 'mlp', 2)}/examples.parquet"
    damaged = copied / path
    content = bytearray(damaged.read_bytes())
    content[100:6000] = bytes(5900)
    damaged.write_bytes(content)
    found = project.study("verify", folder=copied)
    assert found.code == 1 and path in found.text and "Traceback" not in found.text
    ran = project.snakemake("--", path, paths.scores("difficulty", "digits", "mlp"), folder=copied)
    assert ran.code == 0, ran.text
    after = snapshot(copied)
    after.pop(f"{path}.damaged")
    assert after == before


def test_killed_and_resumed_gives_the_same_bytes(project, tmp_path):
    """SIGKILL in the middle of training, twice; then the same results as the study that was left in peace."""
    model_scores = paths.scores("difficulty", "digits", "resnet8")
    config = ("config/smoke.yaml", overlay(project, "runtime: {checkpoint_seconds: 0}\n"))
    command = project.command("--", model_scores, config=config, folder=tmp_path)
    for _ in range(2):
        started = subprocess.Popen(
            command, cwd=project.root, env=project.environment(), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for_a_checkpoint(tmp_path / "work", started)
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
        assert not (tmp_path / model_scores).exists()
        unlocked = project.snakemake("--unlock", config=config, folder=tmp_path)
        assert unlocked.code == 0, unlocked.text
    ran = project.snakemake("--", model_scores, config=config, folder=tmp_path)
    assert ran.code == 0, ran.text
    resumed, peaceful = snapshot(tmp_path), snapshot(project.folder)
    assert {name: peaceful[name] for name in resumed} == resumed
    assert model_scores in resumed


def wait_for_a_checkpoint(work: Path, process: subprocess.Popen) -> None:
    """Wait until a checkpoint appears that was not there before."""
    known = {(path, path.stat().st_mtime_ns) for path in work.rglob("*.safetensors")}
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "snakemake ended before it could be killed"
        for path in work.rglob("*.safetensors"):
            try:
                if (path, path.stat().st_mtime_ns) not in known and not path.name.startswith("."):
                    return
            except FileNotFoundError:
                continue
        time.sleep(0.02)
    raise AssertionError("no checkpoint was written")


def test_a_diverging_model_stops_alone(project, tmp_path):
    text = (
        "models: {resnet8: {training: {lr: 1.0e+6, warmup: 0.0}}}\ndifficulty: {seeds: 4, seeds_per_job: 2}\n"
    )
    config = ("config/smoke.yaml", overlay(project, text))
    asked = [
        f"{paths.run_folder('difficulty', 'digits', model, seed)}/examples.parquet"
        for model in ("mlp", "resnet8")
        for seed in (0, 2)  # of both jobs
    ]
    ran = project.snakemake("--keep-going", "--", *asked, config=config, folder=tmp_path)
    assert ran.code != 0 and "Traceback" not in ran.text
    for told in ("resnet8", "epoch", "step", "learning rate", "do:"):
        assert told in ran.text
    for seed in range(4):
        finished = paths.run_folder("difficulty", "digits", "mlp", seed)
        assert (tmp_path / finished / "examples.parquet").exists()
    assert not (
        tmp_path / paths.run_folder("difficulty", "digits", "resnet8", 0) / "examples.parquet"
    ).exists()


@pytest.mark.parametrize(
    ("text", "dataset", "told"),
    [
        ("runtime: {memory_mb: 20}\n", "digits", ("memory_mb", "20")),
        (
            "datasets: {mine: {source: files, format: csv, train: [nowhere.csv]}}\n"
            "difficulty: {datasets: [mine]}\n",
            "mine",
            ("nowhere.csv",),
        ),
    ],
)
def test_a_job_that_cannot_start_says_why(project, tmp_path, text, dataset, told):
    config = ("config/smoke.yaml", overlay(project, text))
    asked = f"{paths.run_folder('difficulty', dataset, 'mlp', 0)}/examples.parquet"
    ran = project.snakemake("--", asked, config=config, folder=tmp_path)
    assert ran.code != 0 and "Traceback" not in ran.text
    assert all(word in ran.text for word in told) and "do:" in ran.text
