"""The lm-evaluation-harness on a checkpoint: its command line, and its results as a table."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from study import paths
from study.analysis.harness.asked import ALL
from study.analysis.harness.results import read_results
from study.analysis.harness.tasks import write_tasks
from study.errors import StudyError
from study.files import read_json, write_csv

COMMAND = "LM_EVAL"
"""The environment variable that names the harness's command, where it is not in `.venv-harness`."""


class Request(NamedTuple):
    """What is asked of a checkpoint."""

    checkpoint: Path
    """A folder that the transformers library opens, with its tokenizer."""
    tasks: tuple[str, ...] = (ALL,)
    """Names of tasks that the harness knows, and `own`, or those of single tasks of the questions."""
    questions: Path | None = None
    """For our own tasks: `examples.parquet` of a prepared corpus, or a file like it."""
    device: str = "auto"
    """cpu, cuda or auto."""
    batch_size: int = 32
    num_fewshot: int | None = None
    """Examples before each question; None: as many as each task has by itself, ours none."""
    answer_tokens: int | None = None
    """Tokens generated at most in our tasks; None: as many as the study's own evaluation allows."""
    limit: int | None = None
    """Questions of each task; None: all."""

    @property
    def of_others(self) -> list[str]:
        """The tasks that are the harness's own, with data of the hub."""
        return [name for name in self.tasks if name != ALL and not name.startswith(f"{ALL}_")]

    @property
    def asks_questions(self) -> bool:
        """Whether our own tasks are among them."""
        return len(self.of_others) < len(self.tasks)


def command_line(request: Request, harness: Path, folder: Path) -> list[str]:
    """The harness's command, as one would type it.

    Args:
        request: what is asked.
        harness: the program `lm_eval`.
        folder: where our own tasks lie, in `tasks`, and where its results go.
    """
    options = {
        "model": "hf",
        "model_args": f"pretrained={request.checkpoint},dtype=float32",
        "tasks": ",".join(request.tasks),
        "include_path": folder / "tasks" if request.asks_questions else None,
        "device": request.device,  # auto is no device, and so it takes the GPU if there is one
        "batch_size": request.batch_size,
        "num_fewshot": request.num_fewshot,
        "limit": request.limit,
        "output_path": folder / "results.json",
    }
    given = [(f"--{name}", str(value)) for name, value in options.items() if value is not None]
    return [str(harness), *(word for pair in given for word in pair), "--log_samples"]


def environment(request: Request, folder: Path) -> dict[str, str]:
    """The variables that the harness runs with: without the network where it needs none."""
    found = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if not request.of_others:
        found |= {name: "1" for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")}
        found["HF_DATASETS_CACHE"] = str(folder.absolute() / "cache")
    return found


def find_harness() -> Path:
    """The program `lm_eval`: where $LM_EVAL says, or in the environment that `make harness` sets up.

    Raises:
        StudyError: it is not there.
    """
    own = Path(os.environ.get("STUDY_PROJECT", "."), paths.HARNESS_COMMAND)
    named = os.environ.get(COMMAND, str(own))
    found = shutil.which(named)
    if found is None:
        raise StudyError(
            "the lm-evaluation-harness is not installed",
            where=named,
            expected="its program lm_eval, in an environment of its own",
            do=f"run: make harness, or set {COMMAND} to the program's path",
        )
    return Path(found).absolute()


def evaluate(request: Request, output: Path) -> None:
    """Ask a checkpoint, and write the table of results.

    What the harness writes, answers one by one included, stays in a folder of `work/harness`.

    Raises:
        StudyError: the harness is not installed, or failed, or wrote nothing; or there is no checkpoint, or
            there are no questions for our own tasks.
    """
    harness, folder = find_harness(), _work_folder(output)
    _check_checkpoint(request.checkpoint)
    if request.asks_questions and request.questions is None:
        raise StudyError(
            "there are no questions for our own tasks",
            where=", ".join(request.tasks),
            expected="examples.parquet of a prepared corpus",
            do="name it: --questions results/data/<corpus>/examples.parquet",
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if request.asks_questions:
        write_tasks(
            request.questions,
            folder / "tasks",
            num_fewshot=request.num_fewshot,
            answer_tokens=request.answer_tokens,
            checkpoint=request.checkpoint,
        )
    command = command_line(request, harness, folder)
    print(" ".join(command), flush=True)
    failed = subprocess.run(command, env=environment(request, folder)).returncode != 0
    written = sorted(folder.glob("results_*.json"))
    if failed or not written:
        raise StudyError(
            f"the lm-evaluation-harness {'failed' if failed else 'wrote no results'}",
            where=" ".join(command),
            expected="an end without an error, and a file of results",
            do="see what it said above",
        )
    write_csv(output, read_results(written[-1]))


def _check_checkpoint(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise StudyError(
            "there is no checkpoint",
            where=str(folder),
            expected="a folder with config.json, model.safetensors and a tokenizer",
            do="name the folder `model` of a run that keeps its model",
        )
    settings = [
        path for name in ("generation_config", "config") if (path := folder / f"{name}.json").is_file()
    ]
    if read_json(settings[0]).get("eos_token_id") is None:  # the harness would read on behind an answer's end
        raise StudyError(
            "the checkpoint does not say which token ends a text",
            where=str(settings[0]),
            expected="eos_token_id, the one of its tokenizer",
            do="save the model with it",
        )


def _work_folder(output: Path) -> Path:
    """A folder of `work/harness` for what makes a table."""
    place, here = Path(os.path.abspath(output)).with_suffix(""), Path.cwd()
    place = place.relative_to(here) if place.is_relative_to(here) else place.relative_to(place.anchor)
    return Path(paths.WORK, "harness", place)
