"""Settings of the chapter `selection`."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from study.config.base import Name, Once, Settings
from study.config.influence import PretrainingSettings, TextRecording
from study.config.training import TrainingChanges

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Chance = Annotated[float, Field(ge=0, le=1)]
Sizes = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1), Once]

Strategy = Literal[
    *("random", "stratified", "top", "bottom", "middle", "top_after_1", "top_after_5", "top_after_10"),
    *("deciles", "linear", "softmax", "frequent", "intersection", "union", "mean_rank", "top_of_domains"),
]
WITHOUT_SCORE = ("random", "stratified")
OF_BOTH = ("intersection", "union", "mean_rank")


class PoolSettings(Settings):
    """How the pool of weakly labelled utterances is made."""

    gold: Share = 0.1
    """Share of the training utterances whose labels are known; the others are traffic."""
    said: Annotated[float, Field(gt=0)] = 3.0
    """Utterances that the traffic holds, repetitions counted, for each one that may be said."""
    threshold: Chance = 0.9
    """Hypotheses of which the teacher is less sure than this are dropped."""
    recall: Chance = 0.5
    """Share of the wrong hypotheses that the simulated detector of defects finds."""
    false_alarms: Chance = 0.05
    """Share of the right hypotheses for which it signals a defect."""
    deduplicate: bool = True
    """Keep one utterance of each text, with its frequency; else each as often as it was said."""


class StrategySettings(Settings):
    """A way to choose from the pool."""

    strategy: Strategy
    """How; `study.selection.strategies` says what each does."""
    score: Name | None = None
    """The score that it goes by; null where it goes by none, or by `scores` together."""

    @property
    def name(self) -> str:
        """As tables call it."""
        return self.strategy if self.score is None else f"{self.strategy}-{self.score}"

    def goes_by(self, both: list[str]) -> list[str]:
        """The scores that it looks at: its own, none, or `both` of the chapter."""
        return both if self.strategy in OF_BOTH else [self.score] if self.score else []

    @model_validator(mode="after")
    def _has_the_score_that_it_needs(self) -> "StrategySettings":
        goes_by_one = self.strategy not in (*WITHOUT_SCORE, *OF_BOTH)
        if goes_by_one and self.score is None:
            raise ValueError(f"strategy {self.strategy} goes by a score: name it as `score`")
        if not goes_by_one and self.score is not None:
            raise ValueError(f"strategy {self.strategy} goes by no score of its own: leave `score` out")
        return self


class GridSettings(Settings):
    """One language at other thresholds, detectors and shares of gold."""

    dataset: Name
    """The data set, of those of the chapter."""
    thresholds: Annotated[list[Chance], Field(min_length=1), Once] = [0.7, 0.9, 0.95]
    """Values of `pool.threshold`, each with each of `recalls`."""
    recalls: Annotated[list[Chance], Field(min_length=1), Once] = [0.0, 0.5, 1.0]
    """Values of `pool.recall`."""
    golds: Annotated[list[Share], Field(min_length=1), Once] = [0.05, 0.1, 0.2]
    """Values of `pool.gold`, with the other settings of `pool`."""


class SelectionSettings(Settings):
    """Which weakly labelled utterances are worth adding? (arXiv 2311.16302)"""

    datasets: Annotated[list[Name], Field(min_length=1), Once]
    """Data sets of utterances, one a language, whose labels are domains."""
    model: Name
    """The encoder; all its runs, in all languages, start from one that read the training texts of all."""
    intent: str = "intent"
    """The fact that names an utterance's intent; no two domains share one."""
    slots: str | None = "slots"
    """The fact with a BIO tag for each word, separated by blanks; null: the corpus has no slots."""
    traffic: str | None = "traffic"
    """The fact that says how often an utterance is said; null: not known, and drawn by Zipf's law."""
    training: TrainingChanges = TrainingChanges()
    """What fine-tuning changes in the study's `training`."""
    pretraining: PretrainingSettings = PretrainingSettings()
    """How the encoder is made."""
    pool: PoolSettings = PoolSettings()
    """How the pool is made."""
    scorers: Count = 5
    """Models, trained on the gold utterances as the teacher is, that score the pool; the mean counts."""
    early_epoch: Count = 2
    """The epoch after which EL2N is taken; entropy and margins are taken at the end."""
    scores: Annotated[list[Name], Field(min_length=2, max_length=2), Once] = [
        "entropy_joint",
        "el2n_joint_mean",
    ]
    """The two scores of claims S1 to S3, and of strategies that go by both."""
    strategies: Annotated[list[StrategySettings], Field(min_length=1)] = [
        StrategySettings(strategy="stratified"),
        StrategySettings(strategy="top", score="entropy_joint"),
        StrategySettings(strategy="top", score="el2n_joint_mean"),
        StrategySettings(strategy="middle", score="entropy_joint"),
        StrategySettings(strategy="top_after_10", score="el2n_joint_mean"),
        StrategySettings(strategy="frequent", score="entropy_joint"),
        StrategySettings(strategy="intersection"),
    ]
    """Ways to choose; random, the truth instead of weak labels, nothing and all of the pool come beside."""
    sizes: Sizes = [0.25, 0.5, 1.0]
    """Utterances that are added, for each gold one."""
    size: Annotated[float, Field(gt=0)] = 0.5
    """The one of these of which claims, and figures of one size, speak."""
    repeats: Annotated[int, Field(ge=3)] = 5
    """Times that everything is done, each with its own gold utterances, teacher, traffic and runs."""
    grid: GridSettings | None = None
    """One language at other settings; null: left out."""

    user_scores: ClassVar[Mapping] = {}
    families: ClassVar[Mapping] = {}
    seeds: ClassVar[int] = 0  # of runs with a folder of their own
    seeds_per_job: ClassVar[int] = 1
    recording: ClassVar[TextRecording] = TextRecording.nothing()

    @property
    def models(self) -> list[str]:
        """The encoders: one."""
        return [self.model]

    def models_on(self, dataset: str) -> list[str]:
        """The encoders that train on a data set."""
        return [self.model]

    @property
    def in_grid(self) -> dict[tuple[float, float, float], PoolSettings]:
        """The pools of the grid, by their shares of gold, thresholds and recalls; the chapter's is among them
        if it names its values."""
        if self.grid is None:
            return {}
        own = self.pool
        keys = [(own.gold, tau, recall) for tau in self.grid.thresholds for recall in self.grid.recalls]
        keys += [(gold, own.threshold, own.recall) for gold in self.grid.golds]
        return {
            key: own.model_copy(update=dict(zip(("gold", "threshold", "recall"), key, strict=True)))
            for key in dict.fromkeys(keys)
        }

    @property
    def judged(self) -> list[StrategySettings]:
        """The strategies of which the claims speak: the highest of each of the two scores."""
        return [StrategySettings(strategy="top", score=score) for score in self.scores]

    @model_validator(mode="after")
    def _told_apart(self) -> "SelectionSettings":
        names = [strategy.name for strategy in self.strategies]
        if len(set(names)) < len(names):
            raise ValueError("strategies: two have the same strategy and score")
        if "random" in names:
            raise ValueError("strategies: random ones are always there, to compare with: leave it out")
        if self.size not in self.sizes:
            raise ValueError(f"size: {self.size:g} is none of sizes")
        if self.grid and self.grid.dataset not in self.datasets:
            raise ValueError(f"grid.dataset: {self.grid.dataset} is none of the chapter's data sets")
        return self
