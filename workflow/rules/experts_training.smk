"""Trainings of the chapter `experts` beside its runs: what chooses their learning rates, and the models of depth 1."""


rule experts_tune:
    """Every learning rate and weight decay tried by one model on one task, on data of their own."""
    input:
        prepared_for_tuning,
    output:
        paths.tuning("experts", "{task}", "{model}"),
    log:
        paths.log(paths.tuning("experts", "{task}", "{model}")),
    benchmark:
        paths.benchmark(paths.tuning("experts", "{task}", "{model}"))
    threads: lambda wc: STUDY.runtime.threads * EXPERTS.tasks[wc.task].shared_by
    resources:
        **of_a_training(lambda wc: EXPERTS.tasks[wc.task].shared_by),
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        launch=lambda wc: launcher(EXPERTS.tasks[wc.task].shared_by),
        settings=settings_of_tuning,
        study_seed=STUDY.seed,
        code=lambda wc: training_version(
            kind_of_task(wc.task), STUDY.models[wc.model].architecture, "study.training.question_tuning"
        ),
    message:
        "Choosing the learning rate of {wildcards.model} for {wildcards.task}"
    shell:
        "{params.launch} -m study tune --chapter experts --task {wildcards.task} --model {wildcards.model} "
        "2>&1 | tee {log}"


rule experts_walls:
    """Models of depth 1 of all widths, with some number of experts, trained on length-2 paths."""
    output:
        paths.wall("{vertices}", "{experts}"),
    log:
        paths.log(paths.wall("{vertices}", "{experts}")),
    benchmark:
        paths.benchmark(paths.wall("{vertices}", "{experts}"))
    threads: STUDY.runtime.threads
    resources:
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        settings=settings_of_walls,
        study_seed=STUDY.seed,
        code=code_version("study.training.walls"),
    message:
        "Training models of depth 1 with {wildcards.experts} experts on graphs of {wildcards.vertices} vertices"
    shell:
        "python -m study walls --vertices {wildcards.vertices} --experts {wildcards.experts} 2>&1 | tee {log}"
