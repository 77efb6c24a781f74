"""Generated text to pre-train on: facts to know, problems to work out, and plain sentences."""
