"""Scale: what planning, seeds, the index of runs and the results cost, up to the papers' sizes.

Run: python benchmarks/scale.py      (about ten minutes; --part planning, seeds, many, index, files or bytes)

Plans are dry runs in empty folders. Memory is the largest resident size of the process itself, which it tells
when it ends. Sizes of results are predicted from the configuration; for a tenth of the papers' examples they
are measured beside, on runs whose scores are random and whose files the study writes; of the default study
they are, where it is finished in this folder.
"""

import argparse
import re
import subprocess
import tempfile
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from statistics import median

import yaml
from footprint import print_bytes, print_files, print_finished
from simulated_runs import metrics_of_many, scored_run
from timing import ROOT, of_children, run

from study import paths
from study.config import parse_study
from study.config.files import read, read_mapping

REPEATS = 3
STUDIES = ("config/config.yaml", "config/smoke.yaml", "config/paper.yaml")
PAPER = "config/paper.yaml"
FLOOR = "floor: Python, and Snakemake imported"
FACTORS = (1, 3, 10, 30)
RUNS, MODELS = 5_000, 5
MANY = ((10, 100), (100, 10), (100, 100), (10, 1_000))  # models and seeds of studies with many runs
AT_MOST = {"seeds": 11, "index": 10}  # times as long for ten times the seeds; seconds


