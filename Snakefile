"""hard-examples: which training examples are hard, for which models, and what more memory buys.

`snakemake` runs the default study (config/config.yaml) with the profile profiles/default; any figure, table or
run can be asked for by its path. What each file holds: results/README.md. How to change the study: config/README.md.
"""

from snakemake.utils import min_version

min_version("9.27")


container: "docker://ghcr.io/hard-examples/study:1"


include: "workflow/rules/common.smk"
include: "workflow/rules/plans.smk"
include: "workflow/rules/trainings.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/question_tuning.smk"


for chapter in STUDY.chapters:

    include: f"workflow/rules/{chapter}.smk"


include: "workflow/rules/chapters.smk"
include: "workflow/rules/study.smk"
include: "workflow/rules/contents.smk"
include: "workflow/rules/report.smk"


rule all:
    """Every chapter, the index of runs, and the report."""
    default_target: True
    input:
        paths.INDEX,
        paths.REPORT,
        paths.CONFIG,
        paths.CLAIMS,
        [files_of(chapter) for chapter in STUDY.chapters],
    localrule: True
    message:
        "The study is complete."


for chapter in STUDY.chapters:

    rule:
        """All figures and tables of a chapter: `snakemake difficulty`, say."""
        name:
            chapter
        input:
            files_of(chapter),
        localrule: True
        message:
            "The chapter `{rule}` is complete."


onstart:
    announce()


onsuccess:
    say_what_to_open()


onerror:
    say_how_to_go_on()
