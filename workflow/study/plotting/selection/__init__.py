"""Figures of the chapter selection."""
