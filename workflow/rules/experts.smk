"""Chapter `experts`: do more experts buy memory or reasoning? (arXiv 2410.19034)"""

EXPERTS = STUDY.experts


def runs_of_tasks(*tasks):
    """The files of all runs of some tasks that their tables are made from."""
    return [
        f"{paths.run_folder('experts', dataset, model, seed)}/{name}"
        for task in tasks
        if task is not None
        for dataset in task.made()
        for model in task.models_on(dataset)
        for seed in EXPERTS.seeds_on(dataset)
        for name in ("metrics.json", "config.json", "history.csv", paths.ANSWERS)
    ]


def first_data(task):
    """A prepared data set of a task."""
    return f"{paths.data_folder(next(iter(task.made())))}/arrays.safetensors"


def expert_tables(*names):
    """Tables of the chapter."""
    return [paths.table("experts", name) for name in names]


def settings_of_walls(wildcards):
    """Everything that the models of one job depend on."""
    walls, recording = EXPERTS.width_wall, EXPERTS.recording
    arms = walls.arms(int(wildcards.vertices), int(wildcards.experts))
    how = walls.model_dump(exclude={"vertices", "widths", "experts", "one_hot"})
    trained = f"{STUDY.training} {EXPERTS.training} {recording.load_balance} {recording.z_loss}"
    sizes = walls.questions_of(int(wildcards.vertices))
    return digest(f"{arms} {how} {sizes} {trained} {STUDY.runtime.threads}")


def harness_files():
    """What every language model answered to the tasks of the lm-evaluation-harness."""
    if not (EXPERTS.pretraining and EXPERTS.pretraining.harness):
        return []
    return [
        f"{paths.run_folder('experts', corpus, model, seed)}/{paths.HARNESS}"
        for corpus in EXPERTS.pretraining.corpora
        for model in EXPERTS.pretraining.models
        for seed in EXPERTS.seeds_on(corpus)
    ]


OF_CHAPTER = {
    "theory": Step(
        "Computing, building and trying the theorems",
        ("bounds", "constructions", "fooling", "memorization_parameters"),
        [],
        [EXPERTS.theory.model_dump_json(), STUDY.seed],
    ),
    "parameters": Step(
        "Counting parameters",
        ("parameters",),
        [first_data(task) for task in EXPERTS.tasks.values()],
        digest(
            "".join(
                f"{name} {model} {STUDY.models[model].model_dump_json()}"
                for name, task in EXPERTS.tasks.items()
                for model in task.all_models
            )
        ),
    ),
    "tuning": Step(
        "Listing the learning rates that were tried",
        ("tuning",),
        tunings("experts"),
    ),
    "routing": Step("Looking at routers", ("routing",), runs_of_tasks(*EXPERTS.tasks.values())),
}
CLAIMED_FROM = ["constructions", "fooling", "parameters"]
CHAPTER_FIGURES = {
    "bounds": Figure(
        "Widths that are ruled out",
        "Theory",
        "Drawing the widths that the theorems rule out",
        {"bounds": paths.table("experts", "bounds")},
    ),
    "fooling_pairs": Figure(
        "Fooling pairs",
        "Theory",
        "Drawing how many attention layers are fooled",
        {"fooling": paths.table("experts", "fooling")},
    ),
    "memorization_parameters": Figure(
        "Parameters at work",
        "Theory",
        "Drawing the parameters of the mixture that memorises",
        {"memorization": paths.table("experts", "memorization_parameters")},
    ),
}

if EXPERTS.question_tasks:
    OF_CHAPTER["compute"] = Step(
        "Relating accuracy to operations",
        ("compute", "iso_flop"),
        runs_of_tasks(*EXPERTS.question_tasks.values()),
    )
    CHAPTER_FIGURES["iso_flop"] = Figure(
        "Accuracy by training compute",
        "Compute",
        "Drawing accuracy against operations of training",
        {name: paths.table("experts", name) for name in ("compute", "iso_flop")},
    )

if EXPERTS.ablated:
    OF_CHAPTER["ablations"] = Step(
        "Comparing models that differ in one part",
        ("ablations",),
        runs_of_tasks(*EXPERTS.tasks.values()),
        digest("".join(STUDY.models[name].model_dump_json() for name in [EXPERTS.ablated, *EXPERTS.models])),
    )
    CHAPTER_FIGURES["ablations"] = Figure(
        "One part changed",
        "Routing",
        "Drawing what each part of a mixture is worth",
        {"ablations": paths.table("experts", "ablations")},
        {"base": EXPERTS.ablated},
    )

if any(STUDY.models[name].experts > 1 for name in EXPERTS.models):
    CHAPTER_FIGURES["routing"] = Figure(
        "Routers",
        "Routing",
        "Drawing how evenly routers spread tokens",
        {"routing": paths.table("experts", "routing")},
    )

if EXPERTS.width_wall:
    OF_CHAPTER["width_wall"] = Step(
        "Finding the widths that solve length-2 paths",
        ("width_wall", "walls"),
        [paths.wall(*job) for job in EXPERTS.width_wall.jobs()],
    )
    CLAIMED_FROM.append("walls")
    CHAPTER_FIGURES["width_wall"] = Figure(
        "The width that solves it",
        "Theory",
        "Drawing how wide a model of depth 1 must be",
        {"width_wall": paths.table("experts", "width_wall")},
    )

