"""Settings of the models of depth 1 that are trained on length-2 paths."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from study import counts
from study.config.base import Once, Settings
from study.config.training import TrainingChanges

Vertices = Annotated[int, Field(ge=8, le=40, multiple_of=4)]
Initial = Literal["learned", "one_hot"]


class Arm(NamedTuple):
    """A model of depth 1, but for the number of its experts: how wide it is, and how it starts."""

    width: int
    initial: Initial

    @property
    def one_hot(self) -> bool:
        """Whether it starts with the embedding of the dense construction."""
        return self.initial == "one_hot"


class WidthWallSettings(Settings):
    """How wide must a model of depth 1 be to learn length-2 paths, and do experts help?"""

    vertices: Annotated[list[Vertices], Field(min_length=2), Once] = [12, 16]
    """Vertices of the graphs; source and target have a quarter of them as neighbours."""
    widths: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=2), Once] = [
        *(5, 6, 7, 9, 11, 13, 16),
    ]
    """Widths of the models: the same for all graphs, since multiples of |V| would move the wall along."""
    experts: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=2), Once] = [1, 4, 16]
    """Numbers of experts, of which one works for a question."""
    one_hot: Annotated[list[Vertices], Once] = [12, 16, 28]
    """Vertices for which dense models of that width are also started with the construction's embedding."""
    hidden: Annotated[int, Field(ge=1)] = 256
    """Width of each expert's hidden layer."""
    questions: Annotated[int, Field(ge=10)] = 50000
    """Different questions to train on, at most; never more than four fifths of those that there are."""
    held_out: Annotated[int, Field(ge=10)] = 2000
    """Others to test on, at most; never more than a fifth."""
    steps: Annotated[int, Field(ge=1)] = 500
    """Updates of a run; rounded up to whole epochs of 50."""
    learning_rates: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=2), Once] = [0.01, 0.02]
    """Rates that every arm tries."""
    seeds: Annotated[int, Field(ge=3)] = 5
    """Runs of every arm."""
    training: TrainingChanges = TrainingChanges(batch_size=512)
    """What is changed in the chapter's `training`."""

    @model_validator(mode="after")
    def _dense_comes_first(self) -> "WidthWallSettings":
        if 1 not in self.experts:
            raise ValueError("experts: 1, the dense model, has to be among them")
        return self

    def questions_of(self, vertices: int) -> tuple[int, int]:
        """Questions to train on and to test on, for graphs of so many vertices."""
        there = 2 * min(counts.length_two_paths(vertices))
        return min(self.questions, 4 * there // 5), min(self.held_out, there // 5)

    def jobs(self) -> list[tuple[int, int]]:
        """The vertices and experts that one job trains all arms of."""
        more = [(n, 1) for n in self.one_hot if n not in self.vertices]
        return [(n, k) for n in self.vertices for k in self.experts] + more

    def arms(self, vertices: int, experts: int) -> list[Arm]:
        """The models of a job."""
        widths = set(self.widths) if vertices in self.vertices else set()
        both = experts == 1 and vertices in self.one_hot
        arms = [Arm(width, "learned") for width in sorted(widths | ({vertices} if both else set()))]
        return [*arms, Arm(vertices, "one_hot")] if both else arms
