"""What joins the chapters: tables, the index of all runs, the report."""


rule collect_table:
    """A table of a chapter, over its data sets."""
    input:
        lambda wc: sources_of_table(wc.chapter, wc.table),
    output:
        report(
            paths.table("{chapter}", "{table}"),
            caption="../report/table.rst",
            category="Tables",
            labels={"chapter": "{chapter}", "table": "{table}"},
        ),
    log:
        paths.log(paths.table("{chapter}", "{table}")),
    benchmark:
        paths.benchmark(paths.table("{chapter}", "{table}"))
    wildcard_constraints:
        chapter="|".join(chapter for chapter, plan in PLANS.items() if plan.tables) or "none",
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
        report(
            paths.CLAIMS,
            caption="../report/table_claims.rst",
            category="Claims",
            labels={"what": "table"},
        ),
    log:
        paths.log(paths.CLAIMS),
    benchmark:
        paths.benchmark(paths.CLAIMS)
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
        png=report(
            paths.study_figure("claims", "png"),
            caption="../report/claims.rst",
            category="Claims",
            labels={"what": "figure"},
        ),
        pdf=paths.study_figure("claims", "pdf"),
        csv=paths.study_figure("claims", "csv"),
        rst=paths.study_figure("claims", "rst"),
    log:
        paths.log(paths.study_figure("claims", "pdf")),
    benchmark:
        paths.benchmark(paths.study_figure("claims", "pdf"))
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
        csv=report(
            paths.INDEX,
            caption="../report/table_index.rst",
            category="Tables",
            labels={"table": "index of runs"},
        ),
        rst=paths.INDEX_IN_WORDS,
    log:
        paths.log(paths.INDEX),
    benchmark:
        paths.benchmark(paths.INDEX)
    params:
        code=code_version("study.chapters.index"),
    message:
        "Listing all runs"
    shell:
        "python -m study index 2>&1 | tee {log}"


rule write_configuration:
    """The complete configuration of the study, defaults included."""
    output:
        report(
            paths.CONFIG,
            caption="../report/table_config.rst",
            category="Configuration",
            labels={"what": "configuration"},
        ),
    log:
        paths.log(paths.CONFIG),
    benchmark:
        paths.benchmark(paths.CONFIG)
    params:
        settings=digest(STUDY.model_dump_json()),
        code=code_version("study.chapters.configuration"),
    message:
        "Writing the configuration"
    shell:
        "python -m study configuration 2>&1 | tee {log}"


rule write_report:
    """One page with all figures, tables, the configuration and the data cards; it needs no network to be read."""
    input:
        [shown_files(chapter) for chapter in STUDY.chapters],
        paths.INDEX,
        paths.CONFIG,
        paths.CLAIMS,
        paths.study_figure("claims", "png"),
        [
            f"{paths.data_folder(dataset)}/card.html"
            for chapter in STUDY.chapters
            for dataset in getattr(STUDY, chapter).datasets
        ],
    output:
        paths.REPORT,
    log:
        paths.log(paths.REPORT),
    benchmark:
        paths.benchmark(paths.REPORT)
    params:
        code=digest_of_texts(PROJECT / "workflow/report"),
    message:
        "Writing the report"
    shell:
        'snakemake --snakefile "$STUDY_PROJECT/Snakefile" --configfile "$STUDY_CONFIG" --report {output} '
        '--report-stylesheet "$STUDY_PROJECT/workflow/report/report.css" --nolock '
        "--rerun-triggers mtime -- {input} 2>&1 | tee {log}"
