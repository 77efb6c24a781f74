"""The generated reference is in step with the models, and every key is described."""

from pathlib import Path

from pydantic import BaseModel

from study.config import StudySettings, docs

CONFIG = Path(__file__).parents[3] / "config"


def all_settings(model: type[BaseModel]) -> set[type[BaseModel]]:
    found = {model}
    for field in model.model_fields.values():
        for part in docs._flatten(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in found:
                found |= all_settings(part)
    return found


def test_readme_and_schema_are_in_step_with_the_models():
    hint = "run: python -m study docs"
    assert (CONFIG / "README.md").read_text() == docs.readme(), hint
    assert (CONFIG / "schema.json").read_text() == docs.schema(), hint


def test_every_key_is_described_and_every_model_is_closed():
    docs.describe()
    for model in all_settings(StudySettings):
        assert model.model_config["extra"] == "forbid" and model.model_config["frozen"], model
        for name, field in model.model_fields.items():
            assert field.description or name in ("architecture", "source"), f"{model.__name__}.{name}"


def test_the_reference_names_every_key():
    text = docs.readme()
    for model in all_settings(StudySettings):
        for name in model.model_fields:
            assert f".{name}`" in text or f"`{name}`" in text, f"{model.__name__}.{name}"
