"""Labelled texts: one or two texts an example, and what is known of each."""
