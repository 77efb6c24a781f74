"""One run of a decoder on a corpus: pre-training, and what it knows and can do afterwards."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from study import paths
from study.config.runs import RunSettings
from study.data.corpus.answers import SCORERS
from study.data.corpus.store import Corpus
from study.data.corpus.tokens import PAD
from study.files import end_lines, write_csv, write_json, write_parquet
from study.models.counting import size_of, training_operations
from study.models.decoder import Decoder, build
from study.models.routing import Loads, balance, counted_routes
from study.provenance import training_version
from study.seeds import generator, torch_seed
from study.training.checkpoint import Checkpoint
from study.training.contracts import key_of
from study.training.corpora import Judged, TrainingRows
from study.training.corpus_questions import CorpusQuestions
from study.training.corpus_recorder import CorpusRecorder
from study.training.gradients import InParts
from study.training.jobs import Job
from study.training.loop import train
from study.training.parts import checkpoint_epochs, early_epoch
from study.training.processes import Processes, join, writes
from study.training.question_evaluation import answer_scores
from study.training.question_runs import settled, start_of
from study.training.recorders import Clock
from study.training.records import provenance, resources

__all__ = ["estimate_mb", "settled", "start_of", "trainer"]

_PROCESS = 480  # MB: Python, torch, transformers and their libraries, before any data
_STEPS = 250  # of a segment, at most: so much of a training is repeated where its state could be saved


def estimate_mb(run: RunSettings, data: Corpus, device: torch.device, root: str | Path = ".") -> float:
    """Estimated peak of the process's memory in MB (2^20 bytes).

    The process; what is known of each document, thrice; and on the CPU five numbers a parameter, and what a
    part of a minibatch keeps for its backward pass: 16 numbers of the stream and 5 of the experts at work a
    token and layer, attention weights, and three of each logit. Tokens are mapped, not read.
    """
    model, training = run.model, run.training
    needed = _PROCESS + 3 * 8 * len(data.train.ends) / 2**20
    if device.type != "cpu":
        return needed
    tokens = -(-training.batch_size // training.accumulate) * data.row
    layer = 16 * model.dim + 5 * model.top_k * model.expert_width + model.heads * data.row
    numbers = tokens * (model.layers * layer + 3 * data.vocabulary)
    return needed + 4 * (numbers + 5 * size_of(model, data.vocabulary).total) / 2**20


def trainer(
    run: RunSettings, data: Corpus, device: torch.device, checkpoint_seconds: float, root: Path
) -> Callable[[Job], float]:
    """Trains runs of the model of `run` one by one."""
    return partial(train_one, data, device, checkpoint_seconds)


def train_one(data: Corpus, device: torch.device, checkpoint_seconds: float, job: Job) -> float:
    """Pre-train, write the run's files into `Job.work`, and return the seconds that it took.

    Of several processes that share the training the first one writes.
    """
    processes = join(job.run.processes, device)
    return _Pretraining(data, device, job.run).run(job.work, checkpoint_seconds, processes)


class _Pretraining:
    """The parts of one training."""

    def __init__(self, data: Corpus, device: torch.device, run: RunSettings) -> None:
        self._data, self._device, self._run, self._key = data, device, run, key_of(run)
        torch.manual_seed(torch_seed(*self._key, "init"))
        self._model = build(run.model, (data.row,), data.vocabulary).to(device)
        recording, training = run.recording, run.training
        total = training.epochs * max(1, len(data.train.tokens) // data.row // training.batch_size)
        segments = max(recording.evaluations, -(-total // _STEPS))
        self._task = TrainingRows(
            data.train,
            data.vocabulary,
            data.row,
            training,
            segments,
            run.model.top_k,
            (recording.load_balance, recording.z_loss),
            self._key,
            device,
        )
        self._segments = segments
        self._questions = CorpusQuestions(data, device)

    def run(self, folder: Path, checkpoint_seconds: float, processes: Processes) -> float:
        run, task, clock = self._run, self._task, Clock()
        readings = checkpoint_epochs(self._segments, run.recording.evaluations)
        tokens = task.steps * task.tokens_of_step
        early = early_epoch(len(readings), run.recording.early)
        recorder = CorpusRecorder(
            self._data, self._questions, self._judged(), readings, early, tokens, self._key
        )
        # Only the first process saves; all go on from what it saved.
        checkpoint = Checkpoint(folder / "checkpoint.safetensors", checkpoint_seconds if writes() else np.inf)
        observers = [recorder, clock] if writes() else []
        settings = run.training.model_copy(update={"epochs": self._segments})
        gradients = InParts(self._model, run.training.precision, processes)
        processes.wait()
        train(self._model, task, settings, self._key, observers, checkpoint, gradients)
        if writes():
            self._write(folder, recorder, clock.seconds())
            checkpoint.remove()
        processes.wait()
        return clock.seconds()

    def _judged(self) -> tuple[Judged, Judged]:
        """Documents to train on, drawn at random, and as many held-out ones: all that there are."""
        train, held_out = self._data.train, self._data.held_out
        drawn = generator(*self._key, "judged").permutation(len(train.ends))[: len(held_out.ends)]
        how = (self._data.row, self._run.training.batch_size, self._device)
        return Judged(train, drawn, *how), Judged(held_out, np.arange(len(held_out.ends)), *how)

    def _write(self, folder: Path, recorder: CorpusRecorder, seconds: float) -> None:
        """All files of the run; only `resources.json` differs between two machines of a kind."""
        history = recorder.history()
        with counted_routes(self._model) as loads:
            answers = self._answers()
        run = self._run
        write_json(folder / "config.json", run.model_dump(mode="json"))
        write_json(folder / "metrics.json", self._metrics(history.iloc[-1], answers, loads))
        write_csv(folder / "history.csv", history)
        write_parquet(folder / paths.ANSWERS, answers)
        asked = self._data.questions
        identity = {
            "example_id": asked["example_id"],
            "content": asked["content"],
            "label": self._questions.first_tokens.astype(np.int32),
        }
        write_parquet(folder / "examples.parquet", pd.DataFrame(identity | _narrow(recorder.columns())))
        if run.recording.keep_model:
            save_model(self._model, self._data, folder / paths.MODEL_FOLDER)
        presented = self._segments * self._task.steps * run.training.batch_size
        write_json(folder / "resources.json", resources(presented, self._device, seconds, of="rows"))

    def _answers(self) -> pd.DataFrame:
        """A row per question: how well its answer is predicted, what is given, and what that is worth."""
        asked = self._data.questions
        scores, tokens = answer_scores(self._model, self._questions, end=None), self._questions.answer_tokens
        given = self._questions.answers_of(self._model)
        measured = zip(asked["measure"], given, asked["answers"], strict=True)
        return asked[["example_id", "task", "kind", "category", "measure", "trained"]].assign(
            answer_tokens=tokens,
            bits=scores["loss"] * tokens / np.log(2),
            exact=scores["accuracy"] == 1,
            token_accuracy=scores["token_accuracy"],
            given=given,
            value=[float(SCORERS[measure](text, list(right))) for measure, text, right in measured],
        )

    def _metrics(self, last: pd.Series, answers: pd.DataFrame, loads: Loads) -> dict:
        """Final numbers, and what they came from."""
        run, data = self._run, self._data
        size = size_of(run.model, data.vocabulary)
        steps = self._segments * self._task.steps
        tokens = steps * self._task.tokens_of_step
        names = ("test_accuracy", "test_loss", "train_accuracy", "train_loss")
        return {
            **{name: float(last[name]) for name in names},
            "test_perplexity": float(np.exp(last["test_loss"])),
            **{name: float(last[name]) for name in last.index if name.startswith(("loss_", "exact_"))},
            "bits": float(answers["bits"].mean()),
            "parameters": size.total,
            **{f"parameters_{name}": getattr(size, name) for name in ("active", "router", "embedding")},
            "training_tokens": tokens,
            "training_operations": training_operations(size, tokens),
            "loads": [counts.tolist() for counts in loads.received],
            "balance": [round(balance(counts), 6) for counts in loads.received],
            "dropped_tokens": sum(loads.sent) - sum(int(counts.sum()) for counts in loads.received),
            "train_examples": len(data.train.ends),
            "test_examples": len(data.held_out.ends),
            "epochs": run.training.epochs,
            "steps": steps,
            "provenance": provenance(
                run, data, self._device, training_version(run.dataset.kind, run.model.architecture)
            ),
        }


def save_model(model: Decoder, data: Corpus, folder: Path) -> None:
    """Write a folder that transformers' `AutoModelForCausalLM` and `AutoTokenizer` open."""
    tokenizer = Tokenizer.from_str(data.tokenizer)
    end = tokenizer.id_to_token(data.end)
    padding = PAD if tokenizer.token_to_id(PAD) is not None else end
    model.network.config.eos_token_id = model.network.generation_config.eos_token_id = data.end
    model.save(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=end,
        pad_token=padding,
        model_max_length=model.network.config.max_position_embeddings,
    ).save_pretrained(folder)
    end_lines(folder)


def _narrow(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name: values.astype(np.int32) if values.dtype == np.int64 else values
        for name, values in columns.items()
    }
