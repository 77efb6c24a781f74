"""A user's own scores enter the registry of scores: in every process that reads the configuration."""

from pathlib import Path

from study.config.study import StudySettings
from study.errors import StudyError
from study.names import nearest
from study.scores.registry import register


def register_user_scores(study: StudySettings) -> None:
    """Make the scores that `difficulty.user_scores` names known to this process."""
    for name, score in (study.difficulty.user_scores if study.difficulty else {}).items():
        register(name, score.hard, score.unit, score.coarse, score.file)


def check_user_files(study: StudySettings) -> None:
    """Refuse a study whose score files are not there, before any job starts.

    Raises:
        StudyError: a file is missing; names one like it that is there.
    """
    for name, score in (study.difficulty.user_scores if study.difficulty else {}).items():
        path = Path(score.file)
        if path.is_file():
            continue
        there = [entry.name for entry in path.parent.glob("*")] if path.parent.is_dir() else []
        near = nearest(path.name, there)
        raise StudyError(
            f"the file of the score {name!r} of your own is missing",
            where=f"difficulty.user_scores.{name}.file: {path}",
            expected=f"a file below {Path.cwd()}, or an absolute path",
            do=f"did you mean {near!r}?" if near else "check the path",
        )
