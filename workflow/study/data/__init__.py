"""Data sets: where they come from, what is checked, and the one form in which everything else reads them."""
