"""What jobs that train ask for, read and write."""


def kind_and_architecture(wildcards):
    """What a model learns, and what it is built like: the code of its training."""
    return STUDY.all_datasets[wildcards.dataset].kind, STUDY.models[wildcards.model].architecture


def processes_of(chapter, dataset):
    """Processes that share a training."""
    settings = getattr(STUDY, chapter)
    return settings.task_of(dataset).shared_by if isinstance(settings, QuestionChapter) else 1


def threads_of_training(chapter, wildcards):
    """Threads of a training, over its processes."""
    return STUDY.runtime.threads * processes_of(chapter, wildcards.dataset)


def gpus_of_training(chapter, wildcards):
    """GPUs of a training."""
    return processes_of(chapter, wildcards.dataset)


def launcher(processes):
    """What starts a training: Python, or torch's launcher of several processes."""
    return "python" if processes == 1 else f"torchrun --standalone --nproc-per-node {processes}"


def training_data():
    """The prepared data set of the rule's wildcards."""
    return [f"{paths.data_folder('{dataset}')}/{name}" for name in ("arrays.safetensors", "examples.parquet")]


def of_a_training(processes=lambda wildcards: 1):
    """What a training job asks for: where models train on GPUs, one for each of its processes, all on one node.

    The launcher starts all processes beside itself; GPUs of several nodes would leave it with too few.
    """
    return {"gpu": processes, "nodes": 1} if STUDY.runtime.device == "cuda" else {}


def settings_of_runs(chapter, wildcards, variant=None):
    """Everything that the numbers of a model's runs depend on, but for the seed."""
    run = STUDY.run(chapter, wildcards.dataset, wildcards.model, 0, variant)
    return run.model_dump_json(exclude={"seed": True, "dataset": {"licence"}})


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


def not_recorded(value):
    """A parameter that plays no part when Snakemake compares runs: a seed's result is the same in any batch."""
    return lambda wildcards, output: value


def cut(runs, size):
    """The groups of runs that one job trains; without a size, one job trains all."""
    return [runs[start:][:size] for start in range(0, len(runs), size or len(runs))]


def batches(chapter):
    """The jobs that train models of a chapter: what they are called, on which data sets, and their seeds.

    Data sets whose runs write the same files, with as many seeds, share rules.
    """
    settings, alike = getattr(STUDY, chapter), {}
    for dataset in settings.datasets:
        key = STUDY.recorded(chapter, dataset).model_dump_json(), STUDY.seeds_on(chapter, dataset)
        alike.setdefault(key, []).append(dataset)
    for place, ((_, every_seed), datasets) in enumerate(alike.items()):
        for seeds in cut(every_seed, settings.seeds_per_job):
            kind = "" if place == 0 else f"{STUDY.all_datasets[datasets[0]].kind}_"
            yield f"{chapter}_train_{kind}seeds_{seeds[0]}_to_{seeds[-1]}", datasets, [*seeds]


def files_of_seeds(chapter, datasets, seeds):
    """All files of the runs of a job, on any of some data sets whose runs write the same ones."""
    recording = STUDY.recorded(chapter, datasets[0])
    return [
        f"{paths.run_folder(chapter, '{dataset}', '{model}', seed)}/{name}"
        for seed in seeds
        for name in recording.files(seed)
    ]


def variant_batches(chapter):
    """The variant runs of a model in a chapter, cut into jobs: these, which part of them, and its runs."""
    runs = {}
    for family in getattr(STUDY, chapter).families.values():
        trained = family.trained()
        runs.setdefault(trained.jobs, []).extend(
            RunName(chapter, "{dataset}", "{model}", seed, variant)
            for seed in range(trained.seeds)
            for variant in trained.variants
        )
    for jobs, of_jobs in runs.items():
        for part, batch in enumerate(cut(of_jobs, jobs.runs)):
            yield jobs, part, batch


def files_of_batch(runs):
    """All files of some runs."""
    return [path for run in runs for path in files_of_run(run)]


def data_of_variants(chapter, jobs):
    """The prepared data set, and the scores that rank it if these jobs train on parts of a ranking."""
    ranked_by = [PLANS[chapter].ranked_by(chapter, "{dataset}", "{model}")] if jobs.ranked else []
    return training_data() + ranked_by


def settings_of_variants(runs, wildcards):
    """A digest of the settings of variant runs."""
    variants = {run.variant: run for run in runs}.values()
    return digest("".join(settings_of_runs(run.chapter, wildcards, run.variant) for run in variants))
