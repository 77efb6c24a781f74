"""What models are trained on: `study.training.<kind>_runs` does it."""

IMAGE, QUESTION, TEXT, CORPUS = "image", "question", "text", "corpus"


def kinds_of(architecture: str) -> tuple[str, ...]:
    """The kinds of data that an architecture takes."""
    return {"decoder": (QUESTION, CORPUS), "encoder": (TEXT,)}.get(architecture, (IMAGE,))
