"""Files and bytes of results as tables, for scale.py: planned, predicted, and measured on a tenth."""

import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import sizes
from simulated_runs import scored_run, variant_run
from timing import ROOT, run

from study import paths
from study.config import StudySettings
from study.config.files import read
from study.config.runs import RunSettings
from study.config.study import CHAPTERS
from study.kinds import CORPUS
from study.results import files_below

KINDS = {
    "image": "images",
    "text": "texts",
    "question": "questions",
    "corpus": "corpora",
    "parts": "parts of a training set",
}


def planned_files(study: str) -> list[str]:
    """Every file that a study's plan makes, but for logs."""
    with tempfile.TemporaryDirectory() as folder:
        done = run("snakemake.cli", "--summary", "--configfile", study, "--directory", folder)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [row[0] for row in rows if len(row) == 6 and row[0] != "output_file"]


def place_of(path: str) -> tuple[str, str]:
    """Of a result its chapter, and what it is of there; `study`: of no chapter."""
    top, _, rest = path.removeprefix(f"{paths.RESULTS}/").partition("/")
    if top == "data":
        return "study", "data sets"
    if top not in CHAPTERS:
        return "study", "figures" if top == "figures" else "tables"
    if "/seed=" in path or "/repeat=" in path:
        return top, "runs"
    kind = rest.partition("/")[0]
    return top, kind if kind in ("figures", "tables") else "analyses"


