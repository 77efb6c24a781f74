"""Statistics over runs and examples: pure functions of arrays and DataFrames."""
