"""What a configuration's owner should know before the study starts, though it is no mistake."""

from pathlib import Path

from study.config.datasets import DatasetSettings
from study.config.study import StudySettings
from study.kinds import CORPUS


def notices(study: StudySettings) -> list[str]:
    """Sentences to show at the start of a study."""
    used = dict.fromkeys(name for chapter in study.chapters for name in getattr(study, chapter).datasets)
    found = []
    for name in used:
        settings = study.all_datasets[name]
        if settings.kind == CORPUS:
            found += [
                _unpinned(f"corpus {name}, {where}", rows.id, rows.revision)
                for where, rows in settings.rows()
            ]
        else:
            found.append(not_pinned(name, settings))
    return list(filter(None, found))


def not_pinned(name: str, settings: DatasetSettings) -> str:
    """That a data set of the hub has no fixed revision; "" of any other, and of a local folder."""
    if settings.source != "hub":
        return ""
    return _unpinned(f"data set {name}", settings.id, settings.revision)


def _unpinned(what: str, id: str | None, revision: str | None) -> str:
    if id is None or revision is not None or Path(id).is_dir():
        return ""
    return (
        f"{what}: the revision of {id} is not pinned, so its content may change; "
        f"pin it with: python -m study pin {id}"
    )
