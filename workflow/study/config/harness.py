"""Settings of EleutherAI's lm-evaluation-harness."""

from typing import Annotated

from pydantic import Field

from study.config.base import Once, Settings

TaskName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$")]


class HarnessSettings(Settings):
    """What the harness asks of every checkpoint; it is in an environment of its own: `make harness`."""

    tasks: Annotated[list[TaskName], Field(min_length=1), Once] = ["own"]
    """Its names of tasks, `own` for the corpus's own questions; others are fetched from the hub."""
    num_fewshot: Annotated[int, Field(ge=0)] | None = None
    """Examples before each question; null: what each task has by itself, which for own questions is none."""
    batch_size: Annotated[int, Field(ge=1)] = 32
    """Questions that are answered at once."""
    answer_tokens: Annotated[int, Field(ge=2)] | None = None
    """Tokens of an answer to own questions at most; null: as many as the study's own evaluation allows."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """Questions of each task, to try it out; null: all."""

    @property
    def options(self) -> str:
        """The settings as options of `python -m study harness`."""
        given = self.model_dump(exclude={"tasks"}, exclude_none=True)
        named = [f"--{name.replace('_', '-')} {value}" for name, value in given.items()]
        return " ".join([f"--tasks {' '.join(self.tasks)}", *named])
