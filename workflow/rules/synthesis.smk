"""Chapter `synthesis`: the scores and the fingerprint of `difficulty` on the language models of `experts`."""

SYNTHESIS = STUDY.synthesis


def runs_of_book(*names):
    """Files of all runs on the phone book."""
    return [
        f"{paths.run_folder(*run)}/{name}"
        for run in STUDY.runs()
        if run.chapter == "synthesis"
        for name in names
    ]


def synthesis_tables(*names):
    """Tables of the chapter."""
    return [paths.table("synthesis", name) for name in names]


# A model has the colour that it has in the chapter `experts`, whose list of models goes first where there is one.
COLOURED = [*(STUDY.experts.models if STUDY.experts else []), *SYNTHESIS.models]

PLANS["synthesis"] = Plan(
    of_chapter={
        "tuning": Step(
            "Listing the learning rates that were tried on the shared book", ("tuning",), tunings("synthesis")
        ),
        "fingerprint": Step(
            "Fingerprinting the mixture against dense models",
            ("fingerprint", "fingerprint_differences", "leak_tests", "selector_overlap", "clumps"),
            runs_of_book("examples.parquet", "metrics.json"),
            [SYNTHESIS.dense, SYNTHESIS.mixture, SYNTHESIS.fingerprint.model_dump()],
        ),
        "gained": Step(
            "Relating what larger models newly remember to difficulty",
            ("gained", "recall_by_difficulty", "recall"),
            runs_of_book("examples.parquet"),
            [SYNTHESIS.dense, SYNTHESIS.mixture, SYNTHESIS.fingerprint.score],
        ),
        "claims": Step(
            "Judging the claims X1 and X2",
            ("claims",),
            synthesis_tables("fingerprint", "fingerprint_differences", "gained", "recall"),
            STUDY.name,
        ),
    },
    chapter_figures={
        "fingerprint_of_experts": Figure(
            "Fingerprint of a mixture",
            "The difficulty of experts",
            "Drawing how well a few entries tell the mixture from dense models",
            {
                "fingerprint": paths.table("synthesis", "fingerprint"),
                "differences": paths.table("synthesis", "fingerprint_differences"),
                "leaks": paths.table("synthesis", "leak_tests"),
            },
            {"mixture": SYNTHESIS.mixture},
        ),
        "newly_remembered": Figure(
            "What experts newly remember",
            "The difficulty of experts",
            "Drawing what larger models recall of hard entries",
            {
                "recall": paths.table("synthesis", "recall_by_difficulty"),
                "gained": paths.table("synthesis", "gained"),
                "runs": paths.table("synthesis", "recall"),
            },
            {"models": list(dict.fromkeys(COLOURED))},
        ),
    },
    averaged=False,
    before_training=partial(tuned, "synthesis"),
    beside=tunings("synthesis"),
)