def print_files(files: tuple[str, ...]) -> None:
    """For each study a table: what each chapter plans, and what is predicted of its runs."""
    bounds = f"{sizes.OF_PAIR} a model on a data set, {sizes.OF_REPEAT} a repeat of `selection`, 4 a figure"
    print(f"\nFiles: those of a run are predicted one by one; beside them at most {bounds} and a data set,")
    print(f"{sizes.TABLES} tables a chapter and {sizes.OF_STUDY} of the study.")
    print("Snakemake keeps a record of each file, and every job has two logs.")
    for file in files:
        study, counted = read([ROOT / file]), Counter(map(place_of, planned_files(file)))
        runs = sizes.of_runs(study)
        print(f"\n`{file}` plans\n")
        print("| chapter | runs | their files | predicted | models on data | theirs | figures | tables |")
        print("|---|" + 7 * "---:|")
        for chapter in study.chapters:
            of_chapter = [group for (name, _), group in runs.items() if name == chapter]
            count = sum(group.count for group in of_chapter)
            predicted = sum(group.files for group in of_chapter)
            settings = getattr(study, chapter)
            pairs = sum(len(settings.models_on(name)) for name in settings.datasets)
            kinds = ("analyses", "figures", "tables")
            analyses, figures, tables = (counted[chapter, kind] for kind in kinds)
            cells = (count, counted[chapter, "runs"], predicted, pairs, analyses, figures // 4, tables)
            print(f"| {chapter} | {' | '.join(f'{cell:,}' for cell in cells)} |")
        of_data = counted["study", "data sets"]
        told = f"{sum(counted.values()):,} in all, {of_data} of them prepared data"
        print(f"\n{told}; at most {sizes.most_files(study):,} by the configuration.", flush=True)


def written(run: RunSettings, n: int) -> tuple[int, int]:
    """Files and bytes of a run on n examples that is written without training."""
    with tempfile.TemporaryDirectory() as folder:
        write = variant_run if run.variant else scored_run
        write(run, n, sizes.counts_of(run.dataset).classes, Path(folder))
        found = [path.stat().st_size for path in Path(folder).iterdir()]
        return len(found), sum(found)


def print_a_tenth(study: StudySettings) -> None:
    """Bytes of runs, predicted and measured."""
    pruned = next(name.variant for name in study.variant_runs() if name.variant.startswith("clean"))
    cases = {
        "images, with trajectory": (("difficulty", "cifar10", "resnet20", 0), 10),
        "images": (("difficulty", "cifar100", "resnet20", 99), 10),
        "texts": (("influence", "snli", "bert-small", 0), 10),
        "texts, pruned": (("influence", "snli", "bert-small", 0, pruned), 10),
        "images, with trajectory: all examples": (("difficulty", "cifar10", "resnet20", 0), 1),
    }
    print("\nBytes of a run: predicted, and measured on a tenth of the papers' examples, at all epochs.\n")
    print("| run on | examples | epochs | files | predicted | MB | MB predicted | of measured |")
    print("|---|" + 7 * "---:|")
    for name, (which, share) in cases.items():
        settings = study.run(*which)
        counts = sizes.counts_of(settings.dataset)
        n = counts.train // share
        predicted = sizes.of_run(settings, counts._replace(train=n))
        files, size = written(settings, n)
        total = sum(predicted.values())
        cells = (f"{n:,}", settings.training.epochs, files, len(predicted), f"{size / 1e6:.2f}")
        told = f"{total / 1e6:.2f} | {total / size:.2f}"
        print(f"| {name} | {' | '.join(map(str, cells))} | {told} |", flush=True)


def print_finished(folder: Path) -> None:
    """The results of a study whose runs were trained: bytes predicted and found, and those of all else."""
    study, found = read([folder / paths.CONFIG]), defaultdict(list)
    for path in files_below(folder / paths.RESULTS):
        found[place_of(str(path.relative_to(folder)))].append(path.stat().st_size)
    predicted, measured = Counter(), Counter()
    for name in (*study.runs(), *study.variant_runs()):
        run = study.run(*name)
        if run.dataset.kind != CORPUS:
            kind = name.chapter, KINDS["parts" if name.variant else run.dataset.kind]
            files = (folder / paths.run_folder(*name)).iterdir()
            measured[kind] += sum(path.stat().st_size for path in files)
            predicted[kind] += sum(sizes.of_run(run, sizes.counts_of(run.dataset)).values())
    print(f"\nThe finished study `{study.name}`: bytes of its runs, and of all its files.\n")
    print("| runs | MB | MB predicted | of measured |\n|---|---:|---:|---:|")
    for (chapter, kind), size in measured.items():
        told = predicted[chapter, kind]
        print(f"| {chapter}: {kind} | {size / 1e6:.2f} | {told / 1e6:.2f} | {told / size:.2f} |")
    print("\n| chapter | what | files | MB |\n|---|---|---:|---:|")
    for (chapter, what), every in sorted(found.items()):
        print(f"| {chapter} | {what} | {len(every):,} | {sum(every) / 1e6:.1f} |", flush=True)


def print_bytes(file: str) -> None:
    """A tenth, and the results of a whole study."""
    study = read([ROOT / file])
    print_a_tenth(study)
    rows = {
        f"{chapter}: runs on {KINDS[kind]}": group for (chapter, kind), group in sizes.of_runs(study).items()
    }
    for name, found, files in (
        ("scores averaged over runs", sizes.of_averages(study), 1),
        ("prepared data sets", sizes.of_data(study), len(paths.DATA_FILES)),
        ("encoders of the hub", sizes.of_encoders(study), len(paths.ENCODER_FILES)),
    ):
        every = [size for _, size in found]
        rows[name] = sizes.Group(len(every), files * len(every), sum(every))
    print(f"\nPredicted results of `{file}`, without other analyses, tables and figures;")
    print(f"a corpus is taken for {sizes.TOKENS / 1e9:.0f} billion tokens.\n")
    print("| what | how many | files | GB | MB each |\n|---|---:|---:|---:|---:|")
    for name, group in rows.items():
        each = f"{group.size / 1e6 / group.count:,.1f}"
        print(f"| {name} | {group.count:,} | {group.files:,} | {group.size / 1e9:,.1f} | {each} |")
    print(f"\n{sum(group.size for group in rows.values()) / 1e9:,.0f} GB in all.")
