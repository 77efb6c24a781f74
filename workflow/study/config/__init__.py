"""The configuration of a study, as closed pydantic models: types, bounds, defaults, descriptions."""

from study.config.load import parse_study
from study.config.runs import RunSettings
from study.config.study import StudySettings

__all__ = ["RunSettings", "StudySettings", "parse_study"]
