"""Models of depth 1 against one question at a time, the construction as one of them, and walls by hand."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from study.analysis.capacity import ABOVE, BELOW, INSIDE
from study.analysis.walls import slope_on_experts, slope_on_vertices, wall, walls
from study.data.questions.length_two_path import length_two_paths, tokens_that_there_are
from study.models.depth_one import DepthOne

seeds = st.integers(0, 2**16)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 12), seeds)
def test_a_batch_is_answered_like_single_questions(experts, width, count, seed):
    torch.manual_seed(seed)
    model = DepthOne(8, width, experts, 7).double()
    tokens = torch.randint(8, (count, 3))
    found = model(tokens)
    for row, logits in zip(tokens, found.logits, strict=True):
        summed = sum(model.embedding.weight[token] for token in row)
        expert, weight = 0, torch.tensor(1.0)
        if experts > 1:
            chances = (model.router.weight @ summed).softmax(dim=0)
            expert, weight = int(chances.argmax()), chances.max()
        parts = model.experts
        hidden = (summed @ parts.first_weight[expert] + parts.first_bias[expert, 0]).clamp(min=0)
        expected = weight * (hidden @ parts.second_weight[expert] + parts.second_bias[expert, 0])
        torch.testing.assert_close(logits, expected)


@pytest.mark.parametrize("vertices", [8, 12, 16])
def test_the_construction_is_one_of_these_models(vertices):
    """One-hot embeddings; hidden unit v fires if both edges of v are there: right on every question."""
    between = vertices - 2
    model = DepthOne(tokens_that_there_are(vertices), between, 1, between, one_hot=True)
    with torch.no_grad():
        model.experts.first_weight.copy_(torch.eye(between)[None])
        model.experts.first_bias.fill_(-1)
        model.experts.second_weight.copy_(torch.tensor([0.0, 2.0]).expand(1, between, 2))
        model.experts.second_bias.copy_(torch.tensor([1.0, 0.0]).view(1, 1, 2))
    (tokens, labels), _ = length_two_paths(100, 0, vertices, np.random.default_rng(0))
    assert (model(torch.from_numpy(tokens)).logits.argmax(dim=1).numpy() == labels).all()


def test_too_narrow_a_model_cannot_start_one_hot():
    with pytest.raises(ValueError, match="6 unit vectors do not fit into a width of 5"):
        DepthOne(12, 5, 1, 4, one_hot=True)


def test_walls_are_interpolated_in_logs_or_bounds():
    widths = np.array([2, 4, 8])
    assert wall(widths, np.array([0.5, 0.9, 1.0])) == (pytest.approx(2.5), 1.0, INSIDE)
    assert wall(widths, np.array([0.96, 0.9, 1.0]))[::2] == (1.0, BELOW)
    assert wall(widths, np.array([0.5, 0.6, 0.94]))[::2] == (3.0, ABOVE)


COLUMNS = ["vertices", "experts", "width", "initial", "seed", "test_accuracy"]


def runs_with(true_wall, widths=(4, 5, 6, 7, 9, 11, 13, 16, 20)):
    """Accuracies that rise linearly in the log of the width, through 95 % at a known width."""
    rows = [
        (n, k, width, "learned", seed, np.clip(0.95 + 0.2 * np.log2(width / true_wall(n, k)), 0.5, 1))
        for n in (8, 12, 16)
        for k in (1, 16)
        for width in widths
        for seed in range(3)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_slopes_of_walls():
    """Width n / 2 * K^0.05: slope 1/2 * mean(K^0.05) on n, 0.05 on log2 K."""
    alone = pd.DataFrame([(20, 1, 20, "learned", 0, 1.0), (20, 1, 20, "one_hot", 0, 1.0)], columns=COLUMNS)
    runs = runs_with(lambda n, k: n / 2 * k**0.05 + 1)
    found = walls(pd.concat([runs, alone]))
    assert len(found) == 18 and 20 not in set(found["vertices"])
    found = walls(runs_with(lambda n, k: (n / 2 + 1) * k**0.05))
    assert slope_on_vertices(found)["estimate"] == pytest.approx(0.5 * (1 + 16**0.05) / 2, abs=0.05)
    by_experts = slope_on_experts(found, 0.1)
    assert by_experts["estimate"] == pytest.approx(0.05, abs=0.02) and by_experts["n"] == 3


def test_a_wall_that_stays_has_no_slope():
    found = walls(runs_with(lambda n, k: 8.0))
    assert slope_on_vertices(found)["estimate"] == pytest.approx(0, abs=1e-9)
    assert slope_on_experts(found, 0.1)["estimate"] == pytest.approx(0, abs=1e-9)


def test_a_width_that_only_some_have_does_not_count():
    runs = runs_with(lambda n, k: 8.0)
    more = runs[(runs["vertices"] == 12) & (runs["width"] == 9)].assign(width=8, test_accuracy=0.5)
    pd.testing.assert_frame_equal(walls(pd.concat([runs, more])), walls(runs))


def test_steps_that_are_too_wide_decide_nothing():
    found = slope_on_experts(walls(runs_with(lambda n, k: 8.0, widths=(4, 6, 9, 16))), 0.1)
    assert np.isnan(found["estimate"]) and "steps of up to 0.58" in found["note"]
