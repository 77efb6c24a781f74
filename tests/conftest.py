"""Tests that stand on one finished study run on one worker, so that it is made once.

pytest-xdist's own groups (3.8.0) mark tests by a suffix of their names, which pytest 9.2 does not keep.
"""

from typing import Any

TOGETHER = {  # what runs on one worker, by the first of these that a test's name begins with
    "tests/workflow/test_influence.py": "a study of texts, and the papers' models",
    "tests/workflow/test_paper.py": "a study of texts, and the papers' models",
    "tests/workflow/test_selection.py": "a study of texts, and the papers' models",
    "tests/workflow/": "the smoke study",
}


def pytest_xdist_make_scheduler(config, log) -> Any:
    """Every test may run anywhere, but for those of `TOGETHER`, which come first."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            starts = (start for start in TOGETHER if nodeid.startswith(start))
            return next((TOGETHER[start] for start in starts), nodeid)

    return Scheduling(config, log)
