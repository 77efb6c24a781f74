"""Settings of one run: everything that its numbers depend on."""

from typing import Literal

from study.config.architectures import ModelSettings
from study.config.base import Name, Settings
from study.config.datasets import DatasetSettings
from study.config.difficulty import RecordingSettings
from study.config.influence import TextRecording
from study.config.question_chapter import QuestionRecording
from study.config.questions import AnyQuestions
from study.config.training import TrainingSettings
from study.config.variants import Variant


class RunSettings(Settings):
    """One training with one seed, resolved: this is what `config.json` in a run's folder holds."""

    chapter: Name
    """The chapter that the run belongs to."""
    dataset_name: Name
    """Name of the data set."""
    dataset: DatasetSettings | AnyQuestions
    """The data set."""
    model_name: Name
    """Name of the model."""
    model: ModelSettings
    """The model."""
    variant_name: Name | None = None
    """Name of the variant, where the run trains on a part of the training set."""
    variant: Variant | None = None
    """Which part."""
    training: TrainingSettings
    """Training, with the model's own changes in place."""
    recording: RecordingSettings | QuestionRecording | TextRecording
    """What the run records."""
    encoder: str | None = None
    """Folder of the encoder that the run starts from, where it starts from one."""
    study_seed: int
    """Seed of the study."""
    seed: int
    """Seed of the run."""
    device: Literal["cpu", "cuda", "auto"]
    """Where it trains."""
    threads: int
    """Threads of the job."""
