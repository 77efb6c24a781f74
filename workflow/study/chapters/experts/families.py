"""Which models of a task are compared: families of equal active parameters, and dense models."""

from study.config import StudySettings


def dense(study: StudySettings, models: list[str]) -> list[str]:
    """The dense models."""
    return [name for name in models if study.models[name].experts == 1]


def family(study: StudySettings, models: list[str]) -> dict[str, int]:
    """The models that differ in their number of experts alone, the dense one among them: experts by name.

    The largest such group with learned routers; of several as large, the first.
    """
    groups: dict[tuple, dict[str, int]] = {}
    for name in models:
        settings = study.models[name]
        if settings.router == "learned":
            same = (settings.layers, settings.dim, settings.heads, settings.top_k, settings.expert_width)
            groups.setdefault(same, {})[name] = settings.experts
    return max(groups.values(), key=len)
