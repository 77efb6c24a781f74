"""Settings of the chapter `selection`."""

from typing import get_args

import pytest
from pydantic import ValidationError

from study.config import selection
from study.config.selection import SelectionSettings, Strategy, StrategySettings
from study.selection import strategies

SMALL = {"datasets": ["a", "b"], "model": "bert"}


def test_the_strategies_that_can_be_named_are_those_that_there_are():
    assert set(get_args(Strategy)) == set(strategies.STRATEGIES)
    assert (
        selection.WITHOUT_SCORE == strategies.WITHOUT_SCORE and selection.OF_BOTH == strategies.OF_ALL_SCORES
    )


def test_defaults_are_those_of_the_chapter():
    settings = SelectionSettings(**SMALL)
    assert settings.pool.gold == 0.1 and settings.pool.threshold == 0.9 and settings.sizes == [0.25, 0.5, 1.0]
    assert len({strategy.name for strategy in settings.strategies}) == 7
    assert settings.models_on("a") == ["bert"] == settings.models


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"size": 0.3}, "none of sizes"),
        ({"strategies": [{"strategy": "random"}]}, "always there"),
        ({"strategies": [{"strategy": "top"}]}, "top goes by a score"),
        ({"strategies": [{"strategy": "union", "score": "entropy_joint"}]}, "no score of its own"),
        ({"strategies": [{"strategy": "best"}]}, "Input should be"),
        ({"strategies": [{"strategy": "stratified"}, {"strategy": "stratified"}]}, "same strategy and score"),
        ({"grid": {"dataset": "c"}}, "none of the chapter's data sets"),
        ({"pool": {"recall": 1.2}}, "less than or equal to 1"),
        ({"scores": ["entropy_joint"]}, "at least 2"),
        ({"repeats": 2}, "greater than or equal to 3"),
    ],
)
def test_mistakes(changes, told):
    with pytest.raises(ValidationError, match=told):
        SelectionSettings(**SMALL | changes)


def test_names_of_strategies():
    assert StrategySettings(strategy="stratified").name == "stratified"
    assert StrategySettings(strategy="top", score="entropy_joint").name == "top-entropy_joint"


def test_pools_of_the_grid():
    grid = {"dataset": "a", "thresholds": [0.7, 0.9], "recalls": [0.0, 0.5], "golds": [0.1, 0.2]}
    found = SelectionSettings(**SMALL, grid=grid).in_grid
    assert list(found) == [
        *((0.1, tau, recall) for tau in (0.7, 0.9) for recall in (0.0, 0.5)),
        (0.2, 0.9, 0.5),
    ]
    how = found[0.2, 0.9, 0.5]
    assert (how.gold, how.threshold, how.recall, how.false_alarms) == (0.2, 0.9, 0.5, 0.05)
    assert SelectionSettings(**SMALL).in_grid == {}
