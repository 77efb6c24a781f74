"""Figures of the chapter `selection`: what each is drawn from."""

LANGUAGES = {"datasets": SELECTION.datasets}
STRATEGIES = {"strategies": [how.name for how in SELECTION.strategies], "size": SELECTION.size}


def drawn(title, section, message, table, **settings):
    """A figure over all languages from one of their tables."""
    return Figure(title, section, message, {table: paths.table("selection", table)}, LANGUAGES | settings)


CHAPTER_FIGURES = {
    "pool_funnel": drawn(
        "Making the pool",
        "Pool",
        "Drawing what each step of making the pool leaves",
        "pool",
        pool=SELECTION.pool.model_dump(),
    ),
    "gain_by_strategy": drawn(
        "Gain by strategy", "Gain", "Drawing what strategies gain", "selection", **STRATEGIES
    ),
    "gain_by_size": drawn("Gain by size", "Gain", "Drawing errors by size", "selection", **STRATEGIES),
    "head_tail": drawn("Head and tail", "Gain", "Drawing gains in head and tail", "selection", **STRATEGIES),
    "entropy_el2n": Figure(
        "Two scores",
        "Scores",
        "Drawing how the two scores agree",
        {
            "pools": [paths.added(dataset, 0, paths.POOL) for dataset in SELECTION.datasets],
            "agreement": paths.table("selection", "score_agreement"),
        },
        LANGUAGES | {"scores": SELECTION.scores},
    ),
    "selected_quality": drawn(
        "What is selected",
        "Pool",
        "Drawing how right and of which domains selected sets are",
        "quality",
        **STRATEGIES,
    ),
    "score_densities": Figure(
        "Right and wrong labels",
        "Scores",
        "Drawing scores of right and of wrong weak labels",
        {"pools": pools_of_languages(), "agreement": paths.table("selection", "score_agreement")},
        LANGUAGES | {"scores": SELECTION.scores, "repeats": SELECTION.repeats},
    ),
}
if SELECTION.grid:
    GRID = {
        "dataset": SELECTION.grid.dataset,
        "size": SELECTION.size,
        "strategies": STRATEGIES["strategies"],
        "own": [SELECTION.pool.gold, SELECTION.pool.threshold, SELECTION.pool.recall],
    }
    CHAPTER_FIGURES["threshold_defect_grid"] = Figure(
        "Thresholds and defects",
        "Settings",
        "Drawing gains at other thresholds and detectors",
        {name: paths.table("selection", name) for name in ("grid", "grid_pools")},
        GRID,
    )
    CHAPTER_FIGURES["gold_share"] = Figure(
        "Share of gold",
        "Settings",
        "Drawing errors by the share of gold",
        {"grid": paths.table("selection", "grid")},
        GRID,
    )
