"""Training: one loop, and the observers that record what happens to each example."""
