"""Commands in a process of their own, with a home and a folder for temporary files that nobody else has."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
MARKER = "ran"
"""The file that hostile code would leave behind."""


class Seen(NamedTuple):
    """What one command did."""

    folder: Path
    command: str
    code: int
    seen: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """What the folder says is wrong, and the command."""
        return f"{self.folder.name}: {self.command}"

    def of(self, kind: str) -> list[str]:
        """All that was seen of a kind."""
        return [what for found, what in self.seen if found == kind]


class Watched(NamedTuple):
    """A place in which commands ran, and what each of them did."""

    root: Path
    said: str
    commands: list[Seen]

    def of(self, kind: str) -> dict[str, list[str]]:
        """What was seen of a kind, by command, where there was any."""
        return {each.name: each.of(kind) for each in self.commands if each.of(kind)}


def watched(root: Path, commands: list[tuple[Path, list[str]]]) -> Watched:
    """Run commands, each in its folder, with a home and temporary files below `root`.

    Whoever asks whether to go on is told yes, and there is a Ghostscript, which leaves the marker.
    """
    for name in ("home", "tmp", "bin"):
        (root / name).mkdir()
    (root / "bin/gs").write_text(f"#!/bin/sh\ntouch {root / MARKER}\n")
    (root / "bin/gs").chmod(0o755)
    asked, report = root / "commands.json", root / "report.json"
    asked.write_text(json.dumps([[str(folder), *command] for folder, command in commands]))
    environment = {
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "PATH": f"{root / 'bin'}:{os.environ['PATH']}",
    }
    environment |= {"PYTHONPATH": str(ROOT / "workflow"), "PYTHONDONTWRITEBYTECODE": "1"}
    driver = [sys.executable, str(Path(__file__).with_name("driver.py")), str(asked), str(report)]
    ran = subprocess.run(
        driver, env=environment, input="y\n" * 100, capture_output=True, text=True, timeout=600
    )
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    found = [
        Seen(folder, " ".join(command), told["code"], tuple(map(tuple, told["seen"])))
        for (folder, command), told in zip(commands, json.loads(report.read_text()), strict=True)
    ]
    return Watched(root, said, found)


class Harm:
    """Leaves the marker behind when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._marker = folder / MARKER

    def __reduce__(self):
        return os.system, (f"touch {self._marker}",)


def harm(folder: Path) -> bytes:
    """A pickle that leaves the marker in a folder."""
    return pickle.dumps(Harm(folder))


def code(folder: Path) -> str:
    """Python that leaves the marker in a folder."""
    return f"open({str(folder / MARKER)!r}, 'w').close()\n"
