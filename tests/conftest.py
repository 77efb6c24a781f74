"""Tests that stand on one finished study, or on what one process did, run on one worker: it is made once.

pytest-xdist's own groups (3.8.0) mark tests by a suffix of their names, which pytest 9.2 does not keep.
"""

from typing import Any

TOGETHER = {  # what runs on one worker, by the modules of its tests
    "the smoke study": ("workflow/test_smoke", "workflow/test_faults", "workflow/test_extending"),
    "the tiny studies": ("workflow/test_influence", "workflow/test_experts", "workflow/test_selection"),
    "the papers' models": ("workflow/test_paper",),
    "the watched processes": ("bad_input/test_safety",),
}
GROUPS = {f"tests/{module}.py": group for group, modules in TOGETHER.items() for module in modules}


def pytest_xdist_make_scheduler(config, log) -> Any:
    """Every test may run anywhere, but for those of `TOGETHER`, which come first."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return GROUPS.get(nodeid.partition("::")[0], nodeid)

    return Scheduling(config, log)
