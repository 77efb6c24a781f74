"""The theorems of Mixture of Parrots (arXiv 2410.19034) in code: bounds, constructions, fooling pairs."""
