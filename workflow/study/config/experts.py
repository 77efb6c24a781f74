"""Settings of the chapter `experts`."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationError, model_validator

from study import paths
from study.config.base import Name, Once, Settings
from study.config.questions import (
    AtlasData,
    Count,
    GraphSettings,
    PhoneBookData,
    QuestionData,
    ShortestPathData,
)
from study.config.theory import TheorySettings
from study.config.training import TrainingChanges
from study.config.walls import WidthWallSettings

SizeName = Literal["total", "active", "total_without_embeddings", "active_without_embeddings", "operations"]
Sizes = Annotated[list[Count], Field(min_length=1), Once]


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


Rates = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=2), Once]


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


class PhoneBookTask(TaskSettings):
    """A phone book, to be learnt by heart: how large a book can a model hold?"""

    tuning_name: ClassVar[str] = "phone-book"
    measured_on = "train"
    letters: Count = 3
    """Letters of a name."""
    digits: Count = 4
    """Digits of a number."""
    strangers: Count = 64
    """Names that are not in the book: what is right about their numbers is luck."""
    books: Annotated[dict[Name, Sizes], Field(min_length=1)]
    """Sizes of the books that each model learns: several around the largest that it can hold, or one."""

    def made(self) -> dict[str, QuestionData]:
        """The data sets, by name."""
        sizes = sorted({size for sizes in self.books.values() for size in sizes})
        return {self.name_of(size): self.data(size) for size in sizes}

    def data(self, entries: int) -> PhoneBookData:
        """A book of some size."""
        return PhoneBookData(
            entries=entries, strangers=self.strangers, letters=self.letters, digits=self.digits
        )

    @staticmethod
    def name_of(entries: int) -> str:
        """The name of a book of some size."""
        return f"phone-book-{entries}"

    def models_on(self, dataset: str) -> list[str]:
        """The models that learn a book."""
        return [name for name, sizes in self.books.items() if dataset in map(self.name_of, sizes)]

    def tuning(self, model: str) -> QuestionData:
        """What a model's learning rate is chosen on: another book, of the model's middle size."""
        sizes = sorted(self.books[model])
        return self.data(sizes[(len(sizes) - 1) // 2])


class OneDataSetTask(TaskSettings):
    """A task with one data set, that all its models learn."""

    data_settings: ClassVar[type[QuestionData]]
    models: Annotated[list[Name], Field(min_length=1), Once]
    """The models."""

    def made(self) -> dict[str, QuestionData]:
        """The data sets, by name."""
        known = self.model_dump(include=set(self.data_settings.model_fields))
        return {self.tuning_name: self.data_settings(**known)}

    def models_on(self, dataset: str) -> list[str]:
        """The models that learn it."""
        return self.models if dataset == self.tuning_name else []


class ShortestPathTask(OneDataSetTask, GraphSettings):
    """Shortest paths in random graphs: search in what the question shows."""

    tuning_name: ClassVar[str] = "shortest-path"
    measure = "optimal"
    data_settings = ShortestPathData
    graphs: Count = 4000
    """Graphs to train on."""
    held_out: Count = 500
    """Other graphs to test on."""
    queries: Count = 16
    """Questions about each graph."""
    elsewhere: dict[Name, GraphSettings] = {}
    """Graphs of other kinds to test on, by a name for each kind."""

    def tuning(self, model: str) -> QuestionData:
        """What learning rates are chosen on: other graphs of the same kind."""
        return self.made()[self.tuning_name]


class AtlasTask(OneDataSetTask):
    """A fixed map, to be learnt by heart and searched: from memory to search, hop by hop."""

    tuning_name: ClassVar[str] = "atlas"
    data_settings = AtlasData
    vertices: Annotated[int, Field(ge=2, le=30000)] = 64
    """Vertices of the map."""
    roads: Annotated[int, Field(ge=1, le=100)] = 4
    """Kinds of road: each vertex has one of each."""
    asked: Annotated[list[Count], Field(min_length=1)] = [600, 1200, 1200]
    """Questions of 2, 3, ... hops to train on, beside all facts."""
    held_out: Annotated[list[Count], Field(min_length=1)] = [300, 300, 300]
    """Questions of 2, 3, ... hops to test on."""
    show_steps: bool = False
    """Whether answers name every vertex of the walk, not its end alone."""

    def tuning(self, model: str) -> QuestionData:
        """What learning rates are chosen on: another map."""
        return self.made()[self.tuning_name]


class ExpertsSettings(Settings):
    """The chapter `experts`: do more experts buy memory or reasoning?"""

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
    ablated: Name | None = None
    """A model whose parts are judged by models that differ from it in one of them alone; null: none is."""
    sizes: Annotated[list[SizeName], Field(min_length=1, max_length=3), Once] = [
        "total_without_embeddings",
        "active_without_embeddings",
    ]
    """What models are drawn against; where there is room for one, the first."""
    theory: TheorySettings = TheorySettings()
    """The theorems: sizes for which they are computed, built and tried."""
    width_wall: WidthWallSettings | None = None
    """Trained models of depth 1 on length-2 paths; null: left out."""
    phone_book: PhoneBookTask | None = None
    """Memory; null: left out."""
    shortest_path: ShortestPathTask | None = None
    """Search; null: left out."""
    atlas: AtlasTask | None = None
    """Between memory and search; null: left out."""

    families: ClassVar[Mapping] = {}  # of variant runs
    user_scores: ClassVar[Mapping] = {}

    @model_validator(mode="after")
    def _has_a_task(self) -> "ExpertsSettings":
        if not self.tasks:
            raise ValueError("the chapter needs phone_book, shortest_path or atlas")
        for name, task in self.tasks.items():
            try:
                task.made()
            except ValidationError as error:
                words = "; ".join(entry["msg"].removeprefix("Value error, ") for entry in error.errors())
                raise ValueError(f"{name.replace('-', '_')}: {words}") from None
        return self

    @property
    def tasks(self) -> dict[str, TaskSettings]:
        """The tasks that there are, by the name of their tuning."""
        found = (self.phone_book, self.shortest_path, self.atlas)
        return {task.tuning_name: task for task in found if task is not None}

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
