"""The smoke study from end to end: all is there, a second run does nothing, edits reach what they must."""

import json
import re
import sys

import pandas as pd
import pytest
import yaml
from benchmarks import sizes

from study import paths
from study.config.files import read
from study.report.contents import read_contents
from study.report.times import finished_jobs
from tests.project import run
from tests.unit.report.html_checks import faults


@pytest.fixture(scope="module")
def config(project):
    return yaml.safe_load((project.root / "config/smoke.yaml").read_text())


def runs(config):
    chapter = config["difficulty"]
    return [
        (dataset, model, seed)
        for dataset in chapter["datasets"]
        for model in chapter["models"]
        for seed in range(chapter["seeds"])
    ]


def test_every_run_has_its_files(project, config):
    for dataset, model, seed in runs(config):
        folder = paths.run_folder("difficulty", dataset, model, seed)
        for name in (*paths.RUN_FILES, paths.TRAJECTORY):
            assert (project.folder / folder / name).stat().st_size > 0, name
        settings = json.loads((project.folder / folder / "config.json").read_text())
        assert (settings["model_name"], settings["seed"]) == (model, seed)
        metrics = json.loads((project.folder / folder / "metrics.json").read_text())
        assert {"code", "packages", "data", "device", "threads"} == metrics["provenance"].keys()


def test_results_are_the_files_that_are_planned_and_predicted(project):
    ran = project.snakemake("--summary")
    rows = [line.split("\t") for line in ran.text.splitlines()]
    planned = {row[0] for row in rows if len(row) == 6} - {"output_file"}
    files = (path for path in (project.folder / paths.RESULTS).rglob("*") if path.is_file())
    assert {str(path.relative_to(project.folder)) for path in files} == planned | {
        paths.OWNER,
        paths.MANIFEST,
    }
    study = read([project.root / "config/smoke.yaml"])
    of_runs = sum(group.files for group in sizes.of_runs(study).values())
    assert of_runs == sum("/seed=" in name for name in planned)
    assert len(planned) <= sizes.most_files(study)


def test_every_figure_and_table_is_there(project):
    scripts = (project.root / "workflow/scripts").glob("fig_*.py")
    others = (
        "plotting.experts",
        "plotting.influence",
        "plotting.selection",
        "plotting.synthesis",
    )  # chapters that this study does not run
    drawn = {
        path.stem.removeprefix("fig_")
        for path in scripts
        if not any(chapter in path.read_text() for chapter in others)
    }
    folder = project.folder / "results/difficulty/figures/digits"
    assert {png.stem for png in folder.glob("*.png")} == drawn - {"claims"}
    for png in (project.folder / "results/difficulty/figures").rglob("*.png"):
        assert png.stat().st_size > 10_000, png
        assert (png.with_suffix(".pdf")).read_bytes().startswith(b"%PDF")
        assert len(pd.read_csv(png.with_suffix(".csv"))) > 0
    for name in ("scores", "consistency", "runs_needed", "sensitive_examples", "fingerprint", "defects"):
        assert len(pd.read_csv(project.folder / paths.table("difficulty", name))) > 0, name


def test_flips_are_exact_recorded_and_found(project):
    data = pd.read_parquet(project.folder / paths.data_folder("digits") / "examples.parquet")
    train = data[data["split"] == "train"]
    assert train["flipped"].sum() == round(0.1 * len(train)) == data["flipped"].sum()
    assert (train["flipped"] == (train["label"] != train["true_label"])).all()
    found = pd.read_csv(project.folder / paths.table("difficulty", "defects"))
    assert (found["flips"] == train["flipped"].sum()).all() and found["estimate"].notna().any()


def test_the_index_lists_every_run(project, config):
    index = pd.read_csv(project.folder / paths.INDEX)
    ordinary = index[index["variant"].isna()]
    keys = zip(ordinary["dataset"], ordinary["model"], ordinary["seed"], strict=True)
    assert sorted(keys) == sorted(runs(config))
    subsets, seeds = config["difficulty"]["subsets"], config["difficulty"]["pruning"]["seeds"]
    everywhere = subsets["runs"] * len(subsets["models"]) * len(config["difficulty"]["datasets"])
    assert (index["variant"] == "subset").sum() == everywhere
    assert set(index["variant"].value_counts().drop("subset")) == {seeds}
    assert index["test_accuracy"].between(0, 1).all()


def test_the_report_holds_figures_captions_and_tables(project):
    report = (project.folder / paths.REPORT).read_text()
    assert faults(report) == []
    for png in (project.folder / "results/difficulty/figures").rglob("*.png"):
        assert f'href="difficulty/figures/digits/{png.stem}.pdf"' in report
    assert 'href="difficulty/tables/runs_needed.csv"' in report and 'href="data/digits/card.html"' in report
    caption = (project.folder / paths.figure("difficulty", "digits", "runs_needed", "rst")).read_text()
    number = re.search(r"\d[\d.]*\d", caption).group()
    assert number in report


def test_every_job_is_in_the_table_of_times(project):
    listed = (project.folder / "work").glob("report-*.json")
    contents = min(listed, key=lambda path: path.stat().st_mtime)  # the study's, before any edit
    jobs = finished_jobs(read_contents(contents).rules, project.folder)
    files = list((project.folder / "logs").rglob("*.benchmark.tsv"))
    assert len(jobs) == len({job.benchmark for job in jobs}) == len(files)
    rules = {job.rule for job in jobs}
    assert {
        "difficulty_train_seeds",
        "difficulty_figure_runs_needed",
        "collect_table",
        "write_report",
    } <= rules
    wrong = [job for job in jobs if job.rule.startswith("difficulty") and "/difficulty/" not in job.benchmark]
    assert not wrong


