"""What all rules share: the configuration, the package on the path, targets, and words for the user."""

import json
import os
import sys
from pathlib import Path

from snakemake import dag
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

PROJECT = Path(workflow.basedir).resolve()
sys.path.insert(0, str(PROJECT / "workflow"))

from before_planning import before_planning
from rules_by_output import OutputsByEnding
from study import paths
from study.config import parse_study
from study.config.asking import asked, read_measured
from study.config.files import read_mapping
from study.config.notices import notices
from study.config.makers import describer_of, loader_of
from study.config.question_chapter import QuestionChapter
from study.config.study import RunName
from study.config.user_scores import check_user_files, register_user_scores
from study.data.stamps import source_stamp
from study.errors import StudyError
from study.kinds import CORPUS
from study.files import json_text, write_json, write_text
from study.manifest import Made, forget, record
from study.provenance import code_version, digest, script_version, training_version, variants_version
from study.results import claim, guard, repair
from study.telling import of_machine

dag.OutputIndex = OutputsByEnding

# Without `--configfile` it is the default study's. Not by the directive `configfile:`, which would also put the
# default's keys under every other configuration.
CONFIG_FILES = list(map(str, workflow.configfiles)) or [str(PROJECT / "config/config.yaml")]


def read_study():
    """The configuration as settings; each mistake in it ends the workflow here, before any job starts."""
    settings = config
    if not workflow.configfiles:
        settings = read_mapping(Path(CONFIG_FILES[0]))
        update_config(settings, config)
    elif workflow.is_main_process:
        for file in filter(os.path.isfile, CONFIG_FILES):
            read_mapping(Path(file))  # of a key that stands twice, Snakemake takes the last
    return parse_study(settings, where=", ".join(CONFIG_FILES))


def publish(study):
    """Write the resolved configuration where jobs read it: a name of its own for each content."""
    content = study.model_dump_json()
    path = Path(paths.WORK) / f"config-{digest(content)}.json"
    text = json_text(json.loads(content))
    if not path.exists() or (workflow.is_main_process and path.read_bytes() != text.encode()):
        write_text(path, text)
    return str(path)


def mend(pretend):
    """Set cut results aside, so that they are planned to be made again; `pretend`: name them only."""
    try:
        return repair(STUDY, pretend=pretend)
    except OSError as error:
        raise WorkflowError(str(of_machine(error))) from None


try:
    STUDY = read_study()
    register_user_scores(STUDY)
    check_user_files(STUDY)
    MEASURED = read_measured(PROJECT / STUDY.runtime.measured) if STUDY.runtime.measured else {}
    STUDY_CONFIG = publish(STUDY)
    if workflow.is_main_process:
        guard(STUDY, CONFIG_FILES)
        before_planning(workflow, mend)
except StudyError as error:
    raise WorkflowError(str(error)) from None

# The package is imported from here, not installed. One thread a job, whatever a numerical library would like;
# training sets its own number (runtime.threads). A job is told to end by a SIGTERM to all of its processes: its shell and
# `tee` outlive that, so that a training can save its state and say so.
shell.prefix(
    f"set -euo pipefail; trap '' TERM; export STUDY_PROJECT='{PROJECT}' STUDY_CONFIG='{STUDY_CONFIG}' "
    f"PYTHONPATH='{PROJECT / 'workflow'}' "
    "OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1; "
)


def asks(rule):
    """Memory and time that the jobs of a rule ask a cluster for; a job that failed asks for twice as much."""
    return {
        "mem_mb": lambda wildcards, attempt: asked(rule, STUDY.runtime, MEASURED, attempt).memory_mb,
        "runtime": lambda wildcards, attempt: asked(rule, STUDY.runtime, MEASURED, attempt).minutes,
    }


wildcard_constraints:
    dataset="[a-z0-9][a-z0-9_-]*",
    model="[a-z0-9][a-z0-9_-]*",
    seed="[0-9]+",
    table="[a-z_]+",


def digest_of_texts(folder):
    """A digest of the captions, templates and styles below a folder: the report is written again when one changes."""
    texts = (path for path in sorted(folder.rglob("*.*")) if path.suffix in (".css", ".csv", ".html", ".rst"))
    return digest("".join(path.read_text(encoding="utf-8") for path in texts))


def let_the_scheduler_rest():
    """Local jobs may start as soon as there is a core for them.

    Snakemake 9.27 starts a timer after every look at the jobs that are ready, which makes it look again a second later: so
    with each finished job it looks once a second more, until that takes a third of a core. The timers serve a limit of jobs
    a second, which only clusters need. Settings come too late: the scheduler has read its own when this hook is called.
    """
    if workflow.resource_settings.nodes is None:
        workflow.scheduler.job_rate_limiter = None


def announce():
    """Before the first job: how long it will take, and what would be shorter."""
    try:
        claim(STUDY, CONFIG_FILES)
        # This process may be killed before it writes the manifest; what it made then counts as new to the next one.
        forget(file for job in workflow.dag.needrun_jobs() for file in job.output)
        contents_of_report()  # by it `python -m study measured` knows the rules of a part of a study, too
    except StudyError as error:
        raise WorkflowError(str(error)) from None
    let_the_scheduler_rest()
    minutes = (
        f"about {STUDY.expected_minutes:g} minutes on 2 cores"
        if STUDY.expected_minutes
        else "an unknown time"
    )
    hint = "" if STUDY.name == "smoke" else " `make smoke` runs the same workflow, small, in about 2 minutes."
    print(
        f"\nStudy '{STUDY.name}': {minutes} if nothing is computed yet.{hint}\n", file=sys.stderr, flush=True
    )
    for notice in notices(STUDY):
        print(f"Note: {notice}\n", file=sys.stderr, flush=True)


def record_what_was_made():
    """Write the manifest: what each result file holds, and what made it.

    Files of jobs whose turn never came are left out: they are not what those jobs would make.
    """
    made = (
        Made(
            file,
            job.rule.name,
            str(job.params.get("code", "")),
            digest(str(job.params.settings)) if job.params.get("settings") else "",
            workflow.dag.finished(job),
        )
        for job in filter(workflow.dag.noneedrun_finished, workflow.dag.jobs)
        for file in job.output
    )
    try:
        record(made)
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)


def say_what_to_open():
    """After the last job: the files to open."""
    record_what_was_made()
    found = [
        path
        for path in (paths.REPORT, f"{paths.RESULTS}/difficulty/tables/runs_needed.csv", paths.INDEX)
        if os.path.exists(path)
    ]
    opened = "".join(f"\n  {os.path.join(os.getcwd(), path)}" for path in found)
    print(
        f"\nDone. Open:{opened}\nWhat each file holds: {PROJECT}/results/README.md\n",
        file=sys.stderr,
        flush=True,
    )


def say_how_to_go_on():
    """After a failure: what is kept, and how to continue."""
    record_what_was_made()
    print(
        "\nA step failed; its message stands above and in logs/. Finished results are kept: mend the cause and run "
        "the same command again, it goes on from there. A job that was killed (exit status 137, or out of memory in "
        "the cluster's words) may have needed more memory than there was: fewer jobs at once, or a larger "
        "runtime.memory_mb (runtime.memory_margin of what was measured).\n",
        file=sys.stderr,
        flush=True,
    )
