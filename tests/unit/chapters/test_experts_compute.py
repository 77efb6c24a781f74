"""Accuracy at equal operations, and which models differ in one part, by hand."""

import numpy as np
import pandas as pd
import pytest

from study.chapters.experts.compute import at_equal_operations
from study.config import parse_study


def curve(model, operations, accuracy, seeds=3):
    return [
        {"task": "atlas", "model": model, "seed": seed, "epoch": place, "operations": x, "accuracy": y}
        for seed in range(seeds)
        for place, (x, y) in enumerate(zip(operations, accuracy, strict=True))
    ]


def test_accuracy_is_interpolated_in_logs_where_the_cheapest_model_ends():
    rows = [
        *curve("small", [10, 100], [0.1, 0.4]),
        *curve("large", [10, 1000], [0.0, 1.0]),
        *curve("huge", [200, 400], [0.2, 0.3]),
    ]
    found = at_equal_operations(pd.DataFrame(rows)).set_index("model")
    assert set(found["operations"]) == {100} and set(found["n"]) == {3}
    assert found.loc["small", "estimate"] == pytest.approx(0.4)
    assert found.loc["large", "estimate"] == pytest.approx(0.5)  # 100 is half way from 10 to 1000
    assert np.isnan(found.loc["huge", "estimate"])  # it had spent more at its first reading


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"router": "hash"}, ("router", "hash")),
        ({"ffn": 64}, ("expert_width", 64)),
        ({"layers": 2}, ("layers", 2)),
        ({}, None),
        ({"router": "hash", "layers": 2}, None),
        ({"experts": 8}, None),
        ({"dim": 32, "ffn": 16}, None),
        ({"router": "hash", "training": {"epochs": 3}}, None),
    ],
)
def test_models_differ_in_one_part_or_not(changes, found):
    base = {"architecture": "decoder", "experts": 4}
    study = parse_study(
        {
            "name": "tiny",
            "datasets": {},
            "models": {"base": base, "other": base | changes},
            "experts": {"atlas": {"models": ["base", "other"]}},
        }
    )
    assert study.changed_part("base", "other") == found
