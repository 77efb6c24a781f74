"""Questions generated and answers checked: a million graphs of 50 vertices, books, walks.

Run: python benchmarks/questions.py      (some minutes on one thread)

Paper scale: 50 vertices, an edge probability of 0.08 (98 edges of a graph), a question about each graph. The
floor is what drawing the graphs alone takes. networkx is measured on fewer graphs, one at a time, with the
same questions. Each measurement is a process of its own, so that its peak memory is its own.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

VERTICES, PROBABILITY, WEIGHTS = 50, 0.08, [1.0] * 6
BUDGET = {"minutes on 2 cores": 5, "GiB": 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graphs", type=int, default=1_000_000)
    parser.add_argument("--peer-graphs", type=int, default=2_000)
    parser.add_argument("--measure", choices=METHODS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.graphs)
        return
    print(
        f"{arguments.graphs:,} graphs of {VERTICES} vertices, edge probability {PROBABILITY}, 1 thread, "
        f"once. Budget: {BUDGET['minutes on 2 cores']} minutes on 2 cores, {BUDGET['GiB']} GiB\n"
    )
    print("| what | graphs | CPU s | µs a graph | peak GiB |\n|---|---:|---:|---:|---:|")
    for method, graphs in (
        ("draw", arguments.graphs),
        ("generate", arguments.graphs),
        ("check", arguments.graphs // 10),
        ("networkx", arguments.peer_graphs),
    ):
        seconds, gib = in_a_process(method, graphs)
        print(f"| {WORDS[method]} | {graphs:,} | {seconds:.1f} | {1e6 * seconds / graphs:.1f} | {gib:.2f} |")


def in_a_process(method: str, graphs: int) -> tuple[float, float]:
    command = [sys.executable, __file__, "--measure", method, "--graphs", str(graphs)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, gib = map(float, out.split())
    return seconds, gib


def measure(method: str, graphs: int) -> None:
    """Print CPU seconds and peak GiB of this process."""
    from study.processes import peak_memory_mb

    work = METHODS[method](graphs)
    start = time.process_time()
    work()
    seconds = time.process_time() - start
    print(seconds, peak_memory_mb() / 1024)


def draw(graphs: int):
    """The floor: the graphs alone, in blocks."""
    import numpy as np

    from study.data.questions.graphs import random_graphs

    rng = np.random.default_rng(0)

    def work() -> None:
        for _ in range(0, graphs, 4096):
            random_graphs(4096, VERTICES, PROBABILITY, rng)

    return work


def questions(graphs: int):
    import numpy as np

    from study.data.questions.shortest_path import shortest_paths

    return shortest_paths(graphs, 1000, VERTICES, PROBABILITY, WEIGHTS, 1, np.random.default_rng(0))


def generate(graphs: int):
    """All questions with their answers, and a thousand held out."""
    return lambda: questions(graphs)


def reference_answers(tokens):
    """The answers of rows, up to END, as `checked` takes them."""
    import numpy as np

    from study.data.questions.tokens import ANSWER, answered, first_of

    longest = int(answered(tokens).sum(axis=1).max())
    place = first_of(tokens, ANSWER)[:, None] + 1 + np.arange(longest)
    given = np.take_along_axis(tokens, np.minimum(place, tokens.shape[1] - 1), axis=1).astype(np.int64)
    return np.where(np.arange(longest) < answered(tokens).sum(axis=1)[:, None], given, 0)


def check(graphs: int):
    """Every answer against its graph, a thousand at a time."""
    from study.data.questions.shortest_path import checked

    tokens = questions(graphs)[0].tokens

    def work() -> None:
        for start in range(0, len(tokens), 1000):
            part = tokens[start : start + 1000]
            assert checked(part, reference_answers(part))["optimal"].all()

    return work


def networkx(graphs: int):
    """The same questions by networkx, a graph at a time: a random graph, a source, a target, a path."""
    import networkx as nx
    import numpy as np

    rng = np.random.default_rng(0)

    def work() -> None:
        for number in range(graphs):
            graph = nx.fast_gnp_random_graph(VERTICES, PROBABILITY, seed=number)
            lengths = nx.single_source_shortest_path(graph, int(rng.integers(VERTICES)))
            reached = [path for path in lengths.values() if 2 <= len(path) <= len(WEIGHTS) + 1]
            if reached:
                reached[int(rng.integers(len(reached)))]

    return work


METHODS = {"draw": draw, "generate": generate, "check": check, "networkx": networkx}
WORDS = {
    "draw": "floor: graphs alone",
    "generate": "questions and answers, ours",
    "check": "answers checked, ours",
    "networkx": "networkx, a graph at a time",
}

if __name__ == "__main__":
    main()
