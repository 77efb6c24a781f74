"""What architectures are trained on: `study.training.<kind>_runs` does it."""

IMAGE, QUESTION, TEXT = "image", "question", "text"


def kind_of(architecture: str) -> str:
    """The kind of examples that an architecture takes."""
    return {"decoder": QUESTION, "encoder": TEXT}.get(architecture, IMAGE)
