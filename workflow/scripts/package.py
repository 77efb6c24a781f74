"""Makes `study` importable, and the user's own scores known.

Snakemake puts a script's own folder on the path, nothing else of the project; the configuration's place is in
the environment (rules/common.smk).
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from study.config import parse_study
from study.config.user_scores import register_user_scores
from study.files import read_json

register_user_scores(parse_study(read_json(os.environ["STUDY_CONFIG"])))
