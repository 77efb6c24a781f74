"""Figures of the chapter influence."""
