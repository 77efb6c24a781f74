"""Settings of variant runs of encoders: without texts, without a fold, watched often, or pruned."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from study.config.base import Name, Once, Settings

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Arm = Literal["easy", "hard"]


class NullVariant(Settings):
    """A run on empty texts, which learns how frequent labels are."""

    family: Literal["null"]


class FoldVariant(Settings):
    """A run without one fold of the training set."""

    family: Literal["folds"]
    fold: int
    """The one that is left out, from 0."""
    folds: int
    """How many there are."""


class CadenceVariant(Settings):
    """A run that looks at all training examples many times an epoch."""

    family: Literal["cadence"]
    evaluations: int
    """Times an epoch."""
    every: int
    """The slow cadence counts one in so many of them."""


class PrunedVariant(Settings):
    """A run on what is left when examples are pruned."""

    family: Literal["pruned"]
    arm: Literal["full", "random", "easy", "hard"]
    """What is pruned: nothing, random examples, the easiest or the hardest."""
    fraction: float
    """Share of the examples that is pruned."""
    score: Name | None = None
    """The score that ranks; null where nothing does."""
    source: Literal["run", "average"] | None = None
    """The ranking: of the run with the same seed, or of the mean over all runs."""
    draw: Literal["cut", "gumbel"] | None = None
    """cut: what ranks first goes; gumbel: at random, with chances that rise as e to the z-score."""


class CadenceSettings(Settings):
    """Runs that look at all training examples many times an epoch, for forgetting."""

    seeds: Annotated[int, Field(ge=2)] = 3
    """Runs."""
    epochs: Count = 2
    """Their length."""
    evaluations: Annotated[int, Field(ge=2)] = 20
    """Evaluations of all training examples an epoch, evenly spaced."""
    every: Annotated[int, Field(ge=2)] = 10
    """The slow cadence counts one in so many of them."""


class RankingSettings(Settings):
    """A ranking by which examples are pruned."""

    score: Name
    """The score."""
    of: Literal["run", "average"] = "average"
    """Of the run with the same seed as the training that is pruned, or of the mean over all runs."""
    draw: Literal["cut", "gumbel"] = "cut"
    """cut: prune those that rank first; gumbel: prune at random, with chances that rise as e to the score."""
    arms: Annotated[list[Arm], Field(min_length=1), Once] = ["easy", "hard"]
    """Which end is pruned."""

    @property
    def name(self) -> str:
        """As variants and tables call it."""
        return self.score if self.draw == "cut" else f"{self.score}-{self.draw}"


class PruningPlan(Settings):
    """Trainings on what is left when examples are pruned, against random pruning and against none."""

    datasets: Annotated[list[Name], Field(min_length=1), Once]
    """Data sets, of those of the chapter."""
    models: Annotated[list[Name], Field(min_length=1), Once] | None = None
    """Encoders, of those of the chapter; null: all."""
    rankings: Annotated[list[RankingSettings], Field(min_length=1)]
    """What examples are ranked by."""
    fractions: Annotated[list[Share], Field(min_length=1), Once] = [0.1, 0.5, 0.8]
    """Shares of the examples that are pruned."""
    seeds: Annotated[int, Field(ge=3)] = 5
    """Runs of each: seeds 0, 1, 2, ...; those of one seed share their start and are compared in pairs."""
    runs_per_job: Count = 30
    """Runs that one job trains one after the other; 1 where a run takes minutes."""

    @model_validator(mode="after")
    def _told_apart(self) -> "PruningPlan":
        names = [ranking.name for ranking in self.rankings]
        if len(set(names)) < len(names):
            raise ValueError("two rankings of a plan have the same score and draw")
        percent = [round(100 * fraction) for fraction in self.fractions]
        if len(set(percent)) < len(percent) or not all(percent):
            raise ValueError("fractions are told apart by whole percents from 1 on")
        return self
