"""Trainings of the chapter `experts` beside its runs: the models of depth 1."""


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
        **asks("experts_walls"),
    params:
        settings=settings_of_walls,
        study_seed=STUDY.seed,
        code=code_version("study.training.walls"),
    message:
        "Training models of depth 1 with {wildcards.experts} experts on graphs of {wildcards.vertices} vertices"
    shell:
        "python -m study walls --vertices {wildcards.vertices} --experts {wildcards.experts} 2>&1 | tee {log}"
