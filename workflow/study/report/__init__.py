"""The report: one HTML page on all that a study made; and pages of the repository made from results."""
