"""What every script does first: `import package`.

It makes `study` importable (Snakemake puts a script's own folder on the path, nothing else of the project),
lets the script end in one message where a table is damaged, with its log written, and makes the user's own
scores known; the configuration's place is in the environment (rules/common.smk).
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from study.config import parse_study
from study.config.user_scores import register_user_scores
from study.files import read_json
from study.telling import tell_in_script

# Snakemake puts `snakemake` into the script itself.
tell_in_script(sys.modules["__main__"].snakemake.log[0])
register_user_scores(parse_study(read_json(os.environ["STUDY_CONFIG"])))
