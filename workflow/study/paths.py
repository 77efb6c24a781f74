"""Every file name of the study, once. Paths are relative to the folder in which the study runs.

All functions take plain words or Snakemake wildcards ("{dataset}"), and return strings.
"""

RESULTS = "results"
WORK = "work"
LOGS = "logs"
INDEX = f"{RESULTS}/index.csv"
INDEX_IN_WORDS = f"{RESULTS}/index.rst"
REPORT = f"{RESULTS}/report.html"
CLAIMS = f"{RESULTS}/claims.csv"
OWNER = f"{RESULTS}/study.json"
CONFIG = f"{RESULTS}/config.yaml"
MANIFEST = f"{RESULTS}/manifest.csv"

RUN_FILES = ("config.json", "metrics.json", "resources.json", "history.csv", "examples.parquet")
TRAJECTORY = "trajectory.parquet"
CHECKPOINT = "model.safetensors"
ANSWERS = "answers.parquet"
MODEL_FOLDER = "model"
MODEL_FILES = tuple(
    f"{MODEL_FOLDER}/{name}" for name in ("config.json", "generation_config.json", "model.safetensors")
)
TOKENIZER_FILES = tuple(f"{MODEL_FOLDER}/{name}" for name in ("tokenizer.json", "tokenizer_config.json"))
ENCODER = "encoder"
ENCODER_FILES = tuple(
    f"{ENCODER}/{name}"
    for name in (
        *("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"),
        *("pretraining.csv", "origin.json"),
    )
)
QUESTIONS = "examples.parquet"
HARNESS = "harness.csv"
HARNESS_COMMAND = ".venv-harness/bin/lm_eval"
POOL, CHOSEN, UNDERSTOOD = "pool.parquet", "chosen.parquet", "understood.parquet"
POOLS = "pools.csv"
DATA_FILES = ("arrays.safetensors", "examples.parquet", "card.json", "card.html")


def data_folder(dataset: str) -> str:
    """A prepared data set: its arrays, its index of examples and its card."""
    return f"{RESULTS}/data/{dataset}"


def dataset_folder(chapter: str, dataset: str) -> str:
    """All results of a chapter for one data set."""
    return f"{RESULTS}/{chapter}/{dataset}"


def model_folder(chapter: str, dataset: str, model: str) -> str:
    """All runs of one model on one data set."""
    return f"{dataset_folder(chapter, dataset)}/{model}"


def run_folder(chapter: str, dataset: str, model: str, seed: int | str, variant: str | None = None) -> str:
    """One run: one training with one seed; of a variant, in the variant's own folder."""
    place = model_folder(chapter, dataset, model)
    return f"{place}/{variant}/seed={seed}" if variant else f"{place}/seed={seed}"


def batch(chapter: str, dataset: str, model: str, seeds: list[int]) -> str:
    """What one job's trainings are called where logs name them."""
    return f"{model_folder(chapter, dataset, model)}/seeds={seeds[0]}-{seeds[-1]}"


def variant_batch(chapter: str, dataset: str, model: str, jobs: str, part: int) -> str:
    """What one job's trainings on parts of a training set are called where logs name them."""
    return f"{model_folder(chapter, dataset, model)}/{jobs}={part}"


def scores(chapter: str, dataset: str, model: str) -> str:
    """Scores of one model over its runs: mean, std, n and rank error of each example."""
    return f"{model_folder(chapter, dataset, model)}/scores.parquet"


def over_runs(chapter: str, dataset: str, model: str) -> str:
    """Scores that have one value per example over all runs of a model."""
    return f"{model_folder(chapter, dataset, model)}/over_runs.parquet"


def consensus_depth(chapter: str, dataset: str, model: str) -> str:
    """Prediction depth of one model towards the consensus of its runs."""
    return f"{model_folder(chapter, dataset, model)}/consensus_depth.parquet"


def scores_all(chapter: str, dataset: str) -> str:
    """All scores of all models of a data set, a row per example."""
    return f"{dataset_folder(chapter, dataset)}/scores_all.parquet"


