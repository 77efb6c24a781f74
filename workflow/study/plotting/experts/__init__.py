"""Figures of the chapter `experts`."""
