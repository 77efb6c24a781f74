"""Scripts of figures end a mistake in one message, and their log has what they said."""

import os
import subprocess
import sys
from pathlib import Path

from tests.tiny_study import tiny_study

from study.files import write_json

ROOT = Path(__file__).parents[2]
START = """
import sys
from types import SimpleNamespace
sys.path.insert(0, {scripts!r})
snakemake = SimpleNamespace(log=["figure.log"])
import package
"""


def run(folder: Path, code: str) -> subprocess.CompletedProcess:
    script = folder / "script.py"
    script.write_text(START.format(scripts=str(ROOT / "workflow/scripts")) + code)
    write_json(folder / "work/config.json", tiny_study().model_dump(mode="json"))
    environment = {**os.environ, "STUDY_CONFIG": "work/config.json"}
    return subprocess.run(
        [sys.executable, str(script)], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_a_damaged_table_is_told_and_set_aside(tmp_path):
    table = tmp_path / "results/consistency.csv"
    table.parent.mkdir()
    table.write_text("model,estimate\na,0.5\nb,0.")
    ran = run(tmp_path, "from study.files import read_csv\nread_csv('results/consistency.csv')\n")
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    for told in ("error: a result file is damaged", "consistency.csv", "do:", "run snakemake again"):
        assert told in ran.stderr
    assert (tmp_path / "figure.log").read_text() == ran.stderr
    assert not table.exists() and table.with_name("consistency.csv.damaged").exists()


def test_a_users_own_file_is_never_renamed(tmp_path):
    (tmp_path / "mine.csv").write_text("model,esti")
    ran = run(tmp_path, "from study.files import read_csv\nread_csv('mine.csv')\n")
    assert ran.returncode == 1 and "mine.csv" in ran.stderr
    assert (tmp_path / "mine.csv").exists()


def test_a_fault_of_the_code_keeps_its_traceback(tmp_path):
    ran = run(tmp_path, "import warnings\nwarnings.warn('odd')\n1 / 0\n")
    assert ran.returncode == 1 and "Traceback" in ran.stderr and "ZeroDivisionError" in ran.stderr
    log = (tmp_path / "figure.log").read_text()
    assert log == ran.stderr and "odd" in log
