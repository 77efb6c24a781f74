"""Every mistake in a configuration is told at once, with the nearest right name."""

import copy
from pathlib import Path

import pytest
import yaml

from study.config import StudySettings, parse_study
from study.config.files import read
from study.errors import StudyError

ROOT = Path(__file__).parents[3]
SMOKE = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())


def mistakes_of(change) -> str:
    raw = copy.deepcopy(SMOKE)
    change(raw)
    with pytest.raises(StudyError) as caught:
        parse_study(raw, where="mine.yaml")
    return str(caught.value)


def set_at(path: str, value):
    def change(raw):
        *parents, last = path.split(".")
        for part in parents:
            raw = raw.setdefault(part, {})
        raw[last] = value

    return change


@pytest.mark.parametrize("file", ["config.yaml", "smoke.yaml", "paper.yaml"])
def test_shipped_configurations_are_right(file):
    study = read([ROOT / "config" / file])
    assert study.name == {"config.yaml": "default"}.get(file, file.removesuffix(".yaml"))


@pytest.mark.parametrize(
    "overlay", sorted((ROOT / "config/examples").glob("*.yaml")), ids=lambda path: path.stem
)
def test_shipped_examples_are_right_alone_or_on_top_of_the_default(overlay):
    alone = "no overlay" in overlay.read_text()
    assert read([overlay] if alone else [ROOT / "config/config.yaml", overlay]).name == overlay.stem


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("sead", 1, "sead: unknown key; did you mean 'seed'?"),
        ("training.lerning_rate", 1, "training.lerning_rate: unknown key"),
        (
            "difficulty.subsets",
            {"models": ["mpl"]},
            "difficulty.subsets.models: unknown model 'mpl'",
        ),
        ("difficulty.subsets", {"models": ["mlp"], "runs": 6}, "out of fewer than two runs"),
        ("difficulty.pruning.datasets", ["digit"], "did you mean 'digits'?"),
        (
            "difficulty.pruning.model",
            "resnet9",
            "difficulty.pruning.model: unknown model",
        ),
        ("difficulty.pruning.score", "memorization", "difficulty.pruning.score: unknown score of a run"),
        ("difficulty.pruning.seeds", 7, "there are difficulty.seeds: 6"),
        (
            "difficulty.pruning",
            {"datasets": ["digits"], "model": "mlp", "seeds": 3, "windows": 50, "width": 0.6},
            "50 windows of width 0.6 start less than 1 % of the examples apart",
        ),
        ("difficulty.models_of", {"digits": ["resnet8", "vit-tiny"]}, "mlp is not trained on digits"),
        ("training.lr", "fast", "training.lr: input should be a valid number"),
        ("training.lr", 0, "training.lr: input should be greater than 0"),
        (
            "training.optimizer",
            "sdg",
            "training.optimizer: input should be 'sgd', 'adam' or 'adamw' (it is 'sdg')",
        ),
        ("training.milestones", [0.7, 0.5], "milestones must rise"),
        ("models.resnet8.width", 0, "models.resnet8.width: input should be greater than or equal to 1"),
        (
            "models.resnet8.architecture",
            "resnett",
            "models.resnet8: unknown architecture 'resnett'; did you mean 'resnet'?",
        ),
        (
            "models.resnet8.training",
            {"lrr": 1},
            "models.resnet8.training.lrr: unknown key; did you mean 'lr'?",
        ),
        ("models.Bad Name", {"architecture": "mlp"}, "models.Bad Name"),
        (
            "datasets.digits.source",
            "sklern",
            "datasets.digits: unknown source 'sklern'; did you mean 'sklearn'?",
        ),
        ("datasets.digits.label_noise", 1.5, "datasets.digits.label_noise: input should be less than 1"),
        (
            "datasets.digits.test_fracton",
            0.5,
            "datasets.digits.test_fracton: unknown key; did you mean 'test_fraction'?",
        ),
        (
            "difficulty.datasets",
            ["digit"],
            "difficulty.datasets: unknown data set 'digit'; did you mean 'digits'?",
        ),
        (
            "difficulty.models",
            ["mlp", "resnet9"],
            "difficulty.models: unknown model 'resnet9'; did you mean 'resnet8'?",
        ),
        ("difficulty.models", ["mlp", "mlp"], "difficulty.models: 'mlp' is named twice"),
        (
            "difficulty.models_of",
            {"digits": ["mlp", "vit"]},
            "difficulty.models_of.digits: unknown model 'vit'",
        ),
        (
            "difficulty.analysis.scores",
            ["el2n_erly"],
            "unknown score 'el2n_erly'; did you mean 'el2n_early'?",
        ),
        ("difficulty.analysis.fingerprint.score", "losss_mean", "did you mean 'loss_mean'?"),
        ("difficulty.seeds", 2, "difficulty.seeds: input should be greater than or equal to 4"),
        ("models.resnet8.depth", 9, "cannot have depth 9; expected 6n + 2 layers: 8, 14"),
        ("models.vit-tiny.dim", 33, "attention heads cannot share 33 features evenly"),
        ("models.vit-tiny.patch", 3, "patches of 3 × 3 pixels do not tile images of 8 × 8 (data set digits)"),
        (
            "models.resnet8",
            {"architecture": "vgg", "stages": [[4, 1]] * 6},
            "models.resnet8: 6 pooling stages do not fit images of 8 × 8 pixels (data set digits)",
        ),
        ("training.lr", float("inf"), "training.lr: input should be a finite number (it is inf)"),
        ("training.weight_decay", float("nan"), "training.weight_decay: input should be"),
        ("models.mlp.training", {"milestones": [0.7, 0.5]}, "mlp.training.milestones: milestones must rise"),
        ("models.mlp.training", {"lr": float("inf")}, "mlp.training.lr: input should be a finite number"),
        ("difficulty.models_of", {"digits": 5}, "difficulty.models_of.digits: input should be a valid list"),
        ("difficulty.models_of", {8: ["mlp"]}, "difficulty.models_of.8: a name has to be text"),
        ("difficulty.models_of", {"digits": ["mlp", "mlp"]}, "models_of.digits: 'mlp' is named twice"),
        ("difficulty.models_of", 5, "difficulty.models_of: input should be a valid dictionary"),
        ("difficulty.datasets", "digits", "difficulty.datasets: input should be a valid list"),
        ("difficulty.models", [["mlp"], 8], "difficulty.models.1: input should be a valid string (it is 8)"),
        ("difficulty.analysis.scores", ["vog", "vog"], "difficulty.analysis.scores: 'vog' is named twice"),
        ("difficulty.analysis.fingerprint", {"k": [1, 3, 1]}, "fingerprint.k: 1 is named twice"),
        (
            "datasets.digits",
            {"source": "files", "format": "imagefolder", "train": ["a"], "label_column": "y"},
            "label_column has no effect on an imagefolder",
        ),
        ("difficulty.recording.vog_checkpoints", 99, "99 checkpoints need as many epochs"),
        ("runtime.threads", 0, "runtime.threads: input should be greater than or equal to 1"),
    ],
)
def test_a_mistake_is_told_in_words(path, value, told):
    message = mistakes_of(set_at(path, value))
    assert told in message
    assert "where:    mine.yaml" in message and "no job was started" in message


