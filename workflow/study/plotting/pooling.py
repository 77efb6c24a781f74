"""Averages over models, for figures in which lines of every model would hide one another."""

from study.analysis.pooling import mean_over_models

__all__ = ["mean_over_models"]
