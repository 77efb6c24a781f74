"""The table of all that can be wrong: a line for each, in files by area."""

from tests.bad_input import (
    cases_commands,
    cases_config,
    cases_hub,
    cases_images,
    cases_models,
    cases_results,
    cases_texts,
)

AREAS = (cases_config, cases_images, cases_texts, cases_hub, cases_models, cases_commands, cases_results)
CASES = [case for area in AREAS for case in area.CASES]
