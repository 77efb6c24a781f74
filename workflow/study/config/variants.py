"""Settings of variant runs: trainings of a model on parts of the training set."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from study.config.base import Name, Settings
from study.config.text_variants import CadenceVariant, FoldVariant, NullVariant, PrunedVariant


class SubsetVariant(Settings):
    """A run on a random part of every class; over runs all examples are left out equally often."""

    family: Literal["subsets"]
    fraction: float
    """Share of the examples that a run trains on."""


class PruningVariant(Settings):
    """A run on a window of a ranking by difficulty, or on as many random examples."""

    family: Literal["pruning"]
    arm: Literal["window", "stratified"]
    """window: of the whole ranking; stratified: of each class's own ranking."""
    source: Literal["run", "average", "random"]
    """The ranking: of the run with the same seed, of the mean over all runs, or none."""
    score: Name | None
    """The score that ranks; null for random examples."""
    offset: float | None
    """Share of the examples that are easier than the window; null for random examples."""
    width: float
    """Share of the examples that a run trains on."""


Variant = Annotated[
    SubsetVariant | PruningVariant | NullVariant | FoldVariant | CadenceVariant | PrunedVariant,
    Field(discriminator="family"),
]


class Jobs(NamedTuple):
    """How variant runs are cut into jobs; families that give the same are cut as one."""

    name: str  # as rules and logs call them
    runs: int | None  # in each; None: all in one
    ranked: bool  # by scores of the model's ordinary runs, for which they wait


class Trained(NamedTuple):
    """Variants that are trained alike: what each is, by name, and how often."""

    variants: dict[str, Variant]
    seeds: int
    epochs: int | None
    jobs: Jobs


Epochs = Annotated[int, Field(ge=1)] | None


class SubsetSettings(Settings):
    """Trainings on random parts of the training set, for memorization and C-score."""

    datasets: Annotated[list[Name], Field(min_length=1)] | None = None
    """Data sets, of those of the chapter; null: all of them."""
    models: Annotated[list[Name], Field(min_length=1)]
    """Models, of those that the chapter trains on a data set."""
    runs: Annotated[int, Field(ge=4)] = 20
    """Runs of each model."""
    fraction: Annotated[float, Field(gt=0, lt=1)] = 0.7
    """Share of each class that a run trains on. Every example is left out of (1 - fraction) · runs runs."""
    epochs: Epochs = None
    """Passes over the part; null: as many as over the whole training set."""
    runs_per_job: Annotated[int, Field(ge=1)] = 10
    """Runs that one job trains one after the other; 1 where a run takes minutes."""

    @model_validator(mode="after")
    def _in_and_out_twice(self) -> "SubsetSettings":
        shares = {"out of": 1 - self.fraction, "in": self.fraction}
        for words, share in shares.items():
            if round(self.runs * share, 9) < 2:
                raise ValueError(
                    f"{self.runs} runs on {self.fraction:g} of the examples leave each example {words} fewer "
                    "than two runs, and a standard error needs two: raise runs, or change fraction"
                )
        return self

    def trains(self, dataset: str, model: str) -> bool:
        """Whether this model is trained on parts of this data set."""
        return model in self.models and (self.datasets is None or dataset in self.datasets)

    def trained(self) -> Trained:
        """The variants, their runs and how these are cut into jobs."""
        variant = SubsetVariant(family="subsets", fraction=self.fraction)
        jobs = Jobs("subsets", self.runs_per_job, ranked=False)
        return Trained({"subset": variant}, self.runs, self.epochs, jobs)


class PruningSettings(Settings):
    """Trainings on windows of a ranking by difficulty."""

    datasets: Annotated[list[Name], Field(min_length=1)]
    """Data sets, of those of the chapter."""
    model: Name
    """The model that ranks and is trained."""
    score: Name = "el2n_early"
    """The score that ranks."""
    windows: Annotated[int, Field(ge=2, le=50)] = 10
    """Windows, evenly spaced from the easiest to the hardest examples."""
    width: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of the examples in a window."""
    seeds: Annotated[int, Field(ge=3)] = 5
    """Runs of each window: seeds 0, 1, 2, ..."""
    epochs: Epochs = None
    """Length of a run: as many steps as so many epochs of the whole training set; null: `training.epochs`."""
    runs_per_job: Annotated[int, Field(ge=1)] = 40
    """Runs that one job trains one after the other; 1 where a run takes minutes."""

    @model_validator(mode="after")
    def _apart(self) -> "PruningSettings":
        """Windows are named after their starts in percent."""
        starts = [round(100 * offset) for offset in self.offsets()]
        if len(set(starts)) < len(starts):
            raise ValueError(
                f"{self.windows} windows of width {self.width:g} start less than 1 % of the examples apart: "
                "take fewer or narrower ones"
            )
        return self

    def trains(self, dataset: str, model: str) -> bool:
        """Whether this model is trained on windows of this data set."""
        return model == self.model and dataset in self.datasets

    def offsets(self) -> list[float]:
        """Where the windows start: the share of the examples that are easier."""
        step = (1 - self.width) / (self.windows - 1)
        return [round(place * step, 6) for place in range(self.windows)]

    def trained(self) -> Trained:
        """The variants, their runs and how these are cut into jobs.

        Windows of the whole ranking and of each class's own, by one run and by the average, and random
        examples, of all and of each class.
        """
        found = {}
        for arm in ("window", "stratified"):
            for source in ("run", "average"):
                for offset in self.offsets():
                    name = f"{arm}-{source}-{round(100 * offset):02d}"
                    found[name] = self._variant(arm, source, offset)
            found[f"{arm}-random"] = self._variant(arm, "random", None)
        return Trained(found, self.seeds, self.epochs, Jobs("pruning", self.runs_per_job, ranked=True))

    def _variant(self, arm: str, source: str, offset: float | None) -> PruningVariant:
        score = None if source == "random" else self.score
        return PruningVariant(
            family="pruning", arm=arm, source=source, score=score, offset=offset, width=self.width
        )
