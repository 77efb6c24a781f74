"""What architectures are trained on: `study.training.<kind>_runs` does it."""

IMAGE, QUESTION = "image", "question"


def kind_of(architecture: str) -> str:
    """The kind of examples that an architecture takes."""
    return QUESTION if architecture == "decoder" else IMAGE