def model_analysis(chapter: str, dataset: str, model: str, name: str) -> str:
    """A result for one model on one data set; `name` has its ending."""
    return f"{model_folder(chapter, dataset, model)}/analysis/{name}"


def analysis(chapter: str, dataset: str, name: str) -> str:
    """A result for one data set; `name` has its ending."""
    return f"{dataset_folder(chapter, dataset)}/analysis/{name}"


def dataset_of(path: str) -> str:
    """The data set of an analysis file."""
    return path.split("/")[2]


def rankings(chapter: str, dataset: str, model: str) -> str:
    """Every score of an encoder on a data set, averaged over its runs, as pruning reads it."""
    return f"{model_folder(chapter, dataset, model)}/rankings.parquet"


def ranked(chapter: str, dataset: str, model: str) -> str:
    """The training texts from the hardest to the easiest, with their scores."""
    return f"{model_folder(chapter, dataset, model)}/ranked.csv"


def understanding(chapter: str, dataset: str, sampling: str) -> str:
    """What models that trained on a sample of utterances take test utterances to mean."""
    return f"{dataset_folder(chapter, dataset)}/understanding/{sampling}.parquet"


def encoder(chapter: str, dataset: str, model: str) -> str:
    """The folder of a model's encoder, as all its runs on a data set start from it."""
    return f"{model_folder(chapter, dataset, model)}/{ENCODER}"


def encoder_files(chapter: str, dataset: str, model: str) -> list[str]:
    """All that is in it."""
    return [f"{model_folder(chapter, dataset, model)}/{name}" for name in ENCODER_FILES]


def common_encoder(chapter: str, model: str) -> str:
    """The folder of an encoder that all data sets of a chapter share."""
    return f"{RESULTS}/{chapter}/{model}/{ENCODER}"


def common_encoder_files(chapter: str, model: str) -> list[str]:
    """All that is in it."""
    return [f"{RESULTS}/{chapter}/{model}/{name}" for name in ENCODER_FILES]


def added(dataset: str, repeat: int | str, name: str) -> str:
    """A file of one repeat of adding utterances: the pool, what was chosen, or what models understood."""
    return f"{dataset_folder('selection', dataset)}/repeat={repeat}/{name}"


def grid(dataset: str, repeat: int | str, name: str) -> str:
    """The same of one repeat at all settings of the grid."""
    return f"{dataset_folder('selection', dataset)}/grid/repeat={repeat}/{name}"


def tuning(chapter: str, task: str, model: str) -> str:
    """How each learning rate did for a model on a task, and which one was chosen."""
    return f"{RESULTS}/{chapter}/tuning/{task}/{model}.csv"


def wall(vertices: int | str, experts: int | str) -> str:
    """Models of depth 1 with so many experts, trained on length-2 paths in graphs of so many vertices."""
    return f"{RESULTS}/experts/walls/{vertices}-vertices-{experts}-experts.csv"


def chapter_figure(chapter: str, name: str, ending: str) -> str:
    """A figure of a chapter over its data sets: pdf, png, csv (the plotted points) or rst (the caption)."""
    return f"{RESULTS}/{chapter}/figures/{name}.{ending}"


def table(chapter: str, name: str) -> str:
    """A table of a chapter, over its data sets."""
    return f"{RESULTS}/{chapter}/tables/{name}.csv"


def figure(chapter: str, dataset: str, name: str, ending: str) -> str:
    """A figure of a chapter for one data set: pdf, png, csv (the plotted points) or rst (the caption)."""
    return f"{RESULTS}/{chapter}/figures/{dataset}/{name}.{ending}"


def study_figure(name: str, ending: str) -> str:
    """A figure of the whole study."""
    return f"{RESULTS}/figures/{name}.{ending}"


def log(path: str) -> str:
    """The log beside which a result stands: the same path under logs/."""
    return f"{LOGS}/{path.removeprefix(RESULTS + '/')}.log"


def benchmark(path: str) -> str:
    """Seconds and memory of the job that made a result: the same path under logs/."""
    return f"{LOGS}/{path.removeprefix(RESULTS + '/')}.benchmark.tsv"
