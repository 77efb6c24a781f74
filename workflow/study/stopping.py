"""SIGTERM: the machine is wanted back, and will be taken in some seconds (scancel, preemption, shutdown)."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from study.errors import StudyError


class Stopped(StudyError):
    """This process was told to end."""

    def __init__(self, kept: str) -> None:
        StudyError.__init__(
            self,
            f"stopped by SIGTERM{kept}",
            do="run the same command again: it goes on from what was finished",
        )
        self.kept = kept

    def __reduce__(self):
        return Stopped, (self.kept,)


@contextmanager
def told_at_once() -> Iterator[None]:
    """Let SIGTERM raise `Stopped` wherever the process is: files that are half written disappear."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped("")

    with _handling(stop):
        yield


@contextmanager
def told_when_asked() -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether SIGTERM has come; a second one ends the process where it is."""
    came = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal came
        if came:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        came = True

    with _handling(note):
        yield lambda: came


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only that one may listen
        yield
        return
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