if EXPERTS.phone_book:
    OF_CHAPTER["phone_book"] = Step(
        "Measuring what phone books models hold",
        ("phonebook", "crossings", "capacity"),
        runs_of_tasks(EXPERTS.phone_book) + expert_tables("parameters"),
        [EXPERTS.seeds, EXPERTS.phone_book.digits],
    )
    CLAIMED_FROM.append("crossings")
    CHAPTER_FIGURES["phonebook_capacity"] = Figure(
        "Largest phone book",
        "Memory",
        "Drawing the largest book that models hold",
        {name: paths.table("experts", name) for name in ("capacity", "parameters")},
        {"task": EXPERTS.phone_book.tuning_name, "sizes": EXPERTS.sizes},
        paper="figure 4a",
    )
    CHAPTER_FIGURES["recall_curves"] = Figure(
        "Recall by size of the book",
        "Memory",
        "Drawing recall against the size of the book",
        {"runs": paths.table("experts", "phonebook")},
    )
    CHAPTER_FIGURES["bits_per_parameter"] = Figure(
        "Bits per parameter",
        "Memory",
        "Drawing the bits that models recall of each parameter",
        {"runs": paths.table("experts", "phonebook")},
    )

if EXPERTS.shortest_path:
    OF_CHAPTER["shortest_path"] = Step(
        "Measuring shortest paths",
        ("shortest_path_runs", "shortest_path"),
        runs_of_tasks(EXPERTS.shortest_path),
        EXPERTS.seeds,
    )
    CLAIMED_FROM.append("shortest_path_runs")
    CHAPTER_FIGURES["shortest_path"] = Figure(
        "Shortest paths",
        "Search",
        "Drawing how often answers are shortest paths",
        {
            "table": paths.table("experts", "shortest_path"),
            "parameters": paths.table("experts", "parameters"),
        },
        {"task": EXPERTS.shortest_path.tuning_name, "sizes": EXPERTS.sizes},
        paper="figure 4b",
    )

if EXPERTS.atlas:
    OF_CHAPTER["atlas"] = Step(
        "Measuring walks over memorised facts", ("atlas",), runs_of_tasks(EXPERTS.atlas), EXPERTS.seeds
    )
    CHAPTER_FIGURES["atlas_hops"] = Figure(
        "Walks over memorised facts",
        "Between memory and search",
        "Drawing how often walks are right, by hops",
        {"table": paths.table("experts", "atlas")},
    )

if EXPERTS.pretraining:
    OF_CHAPTER["pretraining"] = Step(
        "Measuring what language models know and work out",
        ("benchmark_runs", "benchmarks", "language", "equal_perplexity"),
        runs_of_tasks(*EXPERTS.pretraining.tasks().values()),
        digest("".join(STUDY.models[name].model_dump_json() for name in EXPERTS.pretraining.models)),
    )
    CLAIMED_FROM += ["benchmark_runs", "equal_perplexity"]
    if EXPERTS.pretraining.harness:
        OF_CHAPTER["harness"] = Step(
            "Joining what checkpoints answered to the harness", ("harness",), harness_files()
        )
    READ = {name: paths.table("experts", name) for name in ("benchmark_runs", "parameters")}
    CHAPTER_FIGURES["pretraining_by_parameters"] = Figure(
        "Knowledge and reasoning by parameters",
        "Language models",
        "Drawing what language models know and work out",
        READ,
        {"sizes": EXPERTS.sizes},
        paper="figure 1",
    )
    CHAPTER_FIGURES["generalisation_gap"] = Figure(
        "What is only remembered",
        "Language models",
        "Drawing how much better models are on what they were trained on",
        READ,
        {"sizes": EXPERTS.sizes},
        paper="figure 5",
    )
    CHAPTER_FIGURES["accuracy_at_equal_perplexity"] = Figure(
        "At equal perplexity",
        "Language models",
        "Drawing accuracy against perplexity",
        {name: paths.table("experts", name) for name in ("language", "equal_perplexity")},
        paper="figure 6",
    )
    CHAPTER_FIGURES["perplexity_curves"] = Figure(
        "Perplexity",
        "Language models",
        "Drawing perplexity against tokens read",
        {"language": paths.table("experts", "language")},
    )

OF_CHAPTER["claims"] = Step(
    "Judging the claims of the chapter experts", ("claims",), expert_tables(*CLAIMED_FROM), EXPERTS.seeds
)

PLANS["experts"] = Plan(
    of_chapter=OF_CHAPTER,
    chapter_figures=CHAPTER_FIGURES,
    averaged=False,
    before_training=partial(tuned, "experts"),
    beside=tunings("experts")
    + harness_files()
    + [paths.wall(*job) for job in (EXPERTS.width_wall.jobs() if EXPERTS.width_wall else ())],
)


include: "experts_training.smk"


if EXPERTS.pretraining and EXPERTS.pretraining.harness:

    include: "harness.smk"
