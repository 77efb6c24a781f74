"""Values of a configuration that are right alone and wrong together."""

from collections.abc import Iterator

from study.config.influence_consistency import inconsistent_influence, unknown_in_influence
from study.config.selection_consistency import inconsistent_selection, unknown_in_selection
from study.config.study import CHAPTERS, StudySettings
from study.config.synthesis_consistency import inconsistent_synthesis, unknown_in_synthesis
from study.errors import StudyError
from study.kinds import CORPUS, IMAGE, QUESTION, TEXT, kinds_of
from study.scores.registry import SCORES


def inconsistent(settings: StudySettings) -> Iterator[str]:
    """Values that are right alone and wrong together."""
    unknown = [
        *unknown_in_influence(settings),
        *unknown_in_selection(settings),
        *unknown_in_synthesis(settings),
    ]
    yield from unknown
    if unknown:
        return
    wrong_kind = list(_of_another_kind(settings))
    yield from wrong_kind
    if not wrong_kind:
        yield from inconsistent_influence(settings)
        yield from inconsistent_selection(settings)
        yield from _inconsistent_experts(settings)
        yield from inconsistent_synthesis(settings)
        for name in ("experts", "synthesis"):
            yield from _unfit_decoders(settings, name)
        for name in CHAPTERS:
            yield from _in_parts(settings, name)
    chapter = settings.difficulty
    if chapter is None or wrong_kind:
        return
    recording, analysis = chapter.recording, chapter.analysis
    absent = recording.absent_families()
    yield from _misfits(settings)
    for model in chapter.models:
        epochs = settings.run("difficulty", chapter.datasets[0], model, 0).training.epochs
        for key in ("vog_checkpoints", "tracin_checkpoints"):
            checkpoints = getattr(recording, key)
            if checkpoints and checkpoints > epochs:
                yield (
                    f"difficulty.recording.{key}: {checkpoints} checkpoints need as many epochs, and {model} "
                    f"trains for {epochs}"
                )
    for dataset in chapter.datasets:
        if not chapter.models_on(dataset):
            yield f"difficulty.models_of.{dataset}: none of these models is among difficulty.models"
    for name in chapter.user_scores:
        if name in SCORES and SCORES[name].family != "user":
            yield f"difficulty.user_scores.{name}: the study has a score of this name; choose another"
    for part in ("sensitivity", "fingerprint"):
        score = getattr(analysis, part).score
        if score in chapter.user_scores or not SCORES[score].per_run:
            yield f"difficulty.analysis.{part}.score: {score} has one value over all runs, not one in each"
    yield from _inconsistent_variants(settings)
    named = {*analysis.scores, analysis.sensitivity.score, analysis.fingerprint.score}
    for score in sorted(named):
        if score in SCORES and not SCORES[score].is_of(IMAGE):
            yield f"difficulty.analysis: {score} is no score of images"
        elif score in SCORES and SCORES[score].family in absent:
            key = absent[SCORES[score].family]
            yield f"difficulty.analysis: the score {score} needs difficulty.recording.{key}"


def _of_another_kind(settings: StudySettings) -> Iterator[str]:
    """Models that a chapter cannot train, and data of another kind: decoders on images, say."""
    for chapter, kinds in (
        *(("difficulty", (IMAGE,)), ("influence", (TEXT,)), ("selection", (TEXT,))),
        *(("experts", (QUESTION, CORPUS)), ("synthesis", (QUESTION, CORPUS))),
    ):
        about = f"{kinds[0]}s"
        for dataset in getattr(settings, chapter).datasets if chapter in settings.chapters else ():
            other = settings.all_datasets[dataset].kind if dataset in settings.all_datasets else kinds[0]
            if other not in kinds:
                yield f"{chapter}.datasets: {dataset} holds {other}s, and this chapter is about {about}"
        for model in getattr(settings, chapter).models if chapter in settings.chapters else ():
            others = kinds_of(settings.models[model].architecture)
            if others != kinds:
                yield (
                    f"{chapter}: {model} ({settings.models[model].architecture}) is trained on {others[0]}s, "
                    f"and this chapter has {about}"
                )


