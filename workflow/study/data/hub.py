"""Repositories of the Hugging Face hub."""

import os
import re
import warnings
from pathlib import Path

from study.config.notices import not_pinned
from study.data.labels import Table
from study.data.loading import cause_of, full, loaded, unreadable
from study.data.repository import PATTERNS, check_content, check_files
from study.data.splits import Source
from study.data.tables import source_of, table_of
from study.errors import StudyError
from study.files import no_space

UNPINNED = "@unpinned"  # in a data set's `source` if its revision may change under it
_SECONDS = 10  # how long to wait for the hub to answer at all


def read_hub(name: str, settings, study_seed: int) -> Source:
    """A repository of the hub, or a local folder in the hub's own layout.

    The repository's files are fetched at the revision first and then read as a local folder: in this way
    the revision also counts without a connection, when `datasets` alone would take any that is cached.

    Raises:
        StudyError: the hub cannot be reached, the repository, revision, subset or split is not there, or a
            column is missing or not as it should be.
    """
    local = Path(settings.id).is_dir()
    folder = _local(settings) if local else _fetch(settings.id, settings.revision)
    check_content(folder, settings.id)
    _check_subset(folder, settings)
    check_files(folder, settings.subset, settings.id)
    if notice := not_pinned(name, settings):
        warnings.warn(notice, stacklevel=2)
    train, test = (
        None if part is None else [_read_split(folder, part, settings)]
        for part in (settings.train, settings.test)
    )
    subset = f"/{settings.subset}" if settings.subset else ""
    revision = "" if local else _revision_read(folder, settings.revision)
    return source_of(train, test, f"hub:{settings.id}{subset}{revision}", settings)


def _local(settings) -> str:
    """The local folder, which has no revisions; its whole path, as `datasets` has its own idea of `json`."""
    if settings.revision:
        raise StudyError(
            "a local folder has no revisions",
            where=f"{settings.id} @ {settings.revision}",
            expected="no revision: the folder is read as it is, and its content is in the data set's digest",
            do="take the revision out of the data set's settings",
        )
    return os.path.abspath(settings.id)


def _revision_read(folder: str, revision: str | None) -> str:
    """What the source says of the commit: the one that was asked for, or the one that was there."""
    if revision:
        return f"@{revision}"
    commit = Path(folder).name  # of a snapshot in the hub's cache
    return f"{UNPINNED}, read at {commit}" if re.fullmatch("[0-9a-f]{40}", commit) else UNPINNED


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
        return table_of(rows, file, Path(folder), settings)


def _check_subset(folder: str, settings) -> None:
    """Refuse a subset that is not there, and no choice among several: `datasets` would take the first."""
    import datasets

    try:
        subsets = datasets.get_dataset_config_names(folder)
    except Exception as error:  # of many kinds: what others wrote into a card is believed
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
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(id)
    except HFValidationError as error:
        raise StudyError(
            f"there is no folder {id!r}, and a data set on the hub cannot be named so",
            where=id,
            expected=f"`owner/name` on the hub, or a folder that is there, seen from {os.getcwd()}",
            do="correct the id",
        ) from error
    if is_offline_mode():
        return None
    try:
        return HfApi().dataset_info(id, revision=revision, timeout=_SECONDS).sha
    except HfHubHTTPError as error:
        private = isinstance(error, RepositoryNotFoundError)
        raise StudyError(
            f"the hub refuses the data set: {cause_of(error)}",
            where=f"{id} @ {revision or 'unpinned'}",
            expected="a data set that is public, or that you are logged in for, and a commit of it; "
            f"or a folder that is there, seen from {os.getcwd()}",
            do="correct the id" + (", or log in with: hf auth login" if private else " or the revision"),
        ) from error
    except Exception:  # the network's errors have no common type
        return None


def _fetch(id: str, revision: str | None) -> str:
    """The local folder with a repository's files at the revision, downloaded if need be."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    found = _ask(id, revision)
    try:
        return snapshot_download(
            id,
            repo_type="dataset",
            revision=found or revision,
            allow_patterns=PATTERNS,
            local_files_only=found is None,
            etag_timeout=_SECONDS,
        )
    except (LocalEntryNotFoundError, OSError) as error:
        if no_space(error):
            raise full(id, f"{constants.HF_HUB_CACHE}, where downloads are kept (see HF_HOME)") from error
        raise StudyError(
            "the hub cannot be reached, and the data set was not downloaded before",
            where=f"{id} @ {revision or 'unpinned'}",
            expected="a connection to the hub, or a complete copy in the local cache (see HF_HOME)",
            do="download it where there is a connection: hf download --repo-type dataset "
            + id
            + (f" --revision {revision}" if revision else ""),
        ) from error
