"""Families of variant runs of encoders, as the settings of the chapter `influence` make them."""

from typing import NamedTuple

from study.config.text_variants import (
    CadenceSettings,
    CadenceVariant,
    FoldVariant,
    NullVariant,
    PrunedVariant,
    PruningPlan,
)
from study.config.variants import Jobs, Trained


class NullFamily(NamedTuple):
    """Runs on empty texts, as many and as long as the runs that PVI compares with them."""

    seeds: int
    epochs: int
    job: str  # what trains them all is called

    def trains(self, dataset: str, model: str) -> bool:
        """Whether this model is so trained on this data set: always."""
        return True

    def trained(self) -> Trained:
        """The variants, their runs and how these are cut into jobs."""
        variants = {"null": NullVariant(family="null")}
        return Trained(variants, self.seeds, self.epochs, Jobs(self.job, None, ranked=False))


class FoldFamily(NamedTuple):
    """Runs that leave out a fold each."""

    folds: int
    seeds: int
    epochs: int
    job: str

    def trains(self, dataset: str, model: str) -> bool:
        """Whether this model is so trained on this data set: always."""
        return True

    def trained(self) -> Trained:
        """The variants, their runs and how these are cut into jobs."""
        variants = {
            f"fold-{fold}": FoldVariant(family="folds", fold=fold, folds=self.folds)
            for fold in range(self.folds)
        }
        return Trained(variants, self.seeds, self.epochs, Jobs(self.job, None, ranked=False))


class CadenceFamily(NamedTuple):
    """Runs that look at all examples many times an epoch."""

    settings: CadenceSettings
    job: str

    def trains(self, dataset: str, model: str) -> bool:
        """Whether this model is so trained on this data set: always."""
        return True

    def trained(self) -> Trained:
        """The variants, their runs and how these are cut into jobs."""
        how = self.settings
        variant = CadenceVariant(family="cadence", evaluations=how.evaluations, every=how.every)
        return Trained({"cadence": variant}, how.seeds, how.epochs, Jobs(self.job, None, ranked=False))


class PrunedFamily(NamedTuple):
    """Runs on what pruning leaves."""

    name: str  # of the plan: variants start with it
    plan: PruningPlan

    def trains(self, dataset: str, model: str) -> bool:
        """Whether this model is so trained on this data set."""
        plan = self.plan
        return dataset in plan.datasets and (plan.models is None or model in plan.models)

    def trained(self) -> Trained:
        """The variants, their runs and how these are cut into jobs: of one seed they stand together."""
        plan = self.plan
        found = {f"{self.name}-full": PrunedVariant(family="pruned", arm="full", fraction=0)}
        for fraction in plan.fractions:
            name = f"{self.name}-random-{_percent(fraction)}"
            found[name] = PrunedVariant(family="pruned", arm="random", fraction=fraction)
        for ranking in plan.rankings:
            for arm in ranking.arms:
                for fraction in plan.fractions:
                    name = f"{self.name}-{ranking.name}-{arm}-{_percent(fraction)}"
                    found[name] = PrunedVariant(
                        family="pruned",
                        arm=arm,
                        fraction=fraction,
                        score=ranking.score,
                        source=ranking.of,
                        draw=ranking.draw,
                    )
        jobs = Jobs(f"pruned-{self.name}", plan.runs_per_job, ranked=True)
        return Trained(found, plan.seeds, None, jobs)


def _percent(fraction: float) -> str:
    return f"{round(100 * fraction):02d}"
