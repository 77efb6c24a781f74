"""The whole configuration of a study."""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from study.config.architectures import ModelSettings
from study.config.base import Name, Settings
from study.config.datasets import DatasetSettings
from study.config.difficulty import DifficultySettings
from study.config.experts import ExpertsSettings
from study.config.influence import InfluenceSettings
from study.config.question_chapter import QuestionChapter
from study.config.questions import QuestionData
from study.config.runs import RunSettings
from study.config.selection import SelectionSettings
from study.config.synthesis import SynthesisSettings
from study.config.training import TrainingSettings, resolve
from study.config.variants import Variant
from study.names import unknown


class RuntimeSettings(Settings):
    """How jobs run. Of these only `device` and `threads` can touch a number."""

    device: Literal["cpu", "cuda", "auto"] = "auto"
    """Where models train; auto: on the GPU if there is one."""
    threads: Annotated[int, Field(ge=1)] = 1
    """Threads of a training job. One is best: run as many jobs as there are cores instead."""
    memory_mb: Annotated[int, Field(ge=1)] = 3000
    """Memory of a job, in MB: what it asks for on a cluster as long as its rule was not measured. Also what a
    training may take, whatever its job asked for: one that would need more says so and does not start."""
    minutes: Annotated[int, Field(ge=1)] = 60
    """Time limit of a job on a cluster, in minutes, as long as its rule was not measured."""
    measured: Annotated[str, Field(min_length=1)] | None = None
    """A table of what jobs took, from `python -m study measured` in the folder of a study that ran; its path
    is absolute or begins at the project. On a cluster, jobs of its rules ask for that, with the margins, in
    place of `memory_mb` and `minutes`; null: there is none. A job that failed asks for twice as much."""
    memory_margin: Annotated[float, Field(ge=1)] = 1.5
    """How many times the measured memory a job asks for, at least 1000 MB."""
    time_margin: Annotated[float, Field(ge=1)] = 3.0
    """How many times the measured time a job asks for, at least 10 minutes: nodes differ in speed."""
    most_memory_mb: Annotated[int, Field(ge=1)] | None = None
    """The most memory that a job asks for, in MB, also after failures: what the largest node grants, since a
    cluster refuses a job that asks for more, or lets it wait for ever; null: there is no limit."""
    most_minutes: Annotated[int, Field(ge=1)] | None = None
    """The most time that a job asks for, in minutes, also after failures: the time limit of the partition;
    null: there is no limit."""
    checkpoint_seconds: Annotated[float, Field(ge=0)] = 30
    """A run saves its state at the end of an epoch if so many seconds have passed; it resumes from there."""

    @model_validator(mode="after")
    def _jobs_may_ask_for_it(self) -> "RuntimeSettings":
        most = {"memory_mb": self.most_memory_mb, "minutes": self.most_minutes}
        above = [
            f"{key} is {getattr(self, key):,}, and most_{key} {limit:,}"
            for key, limit in most.items()
            if limit is not None and getattr(self, key) > limit
        ]
        if above:
            raise ValueError(f"{'; '.join(above)}: set the former to no more than the latter")
        return self


CHAPTERS = ("difficulty", "influence", "selection", "experts", "synthesis")
"""The chapters that there are, in the order in which the report shows them."""


DECODER_PARTS = ("router", "top_k", "expert_width", "layers", "heads")
"""What decoders of equal width and number of experts can differ in."""


class RunName(NamedTuple):
    """Which run: its place in the results."""

    chapter: str
    dataset: str
    model: str
    seed: int
    variant: str | None = None