def test_logs_stand_beside_results(project):
    logs = {
        str(path.relative_to(project.folder / "logs")) for path in (project.folder / "logs").rglob("*.log")
    }
    assert "difficulty/digits/mlp/seeds=0-2.log" in logs and "index.csv.log" in logs
    assert (project.folder / "logs/index.csv.benchmark.tsv").exists()


def test_a_second_run_does_nothing(project):
    ran = project.snakemake()
    assert ran.code == 0 and "Nothing to be done" in ran.text


def test_nothing_is_left_in_the_working_folder(project):
    assert not list((project.folder / "work").rglob("*.safetensors"))


def test_a_comment_reruns_nothing(project, edited):
    edited(
        "workflow/study/training/loop.py", '"""', '# A comment, and a docstring that says more.\n"""More. '
    )
    edited("workflow/study/analysis/consistency.py", '"""', '# A comment.\n"""More. ')
    assert project.planned() == set()


def test_a_formula_of_training_reruns_training(project, edited):
    edited(
        "workflow/study/scores/pointwise.py", "import numpy as np\n", "import numpy as np\n\nCHANGED = 1\n"
    )
    planned = project.planned()
    assert {
        "difficulty_train_seeds_0_to_2",
        "difficulty_aggregate",
        "difficulty_fingerprint",
        "write_report",
    } <= planned
    assert "prepare_data" not in planned


def test_a_formula_of_an_analysis_reruns_what_depends_on_it(project, edited):
    edited(
        "workflow/study/analysis/averaging.py", "import numpy as np\n", "import numpy as np\n\nCHANGED = 1\n"
    )
    planned = project.planned()
    assert planned == {
        "difficulty_runs_needed",
        "difficulty_join_runs_needed",
        "difficulty_figure_runs_needed",
        "difficulty_claims",  # D2 rests on the exponents
        "join_claims",
        "draw_claims",
        "collect_table",
        "write_report",
    }


def test_a_figure_reruns_alone(project, edited):
    edited("workflow/scripts/fig_runs_needed.py", "params, tables =", "CHANGED = 1\nparams, tables =")
    assert project.planned() == {"difficulty_figure_runs_needed", "write_report"}


def test_a_setting_of_the_analysis_does_not_retrain(project, edited):
    edited("config/smoke.yaml", "draws: 10", "draws: 11")
    planned = project.planned()
    assert "difficulty_runs_needed" in planned and not any("train" in rule for rule in planned)


def test_more_seeds_keep_the_runs_that_are_there(project, edited):
    edited("config/smoke.yaml", "seeds: 6", "seeds: 9")
    planned = project.planned()
    assert "difficulty_train_seeds_6_to_8" in planned and "difficulty_train_seeds_0_to_2" not in planned


def test_other_batches_of_seeds_retrain_nothing(project, edited):
    edited("config/smoke.yaml", "seeds_per_job: 3", "seeds_per_job: 2")
    assert project.planned() == {"write_configuration", "write_report"}


def test_the_words_of_a_licence_retrain_nothing(project, edited):
    edited("config/smoke.yaml", "licence: CC BY 4.0", "licence: Creative Commons")
    assert not any("train" in rule for rule in project.planned())


def test_a_formula_of_questions_retrains_no_model_of_images(project, edited):
    edited(
        "workflow/study/training/questions.py", "import numpy as np\n", "import numpy as np\n\nCHANGED = 1\n"
    )
    assert project.planned() == set()


def test_an_architecture_retrains_its_own_models_alone(project, edited):
    edited("workflow/study/models/vit.py", "import Any\n", "import Any\n\nCHANGED = 1\n")
    ran = project.snakemake("--dry-run")
    trained = set(re.findall(r"Training (\S+) on", ran.text))
    assert trained == {"vit-tiny"}


def test_a_configuration_of_ones_own_holds_nothing_of_the_default(project, tmp_path):
    """Also in the project's own folder, where config/config.yaml is near."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--configfile", "config/smoke.yaml"]
    ran = run([*command, "--directory", str(tmp_path / "new")], project.root, project.environment())
    assert ran.code == 0 and "Study 'smoke'" not in ran.text
    (written,) = (tmp_path / "new/work").glob("config-*.json")
    assert set(json.loads(written.read_text())["models"]) == {"mlp", "resnet8", "vit-tiny"}
    beside = run(command, project.root, project.environment())
    assert beside.code == 0, beside.text
    assert (project.root / "work" / written.name).exists()


@pytest.mark.parametrize(
    "path",
    [
        "results/difficulty/figures/digits/score_spread.pdf",
        "results/difficulty/tables/fingerprint.csv",
        "results/difficulty/digits/mlp/seed=1/examples.parquet",
    ],
)
def test_a_single_result_can_be_asked_for(project, tmp_path, path):
    planned = project.planned("--", path, folder=tmp_path)
    assert "prepare_data" in planned and "write_report" not in planned


def test_the_workflow_is_planned_without_torch(project, tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").write_text("raise RuntimeError('torch was imported')")
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n")
    environment = project.environment(PYTHONPATH=f"{tmp_path}:{project.root / 'workflow'}")
    ran = run(project.command("--dry-run", folder=tmp_path / "new"), project.root, environment)
    assert ran.code == 0 and "torch was imported" not in ran.text, ran.text
