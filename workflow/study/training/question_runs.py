"""One run of a decoder on questions: what is trained, and what is recorded."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from study import paths
from study.config.runs import RunSettings
from study.config.study import StudySettings
from study.data.dataset import Dataset, Split
from study.data.questions import shortest_path
from study.data.questions.load import HELD_OUT
from study.data.questions.tokens import answered
from study.files import as_written, read_csv, write_csv, write_json, write_parquet
from study.models.counting import size_of, training_operations
from study.models.decoder import Decoder, build
from study.models.routing import Loads, balance, counted_routes
from study.provenance import training_version
from study.seeds import torch_seed
from study.training.checkpoint import Checkpoint
from study.training.contracts import Epoch, key_of
from study.training.jobs import Job
from study.training.loop import train
from study.training.parts import Learning, Part, Pointwise, Presentations, checkpoint_epochs, early_epoch
from study.training.question_evaluation import QuestionEvaluation, answer_scores, generate
from study.training.questions import Packing, Questions, TrainingQuestions
from study.training.recorders import Clock, Recorder
from study.training.records import examples, provenance, resources

_PROCESS = 480  # MB: Python, torch, transformers and their libraries, before any data
_RECORDED = 600  # bytes a question: its id and facts, its scores, and their table


def settled(run: RunSettings, study: StudySettings, root: Path) -> RunSettings:
    """The run's settings with the learning rate and weight decay that were chosen for its model on its task.

    Raises:
        DamagedFile: the file that says what was chosen is damaged.
    """
    task = getattr(study, run.chapter).task_of(run.dataset_name).tuning_name
    path = root / paths.tuning(run.chapter, task, run.model_name)
    tried = read_csv(path)
    with as_written(path):
        chosen = tried[tried["chosen"]].iloc[0]
        changes = {"lr": float(chosen["learning_rate"]), "weight_decay": float(chosen["weight_decay"])}
    return run.model_copy(update={"training": run.training.model_copy(update=changes)})


def estimate_mb(run: RunSettings, data: Dataset, device: torch.device, root: str | Path = ".") -> float:
    """Estimated peak of the process's memory in MB (2^20 bytes).

    The process, and the rows: as they are, packed, and as they are recorded. On the CPU also five numbers a
    parameter, and what a training batch keeps for its backward pass: 16 numbers of the stream and 5 of the
    experts at work a token and layer, attention weights, and three of each logit.
    """
    model = run.model
    rows = 6 * (data.train.inputs.nbytes + data.test.inputs.nbytes)
    rows += _RECORDED * (len(data.train.labels) + len(data.test.labels))
    needed = _PROCESS + rows / 2**20
    if device.type != "cpu":
        return needed
    packing = Packing(first(data.train, _context(data.train)), device)
    length = packing.width
    tokens = max(1, run.training.batch_size // packing.each) * length
    layer = 16 * model.dim + 5 * model.top_k * model.expert_width + model.heads * length
    numbers = tokens * (model.layers * layer + 3 * len(data.classes))
    numbers += 5 * size_of(model, len(data.classes)).total
    return needed + 4 * numbers / 2**20


def _context(split: Split) -> int:
    """Questions about the first context."""
    return int((split.facts["graph"] == 0).sum()) if "graph" in split.facts else 1


def prepare_decoder(run: RunSettings, data: Dataset, device: torch.device) -> Decoder:
    """The run's model, freshly initialised on the device."""
    torch.manual_seed(torch_seed(*key_of(run), "init"))
    return build(run.model, data.train.inputs.shape[1:], len(data.classes)).to(device)


def question_recorder(train: Questions, test: Questions, run: RunSettings) -> Recorder:
    """The recorder of a run, which looks at the questions after evenly spaced epochs.

    Args:
        train, test: the questions that are recorded.
        run: the run.
    """
    key, recording = key_of(run), run.recording
    epochs = checkpoint_epochs(run.training.epochs, recording.evaluations)
    readings = len(epochs)

    def evaluate(epoch: Epoch, model: Decoder, takers: Sequence[Part]) -> QuestionEvaluation:
        return QuestionEvaluation(epoch, model, train, test, key)

    n = len(train)
    parts: list[Part] = [
        Pointwise(n, readings, early_epoch(readings, recording.early)),
        Presentations(n, run.training.epochs),
        Learning(n, readings),
    ]
    return Recorder(evaluate, parts, n, key, epochs, recording.keeps_trajectory(run.seed))


def start_of(run: RunSettings, root: Path) -> str:
    """A digest of what a run starts from beside its settings: nothing."""
    return ""


def trainer(
    run: RunSettings, data: Dataset, device: torch.device, checkpoint_seconds: float, root: Path
) -> Callable[[Job], float]:
    """Trains runs of the model of `run` one by one."""
    return partial(train_one, data, device, checkpoint_seconds)


