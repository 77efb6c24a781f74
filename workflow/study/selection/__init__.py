"""Which weakly labelled utterances are worth adding: the pool, scores of it, and ways to choose."""
