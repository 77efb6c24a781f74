"""Runs commands of the study one after the other, and writes down what they do to the machine.

    python driver.py <commands.json> <report.json>

The commands are lists: the folder in which one runs, and its arguments; `script` runs a file of Python. The
report has the exit code of each, and all that was seen while it ran, as Python's own audit events tell it.
"""

import json
import os
import runpy
import sys
from pathlib import Path

TRUSTED = tuple({sys.prefix, sys.base_prefix, os.environ["PYTHONPATH"], str(Path(__file__).resolve())})
CHILDREN = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.forkpty",
    "pty.spawn",
)
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind")
CHANGES = (
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
)
CHANGES += ("shutil.rmtree", "shutil.move", "shutil.copyfile", "shutil.copytree", "shutil.unpack_archive")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """What is seen while one command runs: pairs of a kind and what it was."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] | None = None

    def __call__(self, event: str, arguments: tuple) -> None:
        """The audit hook; it must not raise, or the command would fail."""
        if self.seen is None:
            return
        if event == "pickle.find_class":
            self.seen.append(("unpickled", ".".join(map(str, arguments))))
        elif event in ("exec", "compile"):
            self._code(event, arguments)
        elif event == "open":
            path, _, flags = arguments
            if not isinstance(path, int) and (flags or 0) & _WRITES:
                self.seen.append(("written", _place(path)))
        elif event in CHANGES:
            self.seen += [("written", path) for path in _places(event, arguments)]
        elif event in NETWORK:
            self.seen.append(("asked", f"{event} {arguments[1:]}"))
        elif event in CHILDREN:
            self.seen.append(("started", f"{event} {arguments[:2]}"))

    def _code(self, event: str, arguments: tuple) -> None:
        """Code that is in no file of this Python, its libraries or the study, nor made by one of them."""
        file = arguments[0].co_filename if event == "exec" else arguments[1]
        file = os.fsdecode(file) if isinstance(file, bytes | str) else "<unknown>"
        if file.startswith("<"):
            file = _asking()
        if not file.startswith(TRUSTED):
            self.seen.append(("ran", file))


def _asking() -> str:
    """The file of whoever asked for what the hook sees."""
    frame = sys._getframe(3)
    while frame is not None and frame.f_code.co_filename.startswith("<"):
        frame = frame.f_back
    return frame.f_code.co_filename if frame else "<unknown>"


def _places(event: str, arguments: tuple) -> list[str]:
    """The paths that an event changes: of two, both."""
    if event in ("os.rename", "os.link"):
        source, target, at_source, at_target = arguments
        return [_place(source, at_source), _place(target, at_target)]
    if event in ("shutil.move", "shutil.copyfile", "shutil.copytree", "os.symlink"):
        return [_place(arguments[1])]
    folder = arguments[-1] if event in ("os.remove", "os.mkdir", "os.rmdir", "os.chmod") else -1
    return [_place(arguments[0], folder if isinstance(folder, int) else -1)]


def _place(path, folder: int = -1) -> str:
    """A path from the root, also where it is seen from an open folder."""
    if isinstance(path, int):
        return os.readlink(f"/proc/self/fd/{path}")
    start = os.readlink(f"/proc/self/fd/{folder}") if folder >= 0 else os.getcwd()
    return os.path.normpath(os.path.join(start, os.fsdecode(path)))


def run(command: list[str]) -> int:
    """The exit code of a command."""
    from study.cli import main

    try:
        if command[0] == "script":
            runpy.run_path(command[1])
            return 0
        return main(command)
    except SystemExit as end:
        return int(end.code or 0)


if __name__ == "__main__":
    commands, told = json.loads(Path(sys.argv[1]).read_text()), []
    watch = Watch()
    sys.addaudithook(watch)
    for folder, *command in commands:
        os.chdir(folder)
        watch.seen = []
        code = run(command)
        seen, watch.seen = watch.seen, None
        told.append({"code": code, "seen": list(dict.fromkeys(seen))})
    Path(sys.argv[2]).write_text(json.dumps(told))