def _misfits(settings: StudySettings) -> Iterator[str]:
    """Models that cannot take the images of a data set that they train on, as far as its size is known."""
    chapter = settings.difficulty
    for dataset in chapter.datasets:
        sides = settings.datasets[dataset].image_sides
        for model in chapter.models_on(dataset) if sides else ():
            try:
                settings.models[model].check_images(*sides)
            except StudyError as error:
                told = f"{error.what} (data set {dataset}); expected {error.expected}; {error.do}"
                yield f"models.{model}: {told}"


def _inconsistent_variants(settings: StudySettings) -> Iterator[str]:
    """Rankings that no run gives."""
    chapter = settings.difficulty
    pruning, recording = chapter.pruning, chapter.recording
    if pruning is None or not set(pruning.datasets) & set(chapter.datasets):
        return
    if pruning.seeds > chapter.seeds:
        yield (
            f"difficulty.pruning.seeds: {pruning.seeds} runs are each ranked by the run of their own seed, "
            f"and there are difficulty.seeds: {chapter.seeds}"
        )
    for dataset in chapter.datasets:
        if dataset in pruning.datasets and pruning.model not in chapter.models_on(dataset):
            yield f"difficulty.pruning.model: {pruning.model} is not trained on {dataset}: nothing ranks it"
    if SCORES[pruning.score].family in recording.absent_families():
        yield f"difficulty.pruning.score: {pruning.score} is not recorded (difficulty.recording)"


def _inconsistent_experts(settings: StudySettings) -> Iterator[str]:
    """Ablations of nothing."""
    chapter = settings.experts
    if chapter is None:
        return
    if chapter.ablated is not None:
        if chapter.ablated not in chapter.models:
            yield f"experts.ablated: {chapter.ablated} is a model of no task"
        elif not any(
            settings.changed_part(chapter.ablated, model)
            for dataset in chapter.datasets
            if chapter.ablated in chapter.models_on(dataset)
            for model in chapter.models_on(dataset)
        ):
            yield (
                f"experts.ablated: no model that learns the same data as {chapter.ablated} differs from it "
                "in one part alone"
            )


def _unfit_decoders(settings: StudySettings, name: str) -> Iterator[str]:
    """Models that cannot take the rows of their data, or that cannot be kept."""
    chapter = getattr(settings, name)
    if chapter is None:
        return
    for dataset, data in chapter.made().items():
        for model in chapter.models_on(dataset):
            positions = settings.models[model].positions
            if positions is not None and data.longest_row > positions:
                yield (
                    f"models.{model}.positions: rows of {dataset} have up to {data.longest_row} tokens, and "
                    f"the model takes {positions}: raise positions, or leave it out"
                )
    for dataset in chapter.datasets:
        if chapter.task_of(dataset).recorded(chapter.recording).keep_model:
            models = chapter.models_on(dataset)
            hashed = [model for model in models if settings.models[model].router == "hash"]
            if hashed:
                yield (
                    f"{name}: models of {dataset} are to be kept (keep_model), and {', '.join(hashed)} has "
                    "hash routers, for which the transformers library has no class to open it with"
                )


def _in_parts(settings: StudySettings, chapter: str) -> Iterator[str]:
    """Minibatches in parts, of what is computed at once, or in more parts than it has rows."""
    chosen = getattr(settings, chapter)
    for dataset in chosen.datasets if chosen else ():
        for model in chosen.models_on(dataset):
            run = settings.run(chapter, dataset, model, 0)
            training = run.training
            if training.accumulate > 1 and settings.all_datasets[dataset].kind != CORPUS:
                yield f"{chapter}: accumulate has no effect on {model} on {dataset}: it is computed at once"
            elif training.accumulate > training.batch_size:
                yield (
                    f"{chapter}: {training.batch_size} rows of {dataset} cannot be computed in "
                    f"{training.accumulate} parts by {model}: lower accumulate, or raise batch_size"
                )
            elif training.accumulate % run.processes:
                yield (
                    f"{chapter}: {run.processes} processes cannot share the {training.accumulate} parts of a "
                    f"minibatch of {model} on {dataset} evenly: set accumulate to a multiple of processes"
                )
