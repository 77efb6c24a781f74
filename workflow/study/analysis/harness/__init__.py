"""EleutherAI's lm-evaluation-harness: tasks written for it, its command run, its results read."""
