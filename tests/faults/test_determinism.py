"""The same bytes wherever and however the study runs."""

import shutil

from tests.faults.disturbed import NAME, TARGETS
from tests.project import Project, run, snapshot


def test_another_place_order_time_zone_locale_and_hash_seed(peace, tmp_path):
    """One job at a time, in a checkout whose path has a blank, under a Turkish alphabet, a day ahead."""
    elsewhere = Project(tmp_path / "an other place")
    elsewhere.copy()
    shutil.copy(peace.project.root / NAME, elsewhere.root / NAME)
    command = elsewhere.command("--cores", "1", "--scheduler", "greedy", "--", *TARGETS, config=(NAME,))
    environment = elsewhere.environment(
        TZ="Pacific/Kiritimati", LC_ALL="tr_TR.UTF-8", PYTHONHASHSEED="12345", OMP_NUM_THREADS="2"
    )
    ran = run(command, elsewhere.root, environment)
    assert ran.code == 0, ran.text
    assert snapshot(elsewhere.folder) == peace.results
