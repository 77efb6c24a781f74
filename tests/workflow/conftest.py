"""The tiny study of a chapter, for the tests of that chapter."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(request, tiny) -> Path:
    """The folder of the study that the tests' module names, CONFIG, when it ran whole."""
    return tiny(request.module.CONFIG).folder