def train_one(data: Dataset, device: torch.device, checkpoint_seconds: float, job: Job) -> float:
    """Train a run, write its files into `Job.work`, and return the seconds that it took."""
    run, folder = job
    key = key_of(run)
    model = prepare_decoder(run, data, device)
    weights = (run.recording.load_balance, run.recording.z_loss)
    task = TrainingQuestions(
        data.train, len(data.classes), run.training, run.model.top_k, weights, key, device
    )
    recorded = Questions(data.train, device, run.recording.train_examples)
    clock = Clock()
    recorder = question_recorder(recorded, _alike(data.test, device), run)
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", checkpoint_seconds)
    train(model, task, run.training, key, [recorder, clock], checkpoint)
    seconds = clock.seconds()
    asked = (recorded, Questions(data.test, device))
    _write(folder, run, data, device, model, task, asked, recorder, seconds)
    checkpoint.remove()
    return seconds


def _alike(test: Split, device: torch.device) -> Questions:
    """The test questions that are of the kind that is trained on: they stand first."""
    alike = int((test.facts["kind"] == HELD_OUT).sum()) if "kind" in test.facts else None
    return Questions(test, device, alike)


def _write(
    folder: Path,
    run: RunSettings,
    data: Dataset,
    device: torch.device,
    model: Decoder,
    task: TrainingQuestions,
    recorded: tuple[Questions, Questions],
    recorder: Recorder,
    seconds: float,
) -> None:
    """Write all files of a run; only `resources.json` differs between two machines of a kind."""
    history, n = recorder.history(), len(recorded[0])
    with counted_routes(model) as loads:
        answers = pd.concat(
            [
                _answers(part, questions, run, model, device, len(data.classes))
                for part, questions in zip((data.train, data.test), recorded, strict=True)
            ],
            ignore_index=True,
        )
    write_json(folder / "config.json", run.model_dump(mode="json"))
    write_json(folder / "metrics.json", _metrics(run, data, device, task, history.iloc[-1], answers, loads))
    write_csv(folder / "history.csv", history)
    write_parquet(folder / paths.ANSWERS, answers)
    write_parquet(folder / "examples.parquet", examples(first(data.train, n), recorder.columns()))
    if run.recording.keeps_trajectory(run.seed):
        write_parquet(folder / paths.TRAJECTORY, recorder.trajectory())
    if run.recording.keep_model:
        model.save(folder / paths.MODEL_FOLDER)
    presented = run.training.epochs * task.presented
    write_json(folder / "resources.json", resources(presented, device, seconds, of="questions"))


def first(split: Split, n: int) -> Split:
    """The first n questions of a split."""
    arrays = {
        name: getattr(split, name)[:n] for name in ("ids", "contents", "labels", "true_labels", "inputs")
    }
    return Split(**arrays, facts={name: values[:n] for name, values in split.facts.items()})


def _answers(
    split: Split,
    questions: Questions,
    run: RunSettings,
    model: Decoder,
    device: torch.device,
    vocabulary: int,
) -> pd.DataFrame:
    """A row per question: how well its answer is predicted, and, where several are right, what is given."""
    n = len(questions)
    part, scores = first(split, n), answer_scores(model, questions)
    lengths = answered(part.inputs).sum(axis=1)
    table = {
        "example_id": part.ids,
        "split": np.array([name.split(":")[1] for name in part.ids], dtype=np.str_),
        "answer_tokens": lengths.astype(np.int32),
        "bits": scores["loss"] * lengths / np.log(2),
        "exact": scores["accuracy"] == 1,
        "token_accuracy": scores["token_accuracy"],
    }
    table |= {name: values for name, values in part.facts.items() if name != "graph"}
    if run.dataset.family == "shortest_path":
        longest = int(lengths.max(initial=2)) - 1
        given = generate(model, part.inputs, longest, device)
        table |= shortest_path.checked(part.inputs, given, shortest_path.names_in(vocabulary))
    return pd.DataFrame(table)


def _metrics(
    run: RunSettings,
    data: Dataset,
    device: torch.device,
    task: TrainingQuestions,
    last: pd.Series,
    answers: pd.DataFrame,
    loads: Loads,
) -> dict:
    """Final numbers, and what they came from."""
    size, training = size_of(run.model, len(data.classes)), run.training
    return {
        **{
            name: float(last[name]) for name in ("test_accuracy", "test_loss", "train_accuracy", "train_loss")
        },
        "test_bits": float(answers.loc[answers["split"] == "test", "bits"].mean()),
        "train_bits": float(answers.loc[answers["split"] == "train", "bits"].mean()),
        "parameters": size.total,
        **{f"parameters_{name}": getattr(size, name) for name in ("active", "router", "embedding")},
        "training_operations": training_operations(size, task.tokens * training.epochs),
        "loads": [counts.tolist() for counts in loads.received],
        "balance": [round(balance(counts), 6) for counts in loads.received],
        "dropped_tokens": sum(loads.sent) - sum(int(counts.sum()) for counts in loads.received),
        "train_examples": len(data.train.labels),
        "test_examples": len(data.test.labels),
        "epochs": training.epochs,
        "steps": training.epochs * task.steps,
        "provenance": provenance(
            run, data, device, training_version(run.dataset.kind, run.model.architecture)
        ),
    }
