"""Figures: functions of tables that give a figure, its plotted points and a sentence with their numbers."""
