"""Claims in plain words say what the table says."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.report.made_up import claim_rows

from study.analysis.claim_list import CLAIMS, find
from study.analysis.claims import COLUMNS
from study.report.claims import FAILS, HOLDS, OPEN, PARTLY, outcome, tally, told
from study.report.plain import PLAIN, plain


def rows(identifier, *parts, **more):
    row = find(identifier)._asdict() | {"n": 5, "detectable": 0.02, "note": "why"} | more
    return pd.DataFrame([row | part for part in parts]).reindex(columns=list(COLUMNS)).astype({"n": "Int64"})


def interval(estimate, half, verdict, **more):
    ends = {"ci_low": estimate - half, "ci_high": estimate + half}
    return {"estimate": estimate, **ends, "verdict": verdict} | more


def test_every_claim_has_plain_words_of_its_own():
    for identifier, entries in PLAIN.items():
        assert len(entries) == sum(claim.id == identifier for claim in CLAIMS)
    said = [plain(claim.id, claim.claim) for claim in CLAIMS]
    assert len({words.sentence for words in said}) == len(CLAIMS)
    assert all(words.sentence.endswith(".") and words.number[0].islower() for words in said)


def test_a_claim_that_is_not_known_keeps_its_own_words():
    assert plain("Z1", "cats are liquid").sentence == "Cats are liquid."
    assert plain("D1", "another text").sentence == "Another text."


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["supported", "verified"], HOLDS),
        (["supported", "inconclusive"], PARTLY),
        (["supported", "contradicted"], PARTLY),
        (["contradicted", "inconclusive"], FAILS),
        (["inconclusive"], OPEN),
        (["not run"], "not run"),
    ],
)
def test_outcome(verdicts, said):
    assert outcome(pd.Series(verdicts)) == said


def test_shares_are_said_in_percent_with_their_interval_and_runs():
    (claim,) = told(rows("D1", interval(0.031, 0.004, "supported", dataset="digits", score="vog")))
    (finding,) = claim.findings
    assert (
        finding.estimate == "3.10 [2.70, 3.50]\N{NO-BREAK SPACE}%"
        and finding.runs == "5"
        and finding.detectable == "2\N{NO-BREAK SPACE}%"
    )
    assert (
        claim.asserted == "above 2\N{NO-BREAK SPACE}%"
        and claim.outcome == HOLDS
        and claim.chapter == "difficulty"
    )
    assert "on digits 3.10 [2.70, 3.50]\N{NO-BREAK SPACE}% (supported, n = 5)" in claim.sentence


def test_of_several_scores_the_range_is_said_and_how_many_support():
    parts = [
        interval(value, 0.1, verdict, dataset="english", score=score)
        for score, value, verdict in (
            ("entropy_joint", -6.0, "supported"),
            ("el2n_joint_mean", -1.0, "inconclusive"),
        )
    ]
    (claim,) = told(rows("S1", *parts))
    (finding,) = claim.findings
    assert finding.verdicts == (("supported", "1 of 2 supported"), ("inconclusive", "1 of 2 inconclusive"))
    assert (
        finding.estimate == "median −3.50\N{NO-BREAK SPACE}%; from −6 (entropy joint) to −1 (EL2N joint mean)"
    )
    assert "0.020\N{NO-BREAK SPACE}% would have been seen" in claim.sentence and claim.outcome == PARTLY


def test_a_row_over_all_scores_is_the_claim():
    parts = (
        interval(0.9, 0.05, "supported", dataset="digits", score=None),
        interval(0.4, 0.05, "contradicted", dataset="digits", score="vog"),
    )
    (claim,) = told(rows("D6", *parts))
    assert claim.outcome == HOLDS and claim.findings[0].verdicts == (("supported", "supported"),)


def test_a_theorem_and_what_was_not_run_say_why():
    (theorem,) = told(rows("E3", {"verdict": "verified", "n": 9}))
    assert theorem.findings[0].note == "why" and theorem.findings[0].estimate == "" and theorem.asserted == ""
    assert theorem.sentence == f"{theorem.words.sentence} Why."
    (missing,) = told(rows("X1", {"verdict": "not run", "n": None, "detectable": np.nan}))
    assert missing.outcome == "not run" and missing.findings[0].runs == "" == missing.findings[0].detectable


def test_tally_counts_each_claim_once():
    claims = told(claim_rows())
    assert len(claims) == len(CLAIMS)
    assert tally(claims) == {PARTLY: len(CLAIMS) - 3, "not run": 3}
