"""Makes `study` importable: Snakemake puts a script's own folder on the path, nothing else of the project."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
