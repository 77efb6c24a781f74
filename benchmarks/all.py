"""Runs benchmarks and writes BENCHMARKS.md: `make bench`, or `python benchmarks/all.py grand vog` for some.

A benchmark is any other script in this folder, except those that benchmarks share. Run as
`python benchmarks/<name>.py` it prints markdown: what was measured, on which sizes, with how many threads and
repeats, and a table with a budget or a floor measured in the same run. The first line of its docstring is the
section's title. Sections of benchmarks that are not run stay as they are, each with its own date and machine.
"""

import argparse
import ast
import os
import platform
import re
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psutil

FOLDER = Path(__file__).resolve().parent
REPORT = FOLDER / "BENCHMARKS.md"
SHARED = ("all", "footprint", "simulated_runs", "sizes", "steps", "timing")
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in SHARED)
ON_GPU = ("experts_on_gpu", "images_on_gpu", "paper_scale", "pretraining_on_gpu")
BY_NAME = ("critical_path", *ON_GPU)  # need a finished study, or a GPU
HEAD = """# Measured speed and memory

Written by `make bench`; `python benchmarks/all.py <names>` measures some sections anew. Times are medians,
and ways that are compared took turns.
"""
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"some of: {', '.join(NAMES)}; by default all"
    )
    parser.add_argument("--note", default="", help="what a reader has to know about the machine at that time")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    for name in options.names or [name for name in NAMES if name not in BY_NAME]:
        print(f"{name} ...", file=sys.stderr, flush=True)
        text = measured(name, options.note)
        sections = earlier() | {name: text}  # read anew: another session may have written its own
        ordered = [f"<!-- {key} -->\n{sections[key]}" for key in NAMES if key in sections]
        REPORT.write_text("\n".join([HEAD, *ordered]), encoding="utf-8")


def measured(name: str, note: str) -> str:
    """A section: title, machine, and what the script prints."""
    path = FOLDER / f"{name}.py"
    title = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).splitlines()[0].rstrip(".")
    done = subprocess.run(
        [sys.executable, path], env=os.environ | ONE_THREAD, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise SystemExit(f"{path} failed with exit code {done.returncode}:\n{done.stderr}")
    return f"## {title}\n\n{machine(note)}\n\n{done.stdout.strip()}\n"


def machine(note: str) -> str:
    """Date, processor, memory and versions as one line."""
    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else []
    parts = [
        str(date.today()),
        f"{names[0] if names else platform.processor()}, {psutil.cpu_count()} CPUs,"
        f" {psutil.virtual_memory().total / 2**30:.0f} GiB",
        f"Python {platform.python_version()}, torch {version('torch')}, numpy {version('numpy')}",
        *([note] if note else []),
    ]
    return f"*{'; '.join(parts)}*"


def earlier() -> dict[str, str]:
    """The sections of the report as it is, by name."""
    if not REPORT.exists():
        return {}
    _, *rest = re.split(r"^<!-- (\w+) -->\n", REPORT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: f"{text.strip()}\n" for name, text in zip(rest[::2], rest[1::2], strict=True)}


if __name__ == "__main__":
    main()
