"""Variants of forgetting: rows, a model that never learns, one run."""

import numpy as np

from study.analysis.forgetting_variants import VARIANTS, variant_tables


def tables(value, runs=3, epochs=5):
    return variant_tables({name: np.full((runs, 8), value) for name in VARIANTS}, epochs)


def test_a_model_that_never_learns():
    shares, distribution = variant_tables(
        {name: np.full((3, 8), 0 if name == "unforgettable" else 6) for name in VARIANTS}, 5
    )
    found = shares.set_index(["score", "statistic"])
    assert found.loc[("forgetting", "never"), "estimate"] == 1
    assert found.loc[("first_learned", "same_place"), "estimate"] == 1
    assert found.loc[("forgetting_epoch", "values"), "estimate"] == 1
    assert distribution.loc[distribution.score == "forgetting", "never"].tolist() == [True]
    assert not distribution.loc[distribution.score == "unforgettable", "never"].any()


def test_what_a_flag_cannot_say_is_said():
    shares, _ = tables(1)
    row = shares[(shares.score == "unforgettable") & (shares.statistic == "never")].iloc[0]
    assert np.isnan(row.estimate) and "a flag" in row.reason
    assert (shares[shares.estimate.notna()].reason == "").all()


def test_one_run_has_no_interval():
    shares, distribution = tables(0, runs=1)
    assert shares.low.isna().all() and distribution.low.isna().all()
    assert distribution.estimate.tolist() == [1] * len(VARIANTS)