def plan(*arguments: str) -> subprocess.CompletedProcess:
    """A dry run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        quiet = ("--quiet", "rules", "reason")
        return run("snakemake.cli", "-n", *quiet, "--directory", folder, *arguments)


def memory_mb(done: subprocess.CompletedProcess) -> int:
    return int(re.findall(r"^peak (\d+) MB$", done.stderr, flags=re.MULTILINE)[-1])


def jobs(done: subprocess.CompletedProcess) -> int:
    return int(re.findall(r"^total +(\d+)$", done.stdout + done.stderr, flags=re.MULTILINE)[0])


def timed(
    ways: Mapping[Hashable, Callable[[], subprocess.CompletedProcess]], repeats: int = REPEATS
) -> dict[Hashable, tuple]:
    """Median CPU seconds and peak MB of each way, and what it said last; ways take turns."""
    seconds, sizes, last = {name: [] for name in ways}, {name: [] for name in ways}, {}
    for _ in range(repeats):
        for name, way in ways.items():
            start = of_children()
            last[name] = way()
            seconds[name].append(of_children() - start)
            sizes[name].append(memory_mb(last[name]))
    return {name: (median(seconds[name]), median(sizes[name]), last[name]) for name in ways}


def print_planning() -> None:
    ways = {FLOOR: lambda: run("snakemake.cli", "--version")}
    ways |= {f"`{study}`": lambda study=study: plan("--configfile", study) for study in STUDIES}
    run_file = f"{paths.run_folder('difficulty', 'cifar10', 'resnet20', 0)}/metrics.json"
    parts = {chapter: f"`{chapter}`" for chapter in read([ROOT / PAPER]).chapters} | {run_file: "one run"}
    for target, name in parts.items():
        ways[f"of it {name}"] = lambda target=target: plan(target, "--configfile", PAPER)
    print(f"Dry runs, median of {REPEATS} interleaved.\n")
    print("| plan | jobs | CPU seconds | peak MB |\n|---|---:|---:|---:|")
    for name, (seconds, size, done) in timed(ways).items():
        count = "" if name == FLOOR else f"{jobs(done):,}"
        print(f"| {name} | {count} | {seconds:.1f} | {size:.0f} |", flush=True)


def with_seeds(factor: int) -> dict:
    """The smoke study with so many times the seeds, of its variant runs as well."""
    own = read_mapping(ROOT / "config/smoke.yaml")["difficulty"]
    return {
        "difficulty": {
            "seeds": factor * own["seeds"],
            "subsets": {"runs": factor * own["subsets"]["runs"]},
            "pruning": {"seeds": factor * own["pruning"]["seeds"]},
        }
    }


def print_seeds() -> None:
    one = f"{paths.run_folder('difficulty', 'digits', 'mlp', 0)}/metrics.json"
    with tempfile.TemporaryDirectory() as folder:
        ways, runs = {}, {}
        for factor in FACTORS:
            more = Path(folder) / f"{factor}.yaml"
            more.write_text(yaml.safe_dump(with_seeds(factor)))
            files = [str(ROOT / "config/smoke.yaml"), str(more)]
            study = read(map(Path, files))
            runs[factor] = len([*study.runs(), *study.variant_runs()])
            ways[factor, "all"] = lambda files=files: plan("--configfile", *files)
            ways[factor, "one"] = lambda files=files: plan(one, "--configfile", *files)
        found = timed(ways)
    print(f"\nThe smoke study with more seeds; budget: ten times the seeds in {AT_MOST['seeds']} times.\n")
    print("| seeds | runs | jobs | CPU s | peak MB | one run: CPU s | of x 1: runs | jobs | time | memory |")
    print("|---|" + 9 * "---:|")
    first = (*found[1, "all"][:2], jobs(found[1, "all"][2]))
    for factor in FACTORS:
        seconds, size, done = found[factor, "all"]
        alone, count = found[factor, "one"][0], jobs(done)
        cells = (f"{runs[factor]:,}", f"{count:,}", f"{seconds:.1f}", f"{size:.0f}", f"{alone:.1f}")
        ratios = (runs[factor] / runs[1], count / first[2], seconds / first[0], size / first[1])
        told = " | ".join([*cells, *(f"{ratio:.1f}" for ratio in ratios)])
        print(f"| x {factor} | {told} |", flush=True)


def study_of(models: int, seeds: int) -> dict:
    """A study on one data set with so many models and seeds, and no other trainings than runs."""
    raw = read_mapping(ROOT / "config/smoke.yaml")
    named = {f"m{number}": raw["models"]["mlp"] for number in range(models)}
    chapter = {"datasets": raw["difficulty"]["datasets"], "models": list(named), "seeds": seeds}
    recording = raw["difficulty"]["recording"] | {"trajectory_seeds": 0}
    return raw | {"models": named, "difficulty": chapter | {"seeds_per_job": 10, "recording": recording}}


def print_many() -> None:
    print("\nOne data set, seeds in jobs of ten, five files a run, planned once.\n")
    print("| models | seeds | runs | jobs | CPU seconds | ms a run | peak MB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for models, seeds in MANY:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "study.yaml"
            file.write_text(yaml.safe_dump(study_of(models, seeds)))
            found = timed({"": lambda file=file: plan("--configfile", str(file))}, repeats=1)
        seconds, size, done = found[""]
        runs = models * seeds
        cells = (models, seeds, runs, jobs(done), round(seconds), round(1e3 * seconds / runs), size)
        print(f"| {' | '.join(f'{cell:,}' for cell in cells)} |", flush=True)


def print_index() -> None:
    study = parse_study(study_of(MODELS, RUNS // MODELS))
    with tempfile.TemporaryDirectory() as folder:
        root, file = Path(folder), Path(folder) / "config.json"
        file.write_text(study.model_dump_json())
        folders = [root / paths.run_folder(*name) for name in study.runs()]
        scored_run(study.run("difficulty", "digits", "m0", 0), 20, 10, folders[0])
        metrics_of_many(folders[0] / "metrics.json", folders)
        ways = {
            "floor: Python, and the command found": ["--help"],
            f"{len(folders):,} runs": ["--config", str(file)],
        }
        found = timed(
            {
                name: lambda options=options: run("study.cli", "index", *options, folder=root)
                for name, options in ways.items()
            }
        )
        rows = len((root / paths.INDEX).read_text().splitlines()) - 1
    print(f"\n`python -m study index`, {rows:,} rows; budget: {AT_MOST['index']} s.\n")
    print("| of | CPU seconds | peak MB |\n|---|---:|---:|")
    for name, (seconds, peak, _) in found.items():
        print(f"| {name} | {seconds:.1f} | {peak:.0f} |", flush=True)


def main() -> None:
    parts = {
        "planning": print_planning,
        "seeds": print_seeds,
        "many": print_many,
        "index": print_index,
        "files": lambda: print_files(STUDIES),
        "bytes": lambda: print_bytes(PAPER),
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=parts, help="by default all")
    parser.add_argument(
        "--finished", type=Path, default=ROOT, help="folder of a finished study; by default this"
    )
    options = parser.parse_args()
    for name, part in parts.items():
        if options.part in (None, name):
            part()
    if options.part in (None, "bytes") and (options.finished / paths.CONFIG).is_file():
        print_finished(options.finished)


if __name__ == "__main__":
    main()
