"""Settings of the chapter `synthesis`: one book for all models, which are what they are said to be."""

import pytest

from study.config import parse_study
from study.errors import StudyError

MODELS = {
    "dense": {"architecture": "decoder"},
    "moe": {"architecture": "decoder", "experts": 16},
    "wide": {"architecture": "decoder", "ffn": 128},
    "double": {"architecture": "decoder", "ffn": 32},
    "moe-4": {"architecture": "decoder", "experts": 4},
    "mlp": {"architecture": "mlp"},
}
CHAPTER = {"mixture": "moe", "equal_active": "dense", "equal_total": "wide", "entries": 40}


def study(experts=None, models=None, **changes):
    raw = {
        "name": "tiny",
        "datasets": {},
        "models": models or MODELS,
        "training": {"epochs": 5, "batch_size": 7},
    }
    return parse_study(raw | {"synthesis": CHAPTER | changes} | ({"experts": experts} if experts else {}))


def test_all_models_learn_the_same_entries():
    found = study(letters=4, training={"epochs": 3})
    assert found.synthesis.datasets == ["shared-book-40"]
    assert found.synthesis.models == ["dense", "moe", "wide"]
    runs = list(found.runs())
    assert len(runs) == 3 * 12 and {run.chapter for run in runs} == {"synthesis"}
    settings = [found.run(*run) for run in runs]
    assert len({run.dataset.model_dump_json() for run in settings}) == 1
    assert {(run.dataset.letters, run.dataset.entries) for run in settings} == {(4, 40)}
    assert {(run.training.epochs, run.training.batch_size) for run in settings} == {(3, 7)}


def test_rates_are_chosen_on_another_book_of_the_same_size():
    found = study().tuning_run("synthesis", "shared-book", "moe")
    assert found.dataset.entries == 40 and found.dataset_name == "shared-book-tuning"
    assert found.recording.evaluations == 2


def test_the_book_is_none_of_the_chapter_experts():
    """They may differ in letters and digits: no name stands for two data sets."""
    found = study(experts={"phone_book": {"letters": 2, "books": {"dense": [40]}}})
    assert list(found.all_datasets) == ["phone-book-40", "shared-book-40"]
    assert found.all_datasets["phone-book-40"].letters == 2
    assert found.all_datasets["shared-book-40"].letters == 3


@pytest.mark.parametrize("seeds", [6, 7, 12])
def test_halves_have_all_seeds_and_none_in_common(seeds):
    a, b = study(seeds=seeds).synthesis.halves
    assert sorted([*a, *b]) == list(range(seeds)) and len(b) - len(a) in (0, 1)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        # One layer, 16 wide: 4 * 16² + 3 * 16 without experts, 3 * 16 * width for each expert, two at work.
        (
            {"equal_active": "double"},
            ("equal_active: double has 4,144 active", "moe has 2,608: 58.9 %"),
        ),
        ({"equal_total": "double"}, ("equal_total: double has 4,144 parameters", "moe has 13,616")),
        ({"mixture": "double"}, ("synthesis.mixture: double is a dense model (experts: 1)",)),
        ({"equal_total": "moe-4"}, ("synthesis.equal_total: moe-4 is a mixture of 4 experts",)),
        ({"mixture": "wide"}, ("three different models",)),
        ({"mixture": "moe-17"}, ("synthesis.mixture: unknown model 'moe-17'", "did you mean")),
        ({"mixture": "mlp"}, ("mlp (mlp) is trained on images",)),
        ({"letters": 1}, ("104 different names are asked for, and there are 26",)),
        ({"seeds": 5}, ("synthesis.seeds", "greater than or equal to 6")),
        ({"fingerprint": {"score": "grand_early"}}, ("unknown score of an answer 'grand_early'",)),
        ({"fingerprint": {"held_out_repeats": 3}}, ("synthesis.fingerprint.held_out_repeats: unknown key",)),
    ],
)
def test_what_cannot_be_is_refused(changes, told):
    with pytest.raises(StudyError) as caught:
        study(**changes)
    assert "has 1 mistake" in str(caught.value)
    assert all(words in str(caught.value) for words in told), caught.value


def test_five_percent_apart_are_equal_enough():
    """The router is the only difference in total size: below 2 % here, and above 5 % with many experts."""
    assert study().synthesis.equal_total == "wide"
    many = MODELS | {
        "moe": {"architecture": "decoder", "experts": 64, "ffn": 4},
        "dense": {"architecture": "decoder", "ffn": 4},
        "wide": {"architecture": "decoder", "ffn": 128},
    }
    with pytest.raises(StudyError, match=r"wide has 13,360 parameters .* moe has 14,384: 7\.1 % apart"):
        study(models=many)


def test_rows_longer_than_a_model_takes_are_refused():
    short = MODELS | {"moe": MODELS["moe"] | {"positions": 9}}
    with pytest.raises(StudyError, match=r"moe\.positions: rows of shared-book-40 have up to 10 tokens"):
        study(models=short)