def test_all_mistakes_are_told_at_once():
    def change(raw):
        for path, value in [("sead", 1), ("training.lr", "fast"), ("difficulty.models", ["mlp", "resnet9"])]:
            set_at(path, value)(raw)

    message = mistakes_of(change)
    assert "the configuration has 3 mistakes" in message
    assert all(word in message for word in ("sead", "training.lr", "resnet9"))


def test_scores_that_are_not_recorded_cannot_be_analysed():
    def change(raw):
        raw["difficulty"]["recording"] = {"gradient_norms": False, "vog_checkpoints": None}
        raw["difficulty"]["analysis"]["scores"] = ["grand_early", "vog", "loss_mean"]

    message = mistakes_of(change)
    assert "grand_early needs difficulty.recording.gradient_norms" in message
    assert "vog needs difficulty.recording.vog_checkpoints" in message


def test_a_model_changes_training_for_itself_alone():
    study = parse_study(SMOKE)
    assert study.run("difficulty", "digits", "vit-tiny", 0).training.optimizer == "adamw"
    assert study.run("difficulty", "digits", "vit-tiny", 0).training.epochs == SMOKE["training"]["epochs"]
    assert study.run("difficulty", "digits", "mlp", 0).training.optimizer == "sgd"


def test_resolved_settings_read_back_the_same():
    study = parse_study(SMOKE)
    assert StudySettings.model_validate_json(study.model_dump_json()) == study


