"""Repositories of the hub, without a connection: local folders in its layout, and its own cache."""

import errno
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.unit.data.pictures import grey, parquet, png

from study.data.dataset import open as open_dataset
from study.data.dataset import save
from study.data.hub import latest_revision
from study.data.sources import load

SHA, OLDER = "a" * 40, "b" * 40
README = """---
license: cc0-1.0
configs:
- config_name: small
  data_files:
  - {split: train, path: data/train-*}
  - {split: held, path: data/test-*}
- config_name: other
  data_files:
  - {split: train, path: other/train-*}
dataset_info:
- config_name: small
  features:
  - {name: img, dtype: image}
  - name: fine
    dtype: {class_label: {names: {'0': owl, '1': ant}}}
---
# A data set
"""


def repository(folder, seed: int = 0):
    """A folder as a repository on the hub; returns its training pictures."""
    pictures = grey(6, seed)
    for place in ("data", "other"):
        (folder / place).mkdir(parents=True)
    (folder / "README.md").write_text(README)
    images = [{"bytes": png(picture), "path": None} for picture in pictures]
    for k in range(2):
        half = slice(3 * k, 3 * k + 3)
        file = folder / "data" / f"train-{k:05d}-of-00002.parquet"
        _write(file, images[half], [0, 1, 1][: len(images[half])])
    _write(folder / "data" / "test-00000-of-00001.parquet", images[:2], [0, 1])
    _write(folder / "other" / "train-00000-of-00001.parquet", images[:2], [0, 1])
    return pictures


def _write(path, images, labels) -> None:
    import pyarrow.parquet as pq

    parquet(path, images, labels)
    pq.write_table(pq.read_table(path).rename_columns(["img", "fine"]), path)


@pytest.fixture
def hub(settings):
    keys = {"image_column": "img", "label_column": "fine", "subset": "small", "test": "held"}

    def run(id, **more):
        revision = {} if Path(id).is_dir() else {"revision": SHA}
        return load("own", settings(source="hub", id=str(id), **{**keys, **revision, **more}), 0)

    return run


