"""What chapters of generated questions share: the choice of a learning rate for each model on each task."""


def tuned(chapter, wildcards):
    """What was chosen for a model on the task of a data set."""
    task = getattr(STUDY, chapter).task_of(wildcards.dataset)
    return [paths.tuning(chapter, task.tuning_name, wildcards.model)]


def tunings(chapter):
    """What was chosen for every model on every task of a chapter."""
    tasks = getattr(STUDY, chapter).tasks
    return [paths.tuning(chapter, name, model) for name, task in tasks.items() for model in task.all_models]


def of_task(wildcards):
    """The task that a model's rate is chosen for."""
    return getattr(STUDY, wildcards.chapter).tasks[wildcards.task]


def kind_of_task(wildcards):
    """What the data sets of the task are."""
    return next(iter(of_task(wildcards).made().values())).kind


def prepared_for_tuning(wildcards):
    """The corpus on which rates are tried, where they are tried on one; other tasks make data of their own."""
    if kind_of_task(wildcards) != CORPUS:
        return []
    return [
        f"{paths.data_folder(wildcards.task)}/{name}" for name in ("arrays.safetensors", "examples.parquet")
    ]


def settings_of_tuning(wildcards):
    """Everything that a choice of learning rate and weight decay depends on."""
    chapter = getattr(STUDY, wildcards.chapter)
    run = STUDY.tuning_run(wildcards.chapter, wildcards.task, wildcards.model)
    rates = chapter.rates_of(chapter.tasks[wildcards.task])
    return digest(f"{run.model_dump_json()} {rates} {chapter.weight_decays} {chapter.tuning_seeds}")


rule tune_on_questions:
    """Every learning rate and weight decay tried by one model on one task, on data of their own."""
    input:
        prepared_for_tuning,
    output:
        paths.tuning("{chapter}", "{task}", "{model}"),
    log:
        paths.log(paths.tuning("{chapter}", "{task}", "{model}")),
    benchmark:
        paths.benchmark(paths.tuning("{chapter}", "{task}", "{model}"))
    wildcard_constraints:
        chapter="experts|synthesis",
    threads: lambda wc: STUDY.runtime.threads * of_task(wc).shared_by
    resources:
        **of_a_training(lambda wc: of_task(wc).shared_by),
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        launch=lambda wc: launcher(of_task(wc).shared_by),
        settings=settings_of_tuning,
        study_seed=STUDY.seed,
        code=lambda wc: training_version(
            kind_of_task(wc), STUDY.models[wc.model].architecture, "study.training.question_tuning"
        ),
    message:
        "Choosing the learning rate of {wildcards.model} for {wildcards.task}"
    shell:
        "{params.launch} -m study tune --chapter {wildcards.chapter} --task {wildcards.task} --model {wildcards.model} "
        "2>&1 | tee {log}"
