"""Results are mended where Snakemake is about to plan or make files, and nowhere else.

Snakemake 9.27 reads the rules for a mere look too (`--summary`, `--unlock`, `--lint`), and while it reads
them it does not say what it was asked for. Where it plans or makes files, and only there, it then calls
`Workflow.execute`. In that call files are first looked at, so what is mended ahead of it is planned for.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError

from study.errors import StudyError

LOCKS = Path(".snakemake/locks")


def before_planning(workflow: Any, mend: Callable[[bool], Sequence[Path]]) -> None:
    """Have results mended before files are planned, but not under a Snakemake that is at work in the folder.

    Its lock refuses another one that would make the same files. With a damaged file one is refused here: it
    would take the file for made.

    Args:
        workflow: Snakemake's, which reads the rules.
        mend: what mends, and returns damaged files. It is given whether to name them only: no job will run in
            a dry run, or with `--touch`.
    """
    execute = workflow.execute

    @wraps(execute)
    def mended(executor_plugin: Any, **settings: Any) -> Any:
        kind = executor_plugin.common_settings
        pretend = kind.dryrun_exec or kind.touch_exec
        locked = workflow.execution_settings.lock and any(LOCKS.glob("*.lock"))
        damaged = mend(pretend or locked)
        if damaged and locked and not pretend:
            raise WorkflowError(str(_cannot_mend(damaged[0])))
        return execute(executor_plugin=executor_plugin, **settings)

    workflow.execute = mended


def _cannot_mend(damaged: Path) -> StudyError:
    return StudyError(
        "a result file is damaged, and cannot be set aside while another Snakemake is at work in the folder",
        where=str(damaged),
        expected="a folder that no Snakemake has locked",
        do="wait until it has ended (if it was killed: snakemake --unlock), then run the same command again",
    )
