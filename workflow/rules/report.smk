"""The report: one page on all that the study made."""


rule write_report:
    """One page with the claims, a section for each chapter, and where everything comes from."""
    input:
        [files_of(chapter) for chapter in STUDY.chapters],
        paths.INDEX,
        paths.INDEX_IN_WORDS,
        paths.CONFIG,
        paths.CLAIMS,
        paths.study_figure("claims", "png"),
    output:
        paths.REPORT,
    log:
        paths.log(paths.REPORT),
    benchmark:
        paths.benchmark(paths.REPORT)
    resources:
        **asks("write_report"),
    params:
        contents=lambda wildcards: contents_of_report(),
        code=code_version("study.report.page"),
        texts=digest_of_texts(PROJECT / "workflow/study/report"),
    message:
        "Writing the report"
    shell:
        "python -m study report --contents {params.contents} 2>&1 | tee {log}"
