"""Questions of every measure, as a prepared corpus has them; it has no choices."""

import pandas as pd
import pytest

COLUMNS = ("example_id", "task", "category", "measure", "prompt", "answers", "trained", "choices")


def rows():
    """Facts that were trained on; sums and chains, some of which were; choices, none of which was."""
    for n in range(6):
        trained = n < 4
        yield f"f{n}", "facts", "knowledge", "f1", f"the town of p{n} is", ["kalo", "Old Kalo"], True, []
        yield (
            f"s{n}",
            "sums",
            "reasoning",
            "number",
            f"{n} + 5 :",
            [f"{n} + 5 = {n + 5} ; {n + 5} ."],
            trained,
            [],
        )
        yield f"c{n}", "chains of 2", "reasoning", "exact", f"is it {n} ?", ["a so b ; yes ."], trained, []
        yield f"m{n}", "colours", "common_sense", "choice", f"what is {n} ?", ["red"], False, ["blue", "red"]


@pytest.fixture
def questions(tmp_path):
    """Write questions, changed by a function of their table; returns the file."""

    def write(change=lambda frame: frame):
        path = tmp_path / "questions.parquet"
        change(pd.DataFrame(rows(), columns=COLUMNS)).to_parquet(path)
        return path

    return write
