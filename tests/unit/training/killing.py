"""Stopping a training at a moment of one's choice."""

import os

from study import files


class Killed(BaseException):
    """What no handler of ours may catch."""


def kill_at(monkeypatch, moment: int, observer: type) -> None:
    """Stop everything at some moment: a minibatch, the end of an epoch, or the renaming of a file.

    Args:
        moment: which of these moments, from 1.
        observer: the class of the observer whose calls are the first two kinds of moments.
    """
    passed = 0

    def watched(function):
        def call(*args, **kwargs):
            nonlocal passed
            passed += 1
            if passed == moment:
                raise Killed
            return function(*args, **kwargs)

        return call

    monkeypatch.setattr(observer, "on_batch", watched(observer.on_batch))
    monkeypatch.setattr(observer, "on_epoch", watched(observer.on_epoch))
    monkeypatch.setattr(files.os, "replace", watched(os.replace))
