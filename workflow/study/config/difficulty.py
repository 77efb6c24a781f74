"""Settings of the chapter `difficulty`."""

from typing import Annotated, Literal

from pydantic import Field

from study import paths
from study.config.base import Name, Once, Settings
from study.config.fingerprint import FingerprintSettings
from study.config.variants import PruningSettings, SubsetSettings


class RecordingSettings(Settings):
    """What a run records of its examples while it trains."""

    early: Annotated[float, Field(gt=0, le=1)] = 0.125
    """The early checkpoint as a fraction of training, rounded up to an epoch."""
    gradient_norms: bool = True
    """Exact GraNd at the early and the last checkpoint."""
    vog_checkpoints: Annotated[int, Field(ge=2)] | None = 10
    """Evenly spaced checkpoints at which VoG takes input gradients; null: no VoG."""
    tracin_checkpoints: Annotated[int, Field(ge=1)] | None = 4
    """Evenly spaced checkpoints at which TracIn takes gradient norms; null: no TracIn."""
    prediction_depth: bool = True
    """Prediction depth after training: time grows with the square of the number of examples."""
    prototypes: bool = True
    """Distances to the means of classes and clusters in feature space, after training."""
    prototype_clusters: Annotated[int, Field(ge=2)] | None = None
    """Number of clusters; null: as many as classes."""
    trajectory_seeds: Annotated[int, Field(ge=0)] | None = None
    """So many seeds of each model keep their `trajectory.parquet`; null: all."""
    keep_model: bool = False
    """Keep the weights as `model.safetensors`; with prediction depth, also its variant over all runs."""

    @classmethod
    def nothing(cls) -> "RecordingSettings":
        """For runs that are evaluated at their end only."""
        return cls(
            gradient_norms=False,
            vog_checkpoints=None,
            tracin_checkpoints=None,
            prediction_depth=False,
            prototypes=False,
            trajectory_seeds=0,
        )

    def absent_families(self) -> dict[str, str]:
        """Families of scores that are not recorded, each with the key that would change it."""
        keys = {
            "gradient": "gradient_norms",
            "vog": "vog_checkpoints",
            "tracin": "tracin_checkpoints",
            "depth": "prediction_depth",
            "prototype": "prototypes",
        }
        return {family: key for family, key in keys.items() if not getattr(self, key)}

    @property
    def keeps_depths(self) -> bool:
        """Whether prediction depth towards the consensus of the runs can be had."""
        return self.keep_model and self.prediction_depth

    def files(self, seed: int) -> list[str]:
        """The files of a run."""
        more = [paths.TRAJECTORY] if self.keeps_trajectory(seed) else []
        return [*paths.RUN_FILES, *more, *([paths.CHECKPOINT] if self.keep_model else [])]

    def keeps_trajectory(self, seed: int) -> bool:
        """Whether the run with this seed keeps its trajectory."""
        return self.trajectory_seeds is None or seed < self.trajectory_seeds


class SensitivitySettings(Settings):
    """Which examples two models find differently hard."""

    score: Name = "confidence_mean"
    """The score that is compared."""
    draws: Annotated[int, Field(ge=2)] = 20
    """Random halvings of each model's runs for the null."""


class FingerprintOfMany(FingerprintSettings):
    """Telling from a few examples' scores which model a run is of: several models, and several scores."""

    held_out_repeats: Annotated[int, Field(ge=2)] = 5
    """So many of the splits also for examples that are chosen without one of the models, each in turn."""
    score_repeats: Annotated[int, Field(ge=2)] = 20
    """Splits on which the scores of the figures are compared."""


class UserScore(Settings):
    """A score of your own: a file with the columns `example_id` and `value`, a row per training example."""

    file: str
    """csv, parquet or jsonl file; it may hold the examples of several data sets."""
    hard: Literal["high", "low"] = "high"
    """Which end is the hard one."""
    unit: str = ""
    """Unit of the values, as axes name it."""
    coarse: bool = False
    """Whether many examples share a value (counts, flags): headline numbers leave such scores out."""


class AnalysisSettings(Settings):
    """The statistics of the chapter."""

    scores: Annotated[list[Name], Field(min_length=1), Once] = [
        "confidence_mean",
        "loss_mean",
        "el2n_early",
        "grand_early",
        "vog",
        "aum_mean",
        "forgetting",
        "confidence_last",
    ]
    """Scores that figures show, and tables that compare models; the other tables hold all of them."""
    draws: Annotated[int, Field(ge=2)] = 30
    """Random draws of disjoint sets of runs, for each size."""
    permutations: Annotated[int, Field(ge=19)] = 200
    """Permuted tables for the parallel analysis of principal components."""
    gallery: Annotated[int, Field(ge=1, le=20)] = 8
    """Pictures in each row of the example gallery."""
    sensitivity: SensitivitySettings = SensitivitySettings()
    """Sensitivity of examples to the model."""
    fingerprint: FingerprintOfMany = FingerprintOfMany()
    """Fingerprint of models."""


class DifficultySettings(Settings):
    """How consistent are example difficulty scores? (arXiv 2401.01867)"""

    datasets: Annotated[list[Name], Field(min_length=1), Once] = ["digits"]
    """Data sets, by their names under `datasets`."""
    models: Annotated[list[Name], Field(min_length=2), Once]
    """Models, by their names under `models`."""
    models_of: dict[Name, Annotated[list[Name], Field(min_length=1), Once]] = {}
    """Data sets that train only some of the models: their names, each with a list; comparisons need two."""
    seeds: Annotated[int, Field(ge=4)] = 12
    """Runs of each model: seeds 0, 1, 2, ..."""
    seeds_per_job: Annotated[int, Field(ge=1)] = 4
    """Runs that one job trains one after the other; 1 where a run takes minutes."""
    recording: RecordingSettings = RecordingSettings()
    """What a run records."""
    user_scores: dict[Name, UserScore] = {}
    """Scores of your own by name: each counts as one more score in every table and figure that it fits."""
    subsets: SubsetSettings | None = None
    """Trainings on random parts of the training set, for memorization and C-score; null: none."""
    pruning: PruningSettings | None = None
    """Trainings on windows of a ranking by difficulty; null: none."""
    analysis: AnalysisSettings = AnalysisSettings()
    """The statistics."""

    def models_on(self, dataset: str) -> list[str]:
        """The models that train on a data set, in the order of `models`."""
        chosen = self.models_of.get(dataset, self.models)
        return [model for model in self.models if model in chosen]

    @property
    def families(self) -> dict[str, SubsetSettings | PruningSettings]:
        """The families of variant runs that this study trains, by name."""
        found = {"subsets": self.subsets, "pruning": self.pruning}
        return {name: family for name, family in found.items() if family is not None}
