"""What joins the chapters: tables, the claims, the index of all runs, the configuration."""


rule collect_table:
    """A table of a chapter, over its data sets."""
    input:
        lambda wc: sources_of_table(wc.chapter, wc.table),
    output:
        paths.table("{chapter}", "{table}"),
    log:
        paths.log(paths.table("{chapter}", "{table}")),
    benchmark:
        paths.benchmark(paths.table("{chapter}", "{table}"))
    wildcard_constraints:
        chapter="|".join(chapter for chapter, plan in PLANS.items() if plan.tables) or "none",
    resources:
        **asks("collect_table"),
    params:
        user_scores=lambda wc: list(getattr(STUDY, wc.chapter).user_scores),
        code=code_version("study.chapters.collect"),
    message:
        "Writing the table {wildcards.table} of the chapter {wildcards.chapter}"
    shell:
        "python -m study collect --chapter {wildcards.chapter} --table {wildcards.table} --sources {input} "
        "2>&1 | tee {log}"


rule join_claims:
    """Every claim of the papers with what this study says of it; those of chapters that were not run, too."""
    input:
        [paths.table(chapter, "claims") for chapter in STUDY.chapters],
    output:
        paths.CLAIMS,
    log:
        paths.log(paths.CLAIMS),
    benchmark:
        paths.benchmark(paths.CLAIMS)
    resources:
        **asks("join_claims"),
    params:
        chapters=STUDY.chapters,
        code=code_version("study.chapters.claims"),
    message:
        "Joining what the chapters say of the claims"
    shell:
        "python -m study claims 2>&1 | tee {log}"


rule draw_claims:
    """What the study says of every claim, as a forest plot."""
    input:
        claims=paths.CLAIMS,
    output:
        png=paths.study_figure("claims", "png"),
        pdf=paths.study_figure("claims", "pdf"),
        csv=paths.study_figure("claims", "csv"),
        rst=paths.study_figure("claims", "rst"),
    log:
        paths.log(paths.study_figure("claims", "pdf")),
    benchmark:
        paths.benchmark(paths.study_figure("claims", "pdf"))
    resources:
        **asks("draw_claims"),
    params:
        code=script_version(PROJECT / "workflow/scripts/fig_claims.py"),
    message:
        "Drawing what the study says of the claims"
    script:
        "../scripts/fig_claims.py"


rule index_runs:
    """Every run of the study, a row each."""
    input:
        [f"{paths.run_folder(*run)}/metrics.json" for run in every_run()],
    output:
        csv=paths.INDEX,
        rst=paths.INDEX_IN_WORDS,
    log:
        paths.log(paths.INDEX),
    benchmark:
        paths.benchmark(paths.INDEX)
    resources:
        **asks("index_runs"),
    params:
        code=code_version("study.chapters.index"),
    message:
        "Listing all runs"
    shell:
        "python -m study index 2>&1 | tee {log}"


rule write_configuration:
    """The complete configuration of the study, defaults included."""
    output:
        paths.CONFIG,
    log:
        paths.log(paths.CONFIG),
    benchmark:
        paths.benchmark(paths.CONFIG)
    resources:
        **asks("write_configuration"),
    params:
        settings=digest(STUDY.model_dump_json()),
        code=code_version("study.chapters.configuration"),
    message:
        "Writing the configuration"
    shell:
        "python -m study configuration 2>&1 | tee {log}"
