"""Generated questions with one right answer, or with answers that can be checked, as sequences of tokens."""
