"""Figures of the chapter `influence`: what each is drawn from."""


def all_rankings(wildcards):
    """The averaged scores of all encoders on a data set."""
    return [
        paths.rankings("influence", wildcards.dataset, model)
        for model in INFLUENCE.models_on(wildcards.dataset)
    ]


def all_maps(wildcards):
    """Where all encoders put the texts of a data set."""
    return [
        paths.model_analysis("influence", wildcards.dataset, model, "embedding_map.parquet")
        for model in INFLUENCE.models_on(wildcards.dataset)
    ]


def original(dataset):
    """Whether a data set is no variant of another one: what hardly differs between them is drawn once."""
    return dataset == INFLUENCE.base_of(dataset)


def understood(dataset):
    """Whether a data set's labels are domains that are to be understood."""
    return INFLUENCE.understanding is not None and dataset == INFLUENCE.understanding.dataset


def pruned_by_several(dataset):
    """Whether several encoders are trained on what pruning leaves of a data set."""
    return len({model for model, _ in pruned_on(dataset)}) > 1


def sizes_of_one():
    """Data sets that are pruned and hold the same texts, more or fewer of them: those of the largest such group."""
    groups = {}
    for dataset in INFLUENCE.datasets:
        if pruned_on(dataset) and not noisy(dataset):
            groups.setdefault(INFLUENCE.base_of(dataset), []).append(dataset)
    return max(groups.values(), key=len, default=[])


# A score of each kind, where a figure has room for few; the others are in its table.
KINDS = ("vog_embedding_class", "el2n_early", "forgetting_often", "pvi", "tracin_last_layers", "variability")
ONE_OF_EACH = [score for score in KINDS if score in INFLUENCE.analysis.scores] or INFLUENCE.analysis.scores
CARD = f"{paths.data_folder('{dataset}')}/card.json"

FIGURES = {
    "pruning_curves": Figure(
        "Pruning",
        "Pruning",
        f"Drawing what pruning leaves {ON_DATA}",
        {"pruning": told("pruning.csv")},
        on=lambda dataset: bool(pruned_on(dataset)),
        paper="figure 1",
    ),
    "encoder_size": Figure(
        "Two encoders",
        "Pruning",
        f"Comparing encoders {ON_DATA}",
        {"pruning": told("pruning.csv"), "rankings": all_rankings, "encoders": told("encoders.csv")},
        on=pruned_by_several,
        paper="figure 8",
    ),
    "embedding_map": Figure(
        "Map of texts",
        "Pruning",
        f"Drawing where encoders put texts {ON_DATA}",
        {"maps": all_maps, "card": CARD},
        on=original,
        paper="figure 9",
    ),
    "vog_by_class": Figure(
        "VoG by class",
        "Scores",
        f"Drawing VoG by class {ON_DATA}",
        {"rankings": all_rankings, "card": CARD},
        on=lambda dataset: original(dataset) and not understood(dataset),
        paper="figure 2",
    ),
    "vog_by_domain": Figure(
        "VoG by domain",
        "Understanding",
        f"Drawing VoG by domain {ON_DATA}",
        {"rankings": all_rankings, "card": CARD},
        on=understood,
        paper="figure 4",
    ),
    "cumulative_domains": Figure(
        "Domains that are kept",
        "Understanding",
        f"Drawing which domains are kept {ON_DATA}",
        {"rankings": all_rankings, "card": CARD},
        on=understood,
        paper="figure 13",
    ),
    "forgetting_cadence": Figure(
        "Forgetting by cadence",
        "Scores",
        f"Drawing forgetting at two cadences {ON_DATA}",
        {"rankings": all_rankings, "consistency": told("consistency.csv")},
        {"cadence": INFLUENCE.cadence.model_dump()},
        on=original,
        paper="figure 6",
    ),
    "el2n_timing": Figure(
        "EL2N, early and late",
        "Scores",
        f"Drawing early and late EL2N {ON_DATA}",
        {"rankings": all_rankings, "consistency": told("consistency.csv")},
        on=original,
        paper="figure 7",
    ),
    "score_histograms": Figure(
        "Distributions of scores",
        "Scores",
        f"Drawing distributions of scores {ON_DATA}",
        {"rankings": all_rankings},
        on=original,
        paper="figure 10",
    ),
    "influence_correlation": Figure(
        "Correlation of scores",
        "Scores",
        f"Drawing how scores agree {ON_DATA}",
        {"correlation": told("score_correlation.csv"), "overlap": told("hard_overlap.csv")},
    ),
    "what_makes_hard": Figure(
        "What makes a text hard",
        "Causes",
        f"Drawing scores by known causes {ON_DATA}",
        {"causes": told("causes.csv")},
        {"scores": ONE_OF_EACH},
        on=known_causes,
    ),
    "score_cost": Figure(
        "Cost of scores",
        "Scores",
        f"Drawing what scores cost {ON_DATA}",
        {"cost": told("cost.csv")},
        on=original,
    ),
}

CHAPTER_FIGURES = {}
if any(noisy(dataset) for dataset in INFLUENCE.datasets):
    CHAPTER_FIGURES["noise_auroc"] = Figure(
        "Finding wrong labels",
        "Wrong labels",
        "Drawing how well scores find wrong labels",
        {"noise": paths.table("influence", "noise")},
        {"scores": INFLUENCE.analysis.scores},
    )
if any(noisy(dataset) and pruned_on(dataset) for dataset in INFLUENCE.datasets):
    CHAPTER_FIGURES["noise_curves"] = Figure(
        "Pruning with wrong labels",
        "Wrong labels",
        "Drawing what pruning does to data with wrong labels",
        {"pruning": paths.table("influence", "pruning"), "noise": paths.table("influence", "noise")},
        paper="figure 3",
    )
if len(sizes_of_one()) > 1:
    CHAPTER_FIGURES["train_size"] = Figure(
        "Size of the training set",
        "Pruning",
        "Drawing what pruning does to smaller sets",
        {"pruning": paths.table("influence", "pruning")},
        {"datasets": sizes_of_one(), "fraction": 0.5},
    )
if INFLUENCE.understanding:
    CHAPTER_FIGURES["domain_reduction"] = Figure(
        "Errors of understanding",
        "Understanding",
        "Drawing errors of understanding after pruning",
        {name: paths.table("influence", name) for name in ("nlu", "nlu_by_domain")},
        {"model": INFLUENCE.understanding.model, "dataset": INFLUENCE.understanding.dataset},
        paper="tables 2 and 8",
    )
