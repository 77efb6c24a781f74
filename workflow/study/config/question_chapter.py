"""What chapters that train decoders on generated questions have in common."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field, ValidationError, model_validator

from study import paths
from study.config.base import Once, Settings
from study.config.questions import Count, QuestionData
from study.config.training import TrainingChanges

Rates = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=2), Once]


class QuestionRecording(Settings):
    """What a run records of its questions."""

    evaluations: Annotated[int, Field(ge=2)] = 10
    """Evenly spaced epochs after which all recorded questions are answered."""
    early: Annotated[float, Field(gt=0, le=1)] = 0.2
    """The early reading, as a fraction of the evaluations, rounded up."""
    train_examples: Count | None = 2000
    """Training questions that are recorded, whole contexts from the first; null: all."""
    trajectory_seeds: Annotated[int, Field(ge=0)] | None = 0
    """So many seeds of each model keep their `trajectory.parquet`; null: all."""
    keep_model: bool = False
    """Keep the model as a folder that the transformers library opens."""
    load_balance: Annotated[float, Field(ge=0)] = 0.01
    """Weight of the load-balance loss of routers."""
    z_loss: Annotated[float, Field(ge=0)] = 0.001
    """Weight of the z-loss of routers."""

    def keeps_trajectory(self, seed: int) -> bool:
        """Whether the run with this seed keeps its trajectory."""
        return self.trajectory_seeds is None or seed < self.trajectory_seeds

    def for_tuning(self) -> "QuestionRecording":
        """What the runs record that choose a learning rate: as little as there is."""
        return self.model_copy(update={"evaluations": 2, "trajectory_seeds": 0, "keep_model": False})

    def files(self, seed: int) -> list[str]:
        """The files of a run."""
        more = [paths.TRAJECTORY] if self.keeps_trajectory(seed) else []
        return [*paths.RUN_FILES, paths.ANSWERS, *more, *(paths.MODEL_FILES if self.keep_model else ())]


class TaskSettings(Settings):
    """What every task has."""

    measure: ClassVar[str] = "exact"  # the column of answers that its accuracy is the mean of
    measured_on: ClassVar[str] = "test"  # questions: those trained on where they are to be memorised
    training: TrainingChanges = TrainingChanges()
    """What this task changes in the chapter's `training`; a model's own changes go before it."""
    learning_rates: Rates | None = None
    """Learning rates that every model tries on this task; null: those of the chapter."""

    @property
    def all_models(self) -> list[str]:
        """The models that learn any of its data sets, each once."""
        return list(dict.fromkeys(model for name in self.made() for model in self.models_on(name)))


class QuestionChapter(Settings):
    """A chapter of tasks, each with data sets of its own and the models that learn them."""

    training: TrainingChanges = TrainingChanges()
    """What this chapter changes in the study's `training`; its tasks may change more."""
    seeds: Annotated[int, Field(ge=3)] = 5
    """Runs of each model on each data set: seeds 0, 1, 2, ..."""
    seeds_per_job: Annotated[int, Field(ge=1)] = 5
    """Seeds that one job trains one after the other."""
    learning_rates: Rates = [0.003, 0.01, 0.03]
    """Rates that every model tries on each task, on data of their own; the best one trains all its runs."""
    weight_decays: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1), Once] = [0.0]
    """Weight decays: the first one is tried with every rate, the others with the best rate."""
    tuning_seeds: Annotated[int, Field(ge=1)] = 1
    """Runs of each rate and weight decay."""
    recording: QuestionRecording = QuestionRecording()
    """What a run records of its questions."""

    families: ClassVar[Mapping] = {}  # of variant runs
    user_scores: ClassVar[Mapping] = {}

    @property
    def tasks(self) -> dict[str, TaskSettings]:
        """The tasks that there are, by the name of their tuning."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _data_can_be_made(self) -> "QuestionChapter":
        for name, task in self.tasks.items():
            try:
                task.made()
            except ValidationError as error:
                words = "; ".join(entry["msg"].removeprefix("Value error, ") for entry in error.errors())
                raise ValueError(f"{name.replace('-', '_')}: {words}") from None
        return self

    @cached_property
    def _of_tasks(self) -> dict[str, tuple[TaskSettings, QuestionData]]:
        """The data sets of all tasks, each with its task: made once, as every run asks for them."""
        return {name: (task, data) for task in self.tasks.values() for name, data in task.made().items()}

    def made(self) -> dict[str, QuestionData]:
        """The data sets of all tasks, by name."""
        return {name: data for name, (_, data) in self._of_tasks.items()}

    @property
    def datasets(self) -> list[str]:
        """Their names."""
        return list(self._of_tasks)

    def rates_of(self, task: TaskSettings) -> list[float]:
        """The learning rates that are tried on a task."""
        return task.learning_rates or self.learning_rates

    def task_of(self, dataset: str) -> TaskSettings:
        """The task that a data set belongs to."""
        return self._of_tasks[dataset][0]

    def models_on(self, dataset: str) -> list[str]:
        """The models that are trained on a data set."""
        return self.task_of(dataset).models_on(dataset)

    @property
    def models(self) -> list[str]:
        """All models of the chapter, each once."""
        return list(dict.fromkeys(model for name in self.datasets for model in self.models_on(name)))
