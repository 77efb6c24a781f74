"""Tests that stand on the finished smoke study run on one worker, so that it is made once.

pytest-xdist's own groups (3.8.0) mark tests by a suffix of their names, which pytest 9.2 does not keep.
"""

from typing import Any

ONE_WORKER = "tests/workflow/"


def pytest_xdist_make_scheduler(config, log) -> Any:
    """Every test may run anywhere, but those of `ONE_WORKER` run together, and first."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return ONE_WORKER if nodeid.startswith(ONE_WORKER) else nodeid

    return Scheduling(config, log)
