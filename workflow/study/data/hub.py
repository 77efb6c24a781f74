"""Repositories of the Hugging Face hub."""

import warnings
from pathlib import Path

from study.data.loading import cause_of, loaded, two_columns, unreadable
from study.data.splits import Source
from study.data.tabular import Table, read_parts
from study.errors import StudyError

UNPINNED = "@unpinned"  # how a data set's `source` ends if its revision may change under it
_SECONDS = 10  # how long to wait for the hub to answer at all
_PICTURES = ("*.png", "*.jpg", "*.jpeg", "*.zip")
_FILES = ["*.parquet", "*.json", "*.jsonl", "*.csv", "*.arrow", "README.md", *_PICTURES]


def read_hub(name: str, settings, study_seed: int) -> Source:
    """A repository of the hub, or a local folder in the hub's own layout.

    The repository's files are fetched at the revision first and then read as a local folder: in this way
    the revision also counts without a connection, when `datasets` alone would take any that is cached.

    Raises:
        StudyError: the hub cannot be reached, the repository, revision, subset or split is not there, or a
            column is missing or not as it should be.
    """
    folder = settings.id if Path(settings.id).is_dir() else _fetch(settings.id, settings.revision)
    _check_subset(folder, settings)
    revision = f"@{settings.revision}" if settings.revision else UNPINNED
    if settings.revision is None:
        warnings.warn(
            f"data set {name}: the revision of {settings.id} is not pinned, so its content may change;"
            f" pin it with: python -m study pin {settings.id}",
            stacklevel=2,
        )
    train, test = (
        None if part is None else [_read_split(folder, part, settings)]
        for part in (settings.train, settings.test)
    )
    subset = f"/{settings.subset}" if settings.subset else ""
    return Source(*read_parts(train, test), f"hub:{settings.id}{subset}{revision}")


def latest_revision(id: str) -> str:
    """The commit (40 hex digits) that a repository's main branch is at now.

    Raises:
        StudyError: the hub cannot be reached, or the repository is not there.
    """
    revision = _ask(id, None)
    if revision is None:
        raise StudyError(
            "the hub cannot be reached",
            where=id,
            expected="a connection to the hub, and HF_HUB_OFFLINE not set",
            do="look the commit up where there is a connection",
        )
    return revision


def _read_split(folder: str, split: str, settings) -> Table:
    file = f"{settings.id}, split {split}"
    with loaded(file, folder, name=settings.subset, split=split) as rows:
        return two_columns(rows, file, Path(folder), settings.image_column, settings.label_column)


def _check_subset(folder: str, settings) -> None:
    """Refuse a subset that is not there, and no choice among several: `datasets` would take the first."""
    import datasets

    try:
        subsets = datasets.get_dataset_config_names(folder)
    except (ValueError, OSError, RuntimeError) as error:
        raise unreadable(settings.id, cause_of(error)) from error
    if settings.subset not in subsets and (
        settings.subset or (len(subsets) > 1 and "default" not in subsets)
    ):
        raise StudyError(
            f"there is no subset {settings.subset!r}" if settings.subset else "there are several subsets",
            where=settings.id,
            expected=f"one of {', '.join(subsets)}",
            do="name one as subset in the data set's settings",
        )


def _ask(id: str, revision: str | None) -> str | None:
    """The commit that the hub has for a revision (None: the latest), or None if the hub cannot be reached.

    One short question before anything else: a download would go on trying for minutes.

    Raises:
        StudyError: the hub answers that there is no such repository or revision, or not for this user.
    """
    from huggingface_hub import HfApi, is_offline_mode
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    if is_offline_mode():
        return None
    try:
        return HfApi().dataset_info(id, revision=revision, timeout=_SECONDS).sha
    except HfHubHTTPError as error:
        private = isinstance(error, RepositoryNotFoundError)
        raise StudyError(
            f"the hub refuses the data set: {cause_of(error)}",
            where=f"{id} @ {revision or 'unpinned'}",
            expected="a data set that is public, or that you are logged in for, and a commit of it",
            do="correct the id" + (", or log in with: hf auth login" if private else " or the revision"),
        ) from error
    except Exception:  # the network's errors have no common type
        return None


def _fetch(id: str, revision: str | None) -> str:
    """The local folder with a repository's files at the revision, downloaded if need be."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    found = _ask(id, revision)
    try:
        return snapshot_download(
            id,
            repo_type="dataset",
            revision=found or revision,
            allow_patterns=_FILES,
            local_files_only=found is None,
            etag_timeout=_SECONDS,
        )
    except (LocalEntryNotFoundError, OSError) as error:
        raise StudyError(
            "the hub cannot be reached, and the data set was not downloaded before",
            where=f"{id} @ {revision or 'unpinned'}",
            expected="a connection to the hub, or a complete copy in the local cache (see HF_HOME)",
            do="download it where there is a connection: hf download --repo-type dataset "
            + id
            + (f" --revision {revision}" if revision else ""),
        ) from error
