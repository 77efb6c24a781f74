"""The claims of the four papers and of this study: of which statistic each speaks, and its threshold.

Each claim and its threshold were written down before the numbers. A claim of two parts has two entries, and
needs both.
"""

from typing import NamedTuple

DIFFICULTY, INFLUENCE, SELECTION, EXPERTS = (
    "arXiv 2401.01867",
    "arXiv 2311.16298",
    "arXiv 2311.16302",
    "arXiv 2410.19034",
)
OURS = "this study"


class Claim(NamedTuple):
    """An entry. `threshold` is what the claim asserts of the statistic, in words where a run settles it."""

    id: str
    paper: str
    claim: str
    statistic: str
    threshold: str
    paper_value: str = ""


CLAIMS = (
    Claim(
        "D1",
        DIFFICULTY,
        "scores are noisy over runs",
        "median rank error of one run against the mean of the others",
        "> 0.02",
    ),
    Claim(
        "D2",
        DIFFICULTY,
        "averaging n runs shrinks the error as n^(-1/2)",
        "fitted exponent for disjoint n-run means",
        "-0.6 to -0.4",
        "-0.5",
    ),
    Claim(
        "D3",
        DIFFICULTY,
        "there is one notion of difficulty",
        "variance share of the first component of scores without near-duplicates",
        "> 0.5",
    ),
    Claim(
        "D4",
        DIFFICULTY,
        "some examples are sensitive to the architecture",
        "share of sensitive tests between models minus within one",
        "> 0",
    ),
    Claim(
        "D4",
        DIFFICULTY,
        "and other examples are insensitive to it",
        "share of tests that show equivalence",
        "> 0",
    ),
    Claim(
        "D5",
        DIFFICULTY,
        "few sensitive examples fingerprint the architecture",
        "accuracy of 10 examples by p-value minus the greater of 10 random ones and the mean score",
        "> 0",
    ),
    Claim(
        "D6",
        DIFFICULTY,
        "difficulty finds defects",
        "AUROC for planted flips, averaged runs",
        "> 0.7",
    ),
    Claim(
        "I1",
        INFLUENCE,
        "half of the data is enough",
        "accuracy at 50 % pruned by VoG (class-normalised, easy) minus full, in points",
        "> -1",
    ),
    Claim(
        "I2",
        INFLUENCE,
        "VoG beats random out of the box",
        "paired difference to random of equal size at 50 %",
        "> 0",
    ),
    Claim("I3", INFLUENCE, "pruning easy beats pruning hard", "paired difference", "> 0"),
    Claim(
        "I4",
        INFLUENCE,
        "with noisy labels, dropping 5-10 % of the hardest helps",
        "paired difference to random of equal size, and to no pruning (TracIn, PVI)",
        "> 0",
    ),
    Claim(
        "I5",
        INFLUENCE,
        "normalisation decides on imbalanced data",
        "relative DCER change, class- minus dataset-normalised VoG",
        "> 0",
        "2.54 points",
    ),
    Claim(
        "S1",
        SELECTION,
        "score-based selection lowers DCER against random",
        "relative difference in %, top-k entropy and top-k EL2N",
        "< 0",
        "-4 to -7 %",
    ),
    Claim(
        "S2",
        SELECTION,
        "score-based selection lowers SEMER against random",
        "relative difference in %, top-k entropy and top-k EL2N",
        "< 0",
        "-2 %",
    ),
    Claim(
        "S3",
        SELECTION,
        "entropy and EL2N differ only if the scorer is not the teacher",
        "Spearman with scorer = teacher minus with another scorer",
        "> 0",
    ),
    Claim(
        "E1",
        EXPERTS,
        "memorization rises with experts at fixed active parameters",
        "slope of log2 of the 90 % book on log2 experts",
        "> 0",
    ),
    Claim(
        "E2",
        EXPERTS,
        "reasoning saturates",
        "shortest-path gain per doubling by experts over that by width",
        "< 0.5",
    ),
    Claim(
        "E3",
        EXPERTS,
        "no number of experts of width m solves length-2 paths below the bound; width |V| does",
        "fooling pairs found; construction exact",
        "exact",
    ),
    Claim(
        "E3b",
        EXPERTS,
        "the trained wall moves with |V|",
        "slope of the width at 95 % accuracy on |V|",
        "> 0",
    ),
    # A width that fell as experts are added, size for size, would have a slope of -0.5 (corollary 3.4).
    Claim("E3b", EXPERTS, "and not with K", "slope of its log2 on log2 K", "-0.1 to 0.1"),
    Claim(
        "E4",
        EXPERTS,
        "MoEs memorise with few active parameters",
        "active parameters at 90 % recall of the same book, MoE over dense",
        "< 1",
    ),
    Claim(
        "E5",
        EXPERTS,
        "experts raise knowledge, not alike reasoning, in pre-training",
        "slope on log2 experts, knowledge minus reasoning, standardised; and at equal perplexity",
        "> 0",
    ),
    Claim(
        "X1",
        OURS,
        "difficulty scores tell an MoE from a dense model of equal active size",
        "accuracy of 10 entries by p-value minus the aggregate baseline, equal active size",
        "> 0",
    ),
    Claim(
        "X1",
        OURS,
        "and from one of equal total size",
        "accuracy of 10 entries by p-value minus the aggregate baseline, equal total size",
        "> 0",
    ),
    Claim(
        "X2",
        OURS,
        "what experts newly remember is not what another wider model does",
        "Spearman of difficulty with recall gained, MoE minus wider dense model",
        "> 0",
    ),
)


def find(identifier: str, part: int = 0) -> Claim:
    """The entry of a claim; `part` counts the entries of one identifier from 0."""
    return [claim for claim in CLAIMS if claim.id == identifier][part]
