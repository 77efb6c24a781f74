"""What a configuration's owner should know before the study starts, though it is no mistake."""

from pathlib import Path

from study.config.datasets import DatasetSettings
from study.config.study import StudySettings


def notices(study: StudySettings) -> list[str]:
    """Sentences to show at the start of a study."""
    used = dict.fromkeys(name for chapter in study.chapters for name in getattr(study, chapter).datasets)
    return [notice for name in used if (notice := not_pinned(name, study.all_datasets[name]))]


def not_pinned(name: str, settings: DatasetSettings) -> str:
    """That a data set of the hub has no fixed revision; "" of any other, and of a local folder."""
    if settings.source != "hub" or settings.revision is not None or Path(settings.id).is_dir():
        return ""
    return (
        f"data set {name}: the revision of {settings.id} is not pinned, so its content may change; "
        f"pin it with: python -m study pin {settings.id}"
    )
