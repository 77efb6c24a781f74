"""Settings of generated questions: one class per family, told apart by the key `family`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from study import counts
from study.config.base import Settings
from study.config.sizes import check_books, check_graphs, check_rows, check_walks
from study.kinds import QUESTION

Count = Annotated[int, Field(ge=1)]
Probability = Annotated[float, Field(gt=0, lt=1)]
Weights = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1, max_length=12)]


class QuestionData(Settings):
    """What all generated questions have in common with data sets of images."""

    licence: ClassVar[str] = "made here, free to use"
    without: ClassVar[list[str]] = []
    label_noise: ClassVar[float] = 0.0
    kind: ClassVar[str] = QUESTION
    source: Literal["generated"] = "generated"
    """Where they come from."""


class PhoneBookData(QuestionData):
    """Names and numbers, to be learnt by heart."""

    family: Literal["phone_book"] = "phone_book"
    """What is asked."""
    entries: Count
    """Entries of the book."""
    strangers: Count
    """Names that are not in it: what is right about their numbers is luck."""
    letters: Annotated[int, Field(ge=1, le=13)]
    """Letters of a name."""
    digits: Count
    """Digits of a number."""

    @property
    def longest_row(self) -> int:
        """Tokens of a question with its answer: QUERY, a name, ANSWER, a number, END."""
        return self.letters + self.digits + 3

    @model_validator(mode="after")
    def _names_suffice(self) -> "PhoneBookData":
        check_books(self.entries + self.strangers, self.letters)
        return self


class BookSettings(Settings):
    """Names and numbers of a phone book."""

    letters: Count = 3
    """Letters of a name."""
    digits: Count = 4
    """Digits of a number."""
    strangers: Count = 64
    """Names that are not in the book: what is right about their numbers is luck."""

    def data(self, entries: int) -> PhoneBookData:
        """A book of some size."""
        return PhoneBookData(
            entries=entries, strangers=self.strangers, letters=self.letters, digits=self.digits
        )


class GraphSettings(Settings):
    """Random graphs, and what is asked about them."""

    vertices: Annotated[int, Field(ge=2, le=250)] = 8
    """Vertices of a graph."""
    edge_probability: Probability = 0.4
    """Chance of each pair of vertices to be joined."""
    hop_weights: Weights = [0.3, 1.0, 3.0]
    """How often paths of 1, 2, 3, ... edges are asked for, where a source has them, as relative weights."""


class ShortestPathData(QuestionData, GraphSettings):
    """Shortest paths in random graphs."""

    family: Literal["shortest_path"] = "shortest_path"
    """What is asked."""
    graphs: Count
    """Graphs to train on."""
    held_out: Count
    """Other graphs to test on."""
    queries: Count
    """Questions about each graph."""
    elsewhere: dict[str, GraphSettings] = {}
    """Graphs of other kinds to test on, as many, by a name for each kind."""

    @property
    def longest_row(self) -> int:
        """Tokens of the longest question with its answer, of all kinds of graphs."""
        return max(
            counts.longest_path_row(kind.vertices, kind.edge_probability, len(kind.hop_weights))
            for kind in (self, *self.elsewhere.values())
        )

    @model_validator(mode="after")
    def _there_are_so_many(self) -> "ShortestPathData":
        kinds = [self, *self.elsewhere.values()]
        check_graphs(self.graphs + self.held_out, self.vertices)
        for kind in self.elsewhere.values():
            check_graphs(self.held_out, kind.vertices)
        rows = (self.graphs + self.held_out * len(kinds)) * self.queries
        names = max(kind.vertices for kind in kinds)
        check_rows(rows, self.longest_row, names + counts.edges(names))
        return self


class AtlasData(QuestionData):
    """A fixed map, to be learnt by heart and searched."""

    family: Literal["atlas"] = "atlas"
    """What is asked."""
    vertices: Annotated[int, Field(ge=2, le=30000)]
    """Vertices of the map."""
    roads: Annotated[int, Field(ge=1, le=100)]
    """Kinds of road: each vertex has one of each."""
    asked: Annotated[list[Count], Field(min_length=1)]
    """Questions of 2, 3, ... hops to train on, beside all facts."""
    held_out: Annotated[list[Count], Field(min_length=1)]
    """Questions of 2, 3, ... hops to test on."""
    show_steps: bool
    """Whether answers name every vertex of the walk, not its end alone."""

    @property
    def longest_row(self) -> int:
        """Tokens of the longest question with its answer."""
        return counts.longest_walk_row(1 + len(self.asked), self.show_steps)

    @model_validator(mode="after")
    def _there_are_so_many(self) -> "AtlasData":
        if len(self.asked) != len(self.held_out):
            raise ValueError("asked and held_out name as many lengths")
        check_walks(self.asked, self.held_out, self.vertices, self.roads)
        return self


AnyQuestions = Annotated[PhoneBookData | ShortestPathData | AtlasData, Field(discriminator="family")]
