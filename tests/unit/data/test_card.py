"""Preparing a data set, and its card."""

import base64
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.unit.data.pictures import grey, parquet, png

from study import paths
from study.data import card as cards
from study.data import dataset as form
from study.data import sources
from study.data.dataset import save
from study.data.sources import load


@pytest.fixture
def noisy(settings):
    return settings(
        source="sklearn", name="digits", label_noise=0.1, train_examples=200, licence="CC <BY> 4.0"
    )


def prepare(name, settings, study_seed, folder):
    """The two steps of the workflow: the data set, then its card."""
    save(sources.load(name, settings, study_seed), folder)
    cards.write(form.open(folder), settings, folder)


def test_preparing_writes_all_files_and_reads_back(tmp_path, noisy):
    prepare("digits", noisy, 0, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(paths.DATA_FILES)
    opened, loaded = form.open(tmp_path), load("digits", noisy, 0)
    assert opened.digest == loaded.digest == form.data_digest(opened.train, opened.test, 10)


def test_preparing_twice_gives_the_same_bytes(tmp_path, noisy):
    for place in "ab":
        prepare("digits", noisy, 0, tmp_path / place)
    for name in paths.DATA_FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_card_counts(tmp_path, noisy):
    prepare("digits", noisy, 0, tmp_path)
    card = json.loads((tmp_path / "card.json").read_text())
    data = form.open(tmp_path)
    assert card["examples"] == {"train": 200, "test": 360}
    assert card["label_noise"] == {"flipped": 20, "share": 0.1}
    assert [k["train"] for k in card["classes"]] == np.bincount(data.train.labels).tolist()
    assert [k["train_true"] for k in card["classes"]] == np.bincount(data.train.true_labels).tolist()
    assert card["image"] == {"channels": 1, "height": 8, "width": 8}
    assert card["digest"] == data.digest and card["licence"] == "CC <BY> 4.0" and card["pinned"]
    assert card["settings"]["label_noise"] == 0.1


def test_duplicates_and_overlap_are_counted(tmp_path, settings):
    pictures = [png(picture) for picture in grey(4)]
    train = parquet(tmp_path / "train.parquet", [*pictures, pictures[0]], [0, 1, 0, 1, 0])
    test = parquet(tmp_path / "test.parquet", [*pictures[:2], png(grey(1, 9)[0])], [0, 1, 1])
    prepare(
        "own", settings(source="files", format="parquet", train=[train], test=[test]), 0, tmp_path / "out"
    )
    card = json.loads((tmp_path / "out" / "card.json").read_text())
    assert card["duplicates"] == {"train": 1, "test": 0} and card["overlap"] == 2


def test_the_page_stands_alone_and_shows_every_class(tmp_path, noisy):
    prepare("digits", noisy, 0, tmp_path)
    page = (tmp_path / "card.html").read_text()
    assert "CC &lt;BY&gt; 4.0" in page and "orange frame" in page and "not pinned" not in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    strips = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert len(strips) == 10
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(strips[0]))))
    data = form.open(tmp_path)
    first = data.train.inputs[data.train.labels == 0][0, 0]
    assert picture.shape == (32 + 4, 10 * (32 + 4), 4)
    np.testing.assert_array_equal(picture[2:34:4, 2:34:4, 0], first)


def test_an_unpinned_data_set_has_a_warning_on_its_card(tmp_path, noisy):
    from dataclasses import replace

    data = replace(load("digits", noisy, 0), source="hub:someone/pictures@unpinned")
    cards.write(data, noisy, tmp_path)
    assert "not pinned" in (tmp_path / "card.html").read_text()
    assert json.loads((tmp_path / "card.json").read_text())["pinned"] is False


def test_a_class_without_training_examples_has_no_pictures(noisy):
    from dataclasses import replace

    from study.data.card import strips

    data = load("digits", noisy, 0)
    images = strips(replace(data, classes=(*data.classes, "none")))
    assert len(images) == 11 and images[-1] == b"" and all(images[:-1])


def test_neither_torch_nor_datasets_is_imported_with_the_module():
    heavy = {"torch", "datasets", "sklearn", "matplotlib", "snakemake"}
    code = f"import sys, study.data.sources, study.data.stamps; assert not {heavy} & set(sys.modules)"
    environment = {"PYTHONPATH": str(Path(paths.__file__).parents[1]), "PATH": ""}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
