"""Step `configuration`: the settings of the study, complete and readable."""

import yaml

from study import paths
from study.config import StudySettings
from study.files import write_text


def run(study: StudySettings) -> None:
    """Write results/config.yaml: every key with its value, defaults included."""
    write_text(paths.CONFIG, yaml.safe_dump(study.model_dump(mode="json"), sort_keys=False, width=100))