class StudySettings(Settings):
    """A study: data sets, models, how they train, and what each chapter does with them."""

    name: Name
    """Name of the study. A results folder belongs to one name, so that two studies never mix."""
    expected_minutes: Annotated[float, Field(gt=0)] | None = None
    """How long the study takes on two cores, as shown at its start; null: not known."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the study: data, label noise and splits come from it; runs add their own."""
    datasets: dict[Name, DatasetSettings]
    """Data sets by name."""
    models: dict[Name, ModelSettings]
    """Models by name. A model is an architecture with its hyper-parameters."""
    training: TrainingSettings = TrainingSettings()
    """How all models are trained."""
    difficulty: DifficultySettings | None = None
    """The chapter `difficulty`; null: it is not run."""
    influence: InfluenceSettings | None = None
    """The chapter `influence`; null: it is not run."""
    selection: SelectionSettings | None = None
    """The chapter `selection`; null: it is not run."""
    experts: ExpertsSettings | None = None
    """The chapter `experts`; null: it is not run."""
    synthesis: SynthesisSettings | None = None
    """The chapter `synthesis`; null: it is not run."""
    runtime: RuntimeSettings = RuntimeSettings()
    """How jobs run."""

    @model_validator(mode="after")
    def _has_a_chapter(self) -> "StudySettings":
        if not self.chapters:
            raise ValueError(f"a study needs at least one chapter ({', '.join(CHAPTERS)})")
        return self

    @property
    def chapters(self) -> tuple[str, ...]:
        """The chapters that this study runs."""
        return tuple(chapter for chapter in CHAPTERS if getattr(self, chapter) is not None)

    @property
    def all_datasets(self) -> dict[str, DatasetSettings | QuestionData]:
        """The data sets that are named, and those that chapters make for themselves."""
        making = [chapter for chapter in (self.experts, self.synthesis) if chapter is not None]
        made = {name: data for chapter in making for name, data in chapter.made().items()}
        return {**self.datasets, **made}

    def recorded(self, chapter: str, dataset: str) -> Settings:
        """What runs of a chapter on a data set record."""
        settings = getattr(self, chapter)
        if isinstance(settings, QuestionChapter):
            return settings.task_of(dataset).recorded(settings.recording)
        return settings.recording

    def seeds_on(self, chapter: str, dataset: str) -> range:
        """The seeds of each model of a chapter on a data set."""
        settings = getattr(self, chapter)
        return settings.seeds_on(dataset) if isinstance(settings, QuestionChapter) else range(settings.seeds)

    def runs(self) -> Iterator[RunName]:
        """Every run of every chapter, in the order in which the index lists them."""
        for chapter in self.chapters:
            settings = getattr(self, chapter)
            for dataset in settings.datasets:
                for model in settings.models_on(dataset):
                    for seed in self.seeds_on(chapter, dataset):
                        yield RunName(chapter, dataset, model, seed)

    def variant_runs(self) -> Iterator[RunName]:
        """Every variant run of every chapter, in the order in which jobs train them."""
        for chapter in self.chapters:
            settings = getattr(self, chapter)
            for family in settings.families.values():
                trained = family.trained()
                for dataset in settings.datasets:
                    for model in settings.models_on(dataset):
                        if family.trains(dataset, model):
                            for seed in range(trained.seeds):
                                for variant in trained.variants:
                                    yield RunName(chapter, dataset, model, seed, variant)

    def run(
        self, chapter: str, dataset: str, model: str, seed: int, variant: str | None = None
    ) -> RunSettings:
        """The resolved settings of one run."""
        settings = getattr(self, chapter)
        recording, training, processes = self.recorded(chapter, dataset), self.training, 1
        if isinstance(settings, QuestionChapter):
            task = settings.task_of(dataset)
            training = resolve(training, settings.training, task.training)
            processes = task.shared_by
        elif isinstance(settings, InfluenceSettings | SelectionSettings):
            training = resolve(training, settings.training)
        training = resolve(training, self.models[model].training)
        chosen = None
        if variant:
            chosen, epochs = self._variant(chapter, variant)
            training = training.model_copy(update={"epochs": epochs or training.epochs})
            recording = recording.nothing()
        return RunSettings(
            chapter=chapter,
            dataset_name=dataset,
            dataset=self.all_datasets[dataset],
            model_name=model,
            model=self.models[model],
            variant_name=variant,
            variant=chosen,
            training=training,
            recording=recording,
            study_seed=self.seed,
            seed=seed,
            processes=processes,
            device=self.runtime.device,
            threads=self.runtime.threads,
        )

    def changed_part(self, base: str, model: str) -> tuple[str, object] | None:
        """The one part in which a decoder differs from another of its width and experts, and what it is.

        None if they differ in no part or in several.
        """
        one, other = self.models[model], self.models[base]
        alike = ("dim", "experts", "training", "experts_implementation")
        if any(getattr(one, name) != getattr(other, name) for name in alike):
            return None
        different = [part for part in DECODER_PARTS if getattr(one, part) != getattr(other, part)]
        return (different[0], getattr(one, different[0])) if len(different) == 1 else None

    def tuning_run(self, chapter: str, task: str, model: str) -> RunSettings:
        """The settings of the runs that choose a model's training for a task, on data of their own."""
        settings = getattr(self, chapter)
        of_task = settings.tasks[task]
        dataset = next(name for name in of_task.made() if model in of_task.models_on(name))
        run = self.run(chapter, dataset, model, of_task.first_tuning_seed)
        changes = {"recording": run.recording.for_tuning()}
        if data := of_task.tuning(model):
            changes |= {"dataset_name": f"{task}-tuning", "dataset": data}
        return run.model_copy(update=changes)

    def _variant(self, chapter: str, name: str) -> tuple[Variant, int | None]:
        """A variant of a chapter by name, and the epochs that it trains for."""
        known = {}
        for family in getattr(self, chapter).families.values():
            trained = family.trained()
            known |= {variant: (settings, trained.epochs) for variant, settings in trained.variants.items()}
        if name not in known:
            raise unknown("variant", name, known, f"the chapter {chapter}")
        return known[name]
