"""What is said before a study starts."""

import pytest
from tests.tiny_study import tiny_study

from study.config import StudySettings
from study.config.notices import notices


@pytest.fixture
def study(tmp_path):
    raw = tiny_study().model_dump(mode="json")
    raw["datasets"] |= {
        "pinned": {"source": "hub", "id": "someone/pictures", "revision": "a" * 40},
        "loose": {"source": "hub", "id": "someone/pictures"},
        "unused": {"source": "hub", "id": "someone/else"},
        "local": {"source": "hub", "id": str(tmp_path)},
    }
    raw["difficulty"]["datasets"] = ["tiny", "pinned", "loose", "local"]
    return StudySettings.model_validate(raw)


def test_data_that_are_not_pinned_are_named_once(study):
    (notice,) = notices(study)
    assert notice.startswith("data set loose: the revision of someone/pictures is not pinned")
    assert "python -m study pin someone/pictures" in notice


def test_there_is_nothing_to_say_of_the_default():
    assert notices(tiny_study()) == []


def test_rows_of_corpora_that_are_not_pinned_are_named(tmp_path):
    parts = {
        "loose": {"family": "text_rows", "train": {"id": "someone/texts"}},
        "pinned": {"family": "text_rows", "train": {"id": "someone/texts", "revision": "a" * 40}},
        "local": {"family": "text_rows", "train": {"id": str(tmp_path)}},
        "made": {"family": "sentences"},
    }
    pretraining = {"models": ["small"], "corpora": {"mixed": {"parts": parts}}}
    study = StudySettings.model_validate(
        {
            "name": "tiny",
            "datasets": {},
            "models": {"small": {"architecture": "decoder"}},
            "experts": {"pretraining": pretraining},
        }
    )
    (notice,) = notices(study)
    assert notice.startswith("corpus mixed, parts.loose.train: the revision of someone/texts is not pinned")
