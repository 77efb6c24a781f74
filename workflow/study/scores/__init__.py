"""Difficulty scores: functions of arrays and callables that know nothing of models."""
