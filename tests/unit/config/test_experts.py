"""Settings of the chapter `experts`: sizes that cannot exist are refused with the numbers, before any job."""

import pytest

from study.config import parse_study
from study.config.experts import ExpertsSettings
from study.data.questions.load import load
from study.errors import StudyError

MODELS = {
    "dense": {"architecture": "decoder"},
    "moe": {"architecture": "decoder", "experts": 4},
    "hash": {"architecture": "decoder", "experts": 4, "router": "hash"},
}


def study(**experts):
    return parse_study({"name": "tiny", "datasets": {}, "models": MODELS, "experts": experts})


def book(**changes):
    return {"phone_book": {"books": {"dense": [20, 40], "moe": [40, 80]}} | changes}


def test_a_book_is_learnt_by_the_models_that_name_its_size():
    chapter = study(**book()).experts
    assert chapter.datasets == ["phone-book-20", "phone-book-40", "phone-book-80"]
    assert chapter.models_on("phone-book-40") == ["dense", "moe"]
    assert chapter.models_on("phone-book-80") == ["moe"]
    task = chapter.task_of("phone-book-20")
    assert task.tuning("moe").entries == 40 and task.tuning("dense").entries == 20


def test_settings_of_a_task_go_before_the_study_and_behind_the_model():
    changed = MODELS | {"moe": {**MODELS["moe"], "training": {"epochs": 3}}}
    found = parse_study(
        {
            "name": "tiny",
            "datasets": {},
            "models": changed,
            "training": {"epochs": 5, "batch_size": 7},
            "experts": book(training={"epochs": 4}),
        }
    )
    runs = {name: found.run("experts", "phone-book-40", name, 1) for name in MODELS}
    assert (runs["dense"].training.epochs, runs["moe"].training.epochs) == (4, 3)
    assert {run.training.batch_size for run in runs.values()} == {7}
    assert len(list(found.runs())) == 4 * found.experts.seeds


@pytest.mark.parametrize(
    ("experts", "told"),
    [
        (book(letters=1), ("84 different names", "26 of 1 letters")),
        (
            {"shortest_path": {"models": ["dense"], "vertices": 4, "graphs": 60, "held_out": 10}},
            ("70 different graphs", "64 of 4 vertices"),
        ),
        (
            {"shortest_path": {"models": ["dense"], "vertices": 200, "graphs": 10**9}},
            ("GiB", "questions of 8,"),
        ),
        (
            {"shortest_path": {"models": ["dense"], "elsewhere": {"tiny": {"vertices": 4}}, "held_out": 70}},
            ("70 different graphs", "64 of 4 vertices"),
        ),
        (
            {"atlas": {"models": ["dense"], "roads": 100, "asked": [1] * 9, "held_out": [1] * 9}},
            ("questions of 9 hops, more than can be numbered",),
        ),
        (
            {"atlas": {"models": ["dense"], "vertices": 8, "roads": 2, "asked": [30], "held_out": [10]}},
            ("30 + 10 questions of 2 hops", "there are 32"),
        ),
        (
            {"atlas": {"models": ["dense"], "asked": [30, 30], "held_out": [10]}},
            ("asked and held_out name as many lengths",),
        ),
        ({}, ("phone_book, shortest_path, atlas or pretraining",)),
        (book(leters=3), ("did you mean 'letters'?",)),
        ({"atlas": {"models": ["dens"]}}, ("did you mean 'dense'?",)),
        (book(books={"dens": [20, 40]}), ("did you mean 'dense'?",)),
        (book() | {"ablated": "hash"}, ("experts.ablated: hash is a model of no task",)),
        (book() | {"ablated": "moe"}, ("differs from it in one part alone",)),
        (
            book(books={"hash": [20, 40]}) | {"recording": {"keep_model": True}},
            ("hash has hash routers", "no class to open it with"),
        ),
        (book() | {"width_wall": {"experts": [4, 16]}}, ("1, the dense model, has to be among them",)),
        (book() | {"width_wall": {"vertices": [12, 15]}}, ("multiple of 4",)),
    ],
)
def test_what_cannot_be_is_refused(experts, told):
    with pytest.raises(StudyError) as caught:
        study(**experts)
    assert all(words in str(caught.value) for words in told), caught.value


def test_rows_longer_than_a_model_takes_are_refused():
    short = MODELS | {"moe": MODELS["moe"] | {"positions": 9}}
    settings = {"name": "tiny", "datasets": {}, "models": short, "experts": book()}  # 3 + 4 + 3 tokens
    with pytest.raises(StudyError, match=r"moe\.positions: rows of phone-book-40 have up to 10 tokens"):
        parse_study(settings)
    short["moe"]["positions"] = 10
    assert parse_study(settings).all_datasets["phone-book-40"].longest_row == 10


def test_the_longest_row_is_that_of_the_data():
    kinds = {"larger": {"vertices": 9, "edge_probability": 0.6}}
    found = study(
        atlas={"models": ["dense"], "asked": [30, 30], "held_out": [9, 9], "show_steps": True},
        shortest_path={"models": ["dense"], "graphs": 300, "held_out": 300, "elsewhere": kinds},
        **book(),
    )
    for name, settings in found.all_datasets.items():
        assert load(name, settings, 0).test.inputs.shape[1] == settings.longest_row


def test_an_image_model_does_not_read_and_a_decoder_does_not_see():
    models = MODELS | {"mlp": {"architecture": "mlp"}}
    data = {"digits": {"source": "sklearn", "name": "digits"}}
    for chapter in (
        {"experts": {"atlas": {"models": ["mlp"]}}},
        {"difficulty": {"datasets": ["digits"], "models": ["dense", "mlp"], "seeds": 4}},
    ):
        with pytest.raises(StudyError, match="trained on"):
            parse_study({"name": "tiny", "datasets": data, "models": models, **chapter})


def test_the_largest_study_of_the_schema_needs_no_default():
    assert ExpertsSettings(atlas={"models": ["dense"]}).tasks.keys() == {"atlas"}
