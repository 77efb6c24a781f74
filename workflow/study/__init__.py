"""hard-examples: which training examples are hard, for which models, and what more memory buys."""
