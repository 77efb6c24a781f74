"""A small study that tests disturb, beside the same study that was left in peace."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from study import paths
from tests.project import Project, Ran, snapshot

NAME = "config/faults.yaml"
TARGETS = (  # made from these, with files of every kind, is the part of the study that is disturbed
    paths.INDEX,
    paths.table("difficulty", "runs_needed"),
    paths.figure("difficulty", "digits", "runs_needed", "pdf"),
)


class Undisturbed(NamedTuple):
    """The study that was left in peace."""

    project: Project
    folder: Path
    results: dict[str, bytes]
    seconds: float


class Disturbed:
    """The same study in another folder."""

    def __init__(self, peace: Undisturbed, folder: Path, more: tuple[str, ...] = ()) -> None:
        """`more`: configuration files on top of the study's."""
        self.peace, self.folder, self.more = peace, folder, more
        self.was_finished = (folder / paths.INDEX).exists()
        self.seconds = 0.0
        """Spent on it so far."""

    def run(self, *arguments: str) -> Ran:
        """Run snakemake to its end, whatever that is."""
        start = time.monotonic()
        with self.started(*arguments) as process:
            said, _ = process.communicate(timeout=900)
        self.seconds += time.monotonic() - start
        return Ran(process.returncode, said)

    @contextmanager
    def started(self, *arguments: str, first: Callable[[], None] | None = None) -> Iterator[subprocess.Popen]:
        """Snakemake under way, in a process group of its own; `first` is called in it before it starts."""
        project = self.peace.project

        def before() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # which is ignored where tests run in the background
            if first:
                first()

        process = subprocess.Popen(
            project.command(
                *arguments, "--", *self.peace.results, config=(NAME, *self.more), folder=self.folder
            ),
            cwd=project.root,
            env=project.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=before,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.stdout.close()
            process.wait()

    def finish(self, *arguments: str) -> Ran:
        """Run snakemake once more, to the end that every disturbance has to come to.

        Returns:
            What it said; results are those of the study that was left in peace.
        """
        ran = self.run(*arguments)
        assert ran.code == 0, ran.text
        assert not self.lost(), self.lost()
        return ran

    @property
    def seconds_in_peace(self) -> float:
        """What it takes in peace, of which nothing is left where all was finished."""
        return 0.0 if self.was_finished else self.peace.seconds

    def lost(self) -> list[str]:
        """Results that are not, or no longer, those of the study that was left in peace."""
        found, expected = snapshot(self.folder), self.peace.results
        names = {name for name in found.keys() | expected if not name.endswith(".damaged")}
        return sorted(name for name in names if found.get(name) != expected.get(name))

    def said(self) -> str:
        """All that Snakemake, and each job when it last ran, have logged in its folder."""
        logs = (*self.folder.glob(".snakemake/log/*.log"), *self.folder.glob("logs/**/*.log"))
        return "".join(path.read_text() for path in logs)

    def is_locked(self) -> bool:
        """Whether a Snakemake is at work in its folder, or was killed there."""
        return any((self.folder / ".snakemake/locks").glob("*"))

    def trainings(self) -> dict[int, list[str]]:
        """Words of the command lines of trainings that are under way in its folder, by their processes."""
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                words = (place / "cmdline").read_bytes().decode().split("\0")
                here = Path(os.readlink(place / "cwd")) == self.folder
            except OSError:  # it has ended meanwhile
                continue
            if here and words[1:4] == ["-m", "study", "train"]:
                found[int(place.name)] = words
        return found

    def past_a_checkpoint(self) -> list[int]:
        """Processes of trainings that would go on from a checkpoint."""
        found = []
        for process, words in self.trainings().items():
            model, seeds = words[words.index("--model") + 1], words[words.index("--seeds") + 1 :]
            states = self.folder.glob(f"work/*/*/{model}/*/seed=*/checkpoint.safetensors")
            if any(path.parent.name.removeprefix("seed=") in seeds for path in states):
                found.append(process)
        return found


def wait_for(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """What comes, or is true, in the end.

    Raises:
        AssertionError: it did not.
    """
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.01)
    return found


def send(number: int, process: int) -> bool:
    """Send a signal to a process; whether it was still there."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return False
    return True
