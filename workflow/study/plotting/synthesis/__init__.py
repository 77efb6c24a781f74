"""Figures of the chapter `synthesis`."""
