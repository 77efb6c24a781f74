"""Settings of pre-training: corpora, and the decoders that read them."""

from typing import Annotated, ClassVar

from pydantic import Field

from study import paths
from study.config.base import Name, Once, Settings
from study.config.corpus import CorpusData
from study.config.harness import HarnessSettings
from study.config.question_chapter import DecoderRecording, TaskSettings
from study.config.training import TrainingChanges

Choices = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1), Once]


class CorpusRecording(DecoderRecording):
    """What a pre-training records."""

    keep_model: bool = True
    """Keep the model, with its tokenizer, as a folder that the transformers library opens."""

    def files(self, seed: int) -> list[str]:
        """The files of a run."""
        return [*super().files(seed), *(paths.TOKENIZER_FILES if self.keep_model else ())]


class CorpusTask(TaskSettings):
    """One corpus, and the models that learn it."""

    first_tuning_seed: ClassVar[int] = 1000  # runs of their own choose the rate, on the same corpus
    learning_rates: Choices | None = None
    name: Name
    corpus: CorpusData
    models: list[Name]
    recording: CorpusRecording
    seeds: int | None
    processes: int

    @property
    def own_seeds(self) -> int | None:
        """Runs of each model, where it has another number than the chapter."""
        return self.seeds

    @property
    def shared_by(self) -> int:
        """Processes that share a training."""
        return self.processes

    def recorded(self, of_chapter: DecoderRecording) -> CorpusRecording:
        """What its runs record: its own settings."""
        return self.recording

    @property
    def tuning_name(self) -> str:
        """What its choices of learning rates are called."""
        return self.name

    def made(self) -> dict[str, CorpusData]:
        """The corpus, by name."""
        return {self.name: self.corpus}

    def models_on(self, dataset: str) -> list[str]:
        """The models that learn it."""
        return self.models if dataset == self.name else []

    def tuning(self, model: str) -> None:
        """Rates are chosen on the corpus itself, by held-out documents."""
        return None


class PretrainingSettings(Settings):
    """Pre-training: what do dense and mixture models know and work out after reading a corpus?"""

    corpora: Annotated[dict[Name, CorpusData], Field(min_length=1)]
    """Corpora by name; every model reads each of them, and is asked about it."""
    models: Annotated[list[Name], Field(min_length=1), Once]
    """The models."""
    training: TrainingChanges = TrainingChanges()
    """What pre-training changes in the chapter's `training`; `batch_size` counts rows."""
    learning_rates: Choices | None = None
    """Learning rates that every model tries, each in a whole training; a single one is taken untried; null:
    those of the chapter."""
    seeds: Annotated[int, Field(ge=1)] | None = None
    """Runs of each model; null: as many as on the chapter's other tasks."""
    recording: CorpusRecording = CorpusRecording()
    """What a run records."""
    harness: HarnessSettings | None = None
    """Tasks of EleutherAI's lm-evaluation-harness that every run is asked too; null: none."""
    processes: Annotated[int, Field(ge=1)] = 1
    """Processes that share a run, through torch's launcher: one a GPU. They divide `accumulate`."""

    def tasks(self) -> dict[str, CorpusTask]:
        """A task for each corpus."""
        common = {
            "models": self.models,
            "training": self.training,
            "learning_rates": self.learning_rates,
            "recording": self.recording,
            "seeds": self.seeds,
            "processes": self.processes,
        }
        return {name: CorpusTask(name=name, corpus=corpus, **common) for name, corpus in self.corpora.items()}
