"""Settings of fingerprints: which model made a run?"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from study.config.base import Name, Once, Settings

_BASE_SELECTORS = ("p_value", "p_value_balanced", "coefficient", "loading", "difficulty", "random")
SelectorName = Literal[*_BASE_SELECTORS, *(f"{name}_clumped" for name in _BASE_SELECTORS)]


class FingerprintSettings(Settings):
    """Telling from a few examples' scores which model a run is of."""

    score: Name = "confidence_mean"
    """The score that the classifier sees."""
    k: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1), Once] = [1, 3, 10, 30, 100]
    """Numbers of selected examples."""
    selectors: Annotated[list[SelectorName], Field(min_length=2), Once] = [
        "p_value",
        "p_value_clumped",
        "p_value_balanced",
        "coefficient",
        "loading",
        "difficulty",
        "random",
    ]
    """Ways of choosing examples, `p_value` and `random` among them; `_clumped`: linked ones count once."""
    clump_r2: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Examples are linked if their residuals within models correlate over runs above this, squared."""
    repeats: Annotated[int, Field(ge=2)] = 200
    """Random splits of the runs into training and test runs: for the baselines and the k nearest to 10."""
    curve_repeats: Annotated[int, Field(ge=2)] = 20
    """So many of the splits also for the other k and for k-means."""
    leak_repeats: Annotated[int, Field(ge=2)] = 20
    """Splits with shuffled labels, in each of the checks that no test run was known before the test."""

    @model_validator(mode="after")
    def _compared(self) -> "FingerprintSettings":
        for name in ("p_value", "random"):
            if name not in self.selectors:
                raise ValueError(f"selectors must hold {name}: the others are compared with it")
        return self