def test_overlays_merge_keys_and_replace_lists(tmp_path):
    overlay = tmp_path / "mine.yaml"
    overlay.write_text("name: mine\ntraining: {lr: 0.05}\ndifficulty: {models: [mlp, resnet8]}\n")
    study = read([ROOT / "config/smoke.yaml", overlay])
    assert (study.name, study.training.lr, study.training.epochs) == (
        "mine",
        0.05,
        SMOKE["training"]["epochs"],
    )
    assert study.difficulty.models == ["mlp", "resnet8"]


@pytest.mark.parametrize("text", ["a: [1", "- 1\n- 2\n"])
def test_a_file_that_is_no_mapping_is_named(tmp_path, text):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(StudyError, match=r"broken\.yaml"):
        read([file])
    with pytest.raises(StudyError, match=r"missing\.yaml"):
        read([tmp_path / "missing.yaml"])


def test_entries_for_data_sets_that_the_chapter_does_not_use_are_kept():
    """An overlay with data of its own merges with the default's entries, which must not stand in its way."""
    raw = copy.deepcopy(SMOKE)
    raw["datasets"]["mine"] = dict(raw["datasets"]["digits"])
    raw["difficulty"] |= {
        "datasets": ["mine"],
        "models": ["mlp", "vit-tiny"],
        "models_of": {"digits": ["resnet8"]},
    }
    assert parse_study(raw).difficulty.models_on("mine") == ["mlp", "vit-tiny"]
    raw["difficulty"]["models_of"] = {"mine": ["resnet8"]}
    with pytest.raises(StudyError, match="none of these models"):
        parse_study(raw)


def test_sizes_are_checked_for_the_data_sets_that_a_model_trains_on():
    def change(raw):
        raw["datasets"] |= {
            "large": {"source": "generated", "family": "blends", "image_size": 12},
            "unknown": {"source": "files", "format": "parquet", "train": ["a.parquet"]},
        }
        raw["models"]["vit-tiny"]["patch"] = 3
        raw["difficulty"]["datasets"] = ["digits", "large", "unknown"]
        raw["difficulty"]["models_of"] = {"digits": ["mlp", "resnet8"]}

    raw = copy.deepcopy(SMOKE)
    change(raw)
    parse_study(raw)
    message = mistakes_of(lambda raw: [change(raw), raw["datasets"]["large"].update(image_size=8)])
    assert "the configuration has 1 mistake:" in message and "(data set large)" in message


def test_an_unknown_model_is_named_beside_a_name_that_is_a_number():
    def change(raw):
        raw["models"][8] = {"architecture": "mlp"}
        raw["difficulty"]["models"].append("resnet9")

    message = mistakes_of(change)
    assert "models.8: a name has to be text" in message and "did you mean 'resnet8'?" in message


def test_a_ranking_by_a_score_that_is_not_recorded_is_told():
    def change(raw):
        raw["difficulty"]["pruning"]["score"] = "self_prototype"
        raw["difficulty"]["recording"] = {"vog_checkpoints": 4, "prototypes": False}

    assert "difficulty.pruning.score: self_prototype is not recorded" in mistakes_of(change)
