"""Settings of the chapter `experts`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from study.config.base import Name, Once
from study.config.pretraining import CorpusTask, PretrainingSettings
from study.config.question_chapter import QuestionChapter, TaskSettings
from study.config.questions import (
    AtlasData,
    BookSettings,
    Count,
    GraphSettings,
    QuestionData,
    ShortestPathData,
)
from study.config.theory import TheorySettings
from study.config.walls import WidthWallSettings

SizeName = Literal["total", "active", "total_without_embeddings", "active_without_embeddings", "operations"]
Sizes = Annotated[list[Count], Field(min_length=1), Once]


class PhoneBookTask(BookSettings, TaskSettings):
    """A phone book, to be learnt by heart: how large a book can a model hold?"""

    tuning_name: ClassVar[str] = "phone-book"
    measured_on = "train"
    books: Annotated[dict[Name, Sizes], Field(min_length=1)]
    """Sizes of the books that each model learns: several around the largest that it can hold, or one."""

    def made(self) -> dict[str, QuestionData]:
        """The data sets, by name."""
        sizes = sorted({size for sizes in self.books.values() for size in sizes})
        return {self.name_of(size): self.data(size) for size in sizes}

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


class ExpertsSettings(QuestionChapter):
    """The chapter `experts`: do more experts buy memory or reasoning?"""

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
    pretraining: PretrainingSettings | None = None
    """Language models: knowledge and reasoning after reading a corpus; null: left out."""

    @model_validator(mode="after")
    def _has_a_task(self) -> "ExpertsSettings":
        if not self.tasks:
            raise ValueError("the chapter needs phone_book, shortest_path, atlas or pretraining")
        return self

    @property
    def tasks(self) -> dict[str, TaskSettings]:
        """The tasks that there are, by the name of their tuning."""
        found = (self.phone_book, self.shortest_path, self.atlas)
        corpora = self.pretraining.tasks() if self.pretraining else {}
        return {task.tuning_name: task for task in found if task is not None} | corpora

    @property
    def question_tasks(self) -> dict[str, TaskSettings]:
        """Those of generated questions."""
        return {name: task for name, task in self.tasks.items() if not isinstance(task, CorpusTask)}