@pytest.fixture
def no_connection(monkeypatch, tmp_path):
    """The hub's client in offline mode, with an empty cache; returns the cache."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_local_folder_in_the_hubs_layout(tmp_path, hub):
    pictures = repository(tmp_path)
    data = hub(tmp_path)
    np.testing.assert_array_equal(data.train.inputs[:, 0], pictures)
    assert data.classes == ("owl", "ant") and list(data.train.labels) == [0, 1, 1, 0, 1, 1]
    assert len(data.test.ids) == 2 and data.source == f"hub:{tmp_path}/small"


def test_an_unpinned_revision_warns_and_the_commit_that_was_read_is_recorded(no_connection, hub, tmp_path):
    place = no_connection / "datasets--someone--pictures"
    repository(place / "snapshots" / SHA)
    (place / "refs").mkdir()
    (place / "refs/main").write_text(SHA)
    with pytest.warns(UserWarning, match="not pinned.*pin it with: python -m study pin someone/pictures"):
        data = hub("someone/pictures", revision=None)
    assert data.source == f"hub:someone/pictures/small@unpinned, read at {SHA}"
    save(data, tmp_path / "prepared")
    assert open_dataset(tmp_path / "prepared").source == data.source
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert hub("someone/pictures").source == f"hub:someone/pictures/small@{SHA}"


def test_a_local_folder_has_no_revision_and_needs_none(tmp_path, hub, refused):
    repository(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hub(tmp_path)
    refused(
        lambda: hub(tmp_path, revision=SHA),
        what="no revisions", where=f"{tmp_path} @ {SHA}", expected="as it is", do="take the revision out",
    )  # fmt: skip


@pytest.mark.parametrize("id", ["./mydata", "a/b/c", "/nowhere/at/all", "~/data", "my data"])
def test_an_id_that_is_neither_a_folder_nor_a_name(hub, refused, id):
    for ask in (hub, latest_revision):
        refused(
            lambda ask=ask: ask(id),
            what=f"there is no folder {id!r}", where=id, expected="owner/name", do="correct the id",
        )  # fmt: skip


def test_a_full_disk_is_no_missing_connection(no_connection, monkeypatch, hub, refused):
    import huggingface_hub

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    refused(
        lambda: hub("someone/pictures"),
        what="no space is left", where=str(no_connection), expected="room", do="free some space",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["data.zip", "data.arrow", "notes.txt"])
def test_a_repository_of_archives_is_not_read(tmp_path, hub, refused, name):
    (tmp_path / name).write_text("no table")
    refused(
        lambda: hub(tmp_path, subset=None, test="test"),
        what="no data that can be read", where=str(tmp_path), expected="no archives, arrow files or loading",
        do="parquet version",
    )  # fmt: skip


def test_archives_that_the_card_names_are_not_read(tmp_path, hub, refused):
    repository(tmp_path)
    card = tmp_path / "README.md"
    card.write_text(card.read_text().replace("path: data/test-*", "path: data/more.zip"))
    for whole, what in ((False, "cannot be read"), (True, "not read: .zip")):
        with zipfile.ZipFile(tmp_path / "data/more.zip", "w") as archive:
            archive.write(tmp_path / "data/test-00000-of-00001.parquet", "test.parquet")
        if not whole:
            (tmp_path / "data/more.zip").write_bytes(b"PK")
        refused(lambda: hub(tmp_path), what=what, where=str(tmp_path), expected="", do="")


def test_the_revision_counts_without_a_connection(no_connection, hub):
    snapshots = no_connection / "datasets--someone--pictures" / "snapshots"
    new, old = (repository(snapshots / sha, seed) for seed, sha in enumerate((SHA, OLDER)))
    for sha, pictures in ((SHA, new), (OLDER, old)):
        np.testing.assert_array_equal(hub("someone/pictures", revision=sha).train.inputs[:, 0], pictures)


def test_an_unreachable_hub_is_named_at_once(no_connection, hub, refused):
    for revision, shown in ((SHA, SHA), (None, "unpinned")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            refused(
                lambda revision=revision: hub("someone/pictures", revision=revision),
                what="cannot be reached",
                where=f"someone/pictures @ {shown}",
                expected="a connection to the hub, or a complete copy in the local cache",
                do="hf download --repo-type dataset someone/pictures",
            )


def test_a_connection_that_fails_is_the_same_as_none(no_connection, monkeypatch, hub, refused):
    import huggingface_hub

    def fail(*_, timeout, **__):
        assert timeout <= 10
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
        raise OSError("name or service not known")

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", fail)
    refused(
        lambda: hub("someone/pictures"),
        what="cannot be reached", where="someone/pictures", expected="a connection", do="hf download",
    )  # fmt: skip


def test_the_latest_revision(monkeypatch, no_connection, refused):
    import huggingface_hub

    refused(
        lambda: latest_revision("someone/pictures"),
        what="cannot be reached", where="someone/pictures", expected="HF_HUB_OFFLINE", do="look the commit",
    )  # fmt: skip
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", lambda *_, **__: SimpleNamespace(sha=SHA))
    assert latest_revision("someone/pictures") == SHA


def test_a_repository_that_the_hub_refuses(monkeypatch, hub, refused):
    import httpx2
    import huggingface_hub
    from huggingface_hub.errors import RepositoryNotFoundError

    def refuse(*_, **__):
        request = httpx2.Request("GET", "https://huggingface.co")
        raise RepositoryNotFoundError("404: nothing here", response=httpx2.Response(404, request=request))

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", refuse)
    refused(
        lambda: hub("someone/nothing"),
        what="refuses the data set: 404", where=f"someone/nothing @ {SHA}", expected="public",
        do="hf auth login",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "what", "expected", "do"),
    [
        ({"test": "validation"}, 'Unknown split "validation". Should be one of', "complete data", "settings"),
        ({"subset": "huge"}, "there is no subset 'huge'", "one of small, other", "name one as subset"),
        ({"subset": None}, "there are several subsets", "one of small, other", "name one as subset"),
    ],
)
def test_a_subset_or_split_that_is_not_there(tmp_path, hub, refused, change, what, expected, do):
    repository(tmp_path)
    refused(lambda: hub(tmp_path, **change), what=what, where=str(tmp_path), expected=expected, do=do)


def test_a_repository_without_a_card_has_one_subset(tmp_path, hub):
    repository(tmp_path)
    (tmp_path / "README.md").unlink()
    assert len(hub(tmp_path, subset=None, test="test").train.ids) == 6


def test_columns_are_named_of_a_repository_too(tmp_path, hub, refused):
    repository(tmp_path)
    refused(
        lambda: hub(tmp_path, image_column="image"),
        what="no column 'image'", where="split train", expected="img, fine", do="image_column",
    )  # fmt: skip
