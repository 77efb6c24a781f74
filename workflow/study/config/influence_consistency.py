"""Values of the chapter `influence` that are right alone and wrong together."""

from collections.abc import Iterator

from study.config.influence import InfluenceSettings
from study.config.study import StudySettings
from study.config.text_variants import PruningPlan, RankingSettings
from study.kinds import TEXT
from study.names import not_among
from study.scores.registry import SCORES

_HERE = "influence"


def inconsistent_influence(settings: StudySettings) -> Iterator[str]:
    """Scores that no run records, and runs that there are too few of, where all names are known."""
    chapter = settings.influence
    if chapter is None:
        return
    for dataset in chapter.datasets:
        for model in chapter.models_on(dataset):
            epochs = settings.run(_HERE, dataset, model, 0).training.epochs
            if chapter.recording.early_epoch > epochs:
                yield (
                    f"{_HERE}.recording.early_epoch: {chapter.recording.early_epoch} is after the end: "
                    f"{model} trains for {epochs} epochs"
                )
    if chapter.fold_seeds > chapter.seeds:
        yield f"{_HERE}.fold_seeds: {chapter.fold_seeds} runs need as many {_HERE}.seeds: {chapter.seeds}"
    for score in chapter.analysis.scores:
        yield from _unrecorded(score, chapter, f"{_HERE}.analysis.scores")
    for name, plan in chapter.pruning.items():
        for ranking in plan.rankings:
            yield from _of_ranking(ranking, plan, chapter, f"{_HERE}.pruning.{name}")
    yield from _of_understanding(chapter)


def unknown_in_influence(settings: StudySettings) -> Iterator[str]:
    """Data sets, models and scores that the chapter names and that are not there."""
    chapter = settings.influence
    if chapter is None:
        return
    datasets, models = list(settings.datasets), list(settings.models)
    scores = [score for score, known in SCORES.items() if known.is_of(TEXT)]
    yield from not_among(chapter.datasets, datasets, f"{_HERE}.datasets", "data set")
    yield from not_among(chapter.models, models, f"{_HERE}.models", "model")
    for key in ("variants_of", "models_of"):
        yield from not_among(list(getattr(chapter, key)), datasets, f"{_HERE}.{key}", "data set")
    yield from not_among(
        list(chapter.variants_of.values()),
        chapter.datasets,
        f"{_HERE}.variants_of",
        "data set of the chapter",
    )
    for dataset, named in chapter.models_of.items():
        yield from not_among(named, chapter.models, f"{_HERE}.models_of.{dataset}", "model of the chapter")
    for name, plan in chapter.pruning.items():
        where = f"{_HERE}.pruning.{name}"
        yield from not_among(plan.datasets, chapter.datasets, f"{where}.datasets", "data set of the chapter")
        yield from not_among(plan.models or [], chapter.models, f"{where}.models", "model of the chapter")
        named = [ranking.score for ranking in plan.rankings]
        yield from not_among(named, scores, f"{where}.rankings", "score of texts")
    yield from not_among(chapter.analysis.scores, scores, f"{_HERE}.analysis.scores", "score of texts")
    if chapter.understanding:
        where = f"{_HERE}.understanding"
        yield from not_among(
            [chapter.understanding.dataset], chapter.datasets, where, "data set of the chapter"
        )
        yield from not_among([chapter.understanding.model], chapter.models, where, "model of the chapter")


def _of_ranking(
    ranking: RankingSettings, plan: PruningPlan, chapter: InfluenceSettings, where: str
) -> Iterator[str]:
    yield from _unrecorded(ranking.score, chapter, where)
    if ranking.of == "run":
        if not SCORES[ranking.score].per_run:
            yield f"{where}: {ranking.score} has one value over all runs, not one in each: of: average"
        if plan.seeds > chapter.seeds:
            yield (
                f"{where}.seeds: {plan.seeds} runs are each ranked by the run of their own seed, and there "
                f"are {_HERE}.seeds: {chapter.seeds}"
            )


def _of_understanding(chapter: InfluenceSettings) -> Iterator[str]:
    settings = chapter.understanding
    if settings is None:
        return
    if settings.model not in chapter.models_on(settings.dataset):
        yield f"{_HERE}.understanding.model: {settings.model} is not trained on {settings.dataset}"
    if settings.seeds > chapter.seeds:
        yield (
            f"{_HERE}.understanding.seeds: {settings.seeds} runs each draw by the VoG of their own seed, and "
            f"there are {_HERE}.seeds: {chapter.seeds}"
        )
    if chapter.recording.vog_checkpoints is None:
        yield f"{_HERE}.understanding: samples are drawn by VoG: give {_HERE}.recording.vog_checkpoints"


def _unrecorded(score: str, chapter: InfluenceSettings, where: str) -> Iterator[str]:
    absent = chapter.recording.absent_families()
    if SCORES[score].family in absent:
        yield f"{where}: the score {score} needs {_HERE}.recording.{absent[SCORES[score].family]}"
