"""Mutants made by an edit of the source: a test that they pass says nothing."""

from pathlib import Path
from types import ModuleType


def mutated(module: ModuleType, *edits: tuple[str, str]) -> ModuleType:
    """A module from the source of `module` with each (old, new) replaced; old must occur once."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    for old, new in edits:
        assert source.count(old) == 1, f"{module.__name__} holds {source.count(old)} times {old!r}"
        source = source.replace(old, new)
    mutant = ModuleType(module.__name__)
    mutant.__file__ = module.__file__
    exec(compile(source, module.__file__, "exec"), mutant.__dict__)
    return mutant
