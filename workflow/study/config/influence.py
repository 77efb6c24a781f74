"""Settings of the chapter `influence`."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from study import paths
from study.config.base import Fraction, Name, Once, Settings
from study.config.text_families import CadenceFamily, FoldFamily, NullFamily, PrunedFamily
from study.config.text_variants import CadenceSettings, PruningPlan
from study.config.training import TrainingChanges
from study.config.understanding import UnderstandingSettings

Count = Annotated[int, Field(ge=1)]
Rates = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1), Once]


class TextRecording(Settings):
    """What a run records of its texts."""

    early_epoch: Count = 2
    """The epoch of the early readings, at which EL2N and PVI are taken."""
    vog_checkpoints: Annotated[int, Field(ge=2)] | None = 10
    """Evenly spaced steps at which VoG takes gradients at the embeddings; null: no VoG."""
    tracin_checkpoints: Count | None = 10
    """Evenly spaced steps at which TracIn takes gradient norms of the last layers; null: no TracIn."""
    trajectory_seeds: Annotated[int, Field(ge=0)] | None = 5
    """So many seeds of each model keep their `trajectory.parquet`; null: all."""
    keep_model: bool = False
    """Keep the weights as `model.safetensors`."""

    @classmethod
    def nothing(cls) -> "TextRecording":
        """For runs that are evaluated at their end only."""
        return cls(vog_checkpoints=None, tracin_checkpoints=None, trajectory_seeds=0)

    def absent_families(self) -> dict[str, str]:
        """Families of scores that are not recorded, each with the key that would change it."""
        keys = {"vog_embedding": "vog_checkpoints", "tracin_last_layers": "tracin_checkpoints"}
        return {family: key for family, key in keys.items() if getattr(self, key) is None}

    def files(self, seed: int) -> list[str]:
        """The files of a run."""
        more = [paths.TRAJECTORY] if self.keeps_trajectory(seed) else []
        return [*paths.RUN_FILES, *more, *([paths.CHECKPOINT] if self.keep_model else [])]

    def keeps_trajectory(self, seed: int) -> bool:
        """Whether the run with this seed keeps its trajectory."""
        return self.trajectory_seeds is None or seed < self.trajectory_seeds


class PretrainingSettings(Settings):
    """How encoders that are made here learn their language: masked pieces of a set's own training texts."""

    training: TrainingChanges = TrainingChanges(
        epochs=20,
        batch_size=64,
        optimizer="adamw",
        lr=0.002,
        weight_decay=0.01,
        schedule="linear",
        warmup=0.1,
    )
    """What is changed in the study's `training`."""
    masked: Annotated[float, Field(gt=0, lt=1)] = 0.15
    """Share of the word pieces that are to be guessed (arXiv 1810.04805, section 3.1)."""
    held_out: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Share of the training texts on which the encoder is judged, and not trained."""


class InfluenceAnalysisSettings(Settings):
    """The statistics of the chapter."""

    scores: Annotated[list[Name], Field(min_length=2), Once] = [
        *("vog_embedding", "vog_embedding_class", "el2n_early", "el2n_last", "forgetting_often", "pvi"),
        *("pvi_cross", "tracin_last_layers", "entropy_mean", "confidence_mean", "variability", "aum_mean"),
    ]
    """Scores that figures show; tables of runs hold all of them."""
    hardest: Annotated[list[Annotated[float, Field(gt=0, lt=1)]], Field(min_length=1), Once] = [
        *(0.05, 0.1, 0.2),
    ]
    """Shares of the examples that count as the hardest where such sets are compared."""


class InfluenceSettings(Settings):
    """Which sentences can a fine-tuned encoder do without? (arXiv 2311.16298)"""

    datasets: Annotated[list[Name], Field(min_length=1), Once]
    """Data sets of texts, by their names under `datasets`."""
    variants_of: dict[Name, Name] = {}
    """Data sets that take the encoders and learning rates of another one, whose texts they hold."""
    models: Annotated[list[Name], Field(min_length=1), Once]
    """Encoders, by their names under `models`."""
    models_of: dict[Name, Annotated[list[Name], Field(min_length=1), Once]] = {}
    """Data sets that train only some of the encoders: their names, each with a list."""
    seeds: Annotated[int, Field(ge=3)] = 10
    """Runs of each encoder that score examples: seeds 0, 1, 2, ..."""
    seeds_per_job: Count = 5
    """Runs that one job trains; 1 where a run takes minutes. Where it trains all, variants share one too."""
    training: TrainingChanges = TrainingChanges()
    """What fine-tuning changes in the study's `training`."""
    learning_rates: Rates = [0.0003, 0.001, 0.003]
    """Rates that every encoder tries on each data set, on a part of the training set; the best trains all."""
    validation: Fraction = 0.2
    """Share of the training examples on which the rate is chosen, after training on the others."""
    tuning_seeds: Count = 2
    """Runs of each rate."""
    pretraining: PretrainingSettings = PretrainingSettings()
    """How encoders are made that are made here."""
    recording: TextRecording = TextRecording()
    """What a run records."""
    folds: Annotated[int, Field(ge=2)] = 3
    """Parts of the training set that runs leave out in turn, for cross-fitted PVI."""
    fold_seeds: Count = 3
    """Runs without each of them."""
    cadence: CadenceSettings = CadenceSettings()
    """Runs that look at all examples many times an epoch, for forgetting."""
    pruning: dict[Name, PruningPlan] = {}
    """Trainings on what is left when examples are pruned: plans by name."""
    understanding: UnderstandingSettings | None = None
    """Language understanding after pruning; null: left out."""
    analysis: InfluenceAnalysisSettings = InfluenceAnalysisSettings()
    """The statistics."""

    user_scores: ClassVar[Mapping] = {}

    @model_validator(mode="after")
    def _variants_are_of_others(self) -> "InfluenceSettings":
        for name, other in self.variants_of.items():
            if other in self.variants_of:
                raise ValueError(
                    f"variants_of: {other} is itself a variant; name what {name} is of in the end"
                )
        return self

    def models_on(self, dataset: str) -> list[str]:
        """The encoders that train on a data set, in the order of `models`."""
        chosen = self.models_of.get(dataset, self.models)
        return [model for model in self.models if model in chosen]

    def base_of(self, dataset: str) -> str:
        """The data set whose encoders and learning rates a data set takes: mostly its own."""
        return self.variants_of.get(dataset, dataset)

    @property
    def families(self) -> dict[str, NullFamily | FoldFamily | CadenceFamily | PrunedFamily]:
        """The families of variant runs that this study trains, by name."""
        early = self.recording.early_epoch
        short = self.seeds_per_job >= self.seeds  # runs, so that one job trains all that scores are read from
        null, folds, cadence = ["for_scores"] * 3 if short else ("null", "folds", "cadence")
        return {
            "null": NullFamily(self.seeds, early, null),
            "folds": FoldFamily(self.folds, self.fold_seeds, early, folds),
            "cadence": CadenceFamily(self.cadence, cadence),
            **{f"pruned-{name}": PrunedFamily(name, plan) for name, plan in self.pruning.items()},
        }
