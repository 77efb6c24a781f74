"""What all scores that grow over training share: named arrays that can be saved and put back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

import numpy as np

from study.errors import StudyError


class Accumulator(ABC):
    """Keeps all that it knows in `self._arrays`, changed in place, of sizes that do not grow with the epochs.

    Subclasses add an `update` with what they observe.
    """

    def __init__(self, **arrays: np.ndarray) -> None:
        self._arrays = arrays

    @abstractmethod
    def columns(self) -> dict[str, np.ndarray]:
        """The scores, (N,) each, by the names that the registry knows."""

    def state(self) -> dict[str, np.ndarray]:
        """A copy of everything that is needed to go on later."""
        return {name: array.copy() for name, array in self._arrays.items()}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from `state()` of an accumulator made with the same arguments: all later bytes are the same.

        Raises:
            StudyError: the state is that of another accumulator or of another number of examples.
        """
        ours, theirs = _layout(self._arrays), _layout(state)
        if ours != theirs:
            different = sorted(k for k in {*ours, *theirs} if ours.get(k) != theirs.get(k))
            raise StudyError(
                f"a saved state does not fit {type(self).__name__}",
                where=f"{different[0]}: {theirs.get(different[0], 'missing')}",
                expected=ours.get(different[0], "not there"),
                do="the checkpoint is of other code or settings: delete it and start this run again",
            )
        for name, array in self._arrays.items():
            array[...] = state[name]


class Readings(Accumulator):
    """Columns that are each taken whole, at an epoch of their own.

    Args:
        n_examples: N.
        columns: their names.
        dtype: their type.
    """

    def __init__(self, n_examples: int, columns: Iterable[str], dtype: type = np.float64) -> None:
        super().__init__(**{column: np.zeros(n_examples, dtype) for column in columns})

    def take(self, column: str, values: np.ndarray) -> None:
        """The values of a column, (N,)."""
        self._arrays[column][...] = values

    def columns(self) -> dict[str, np.ndarray]:
        """The columns as they were taken, (N,) each."""
        return self.state()


def _layout(arrays: Mapping[str, np.ndarray]) -> dict[str, str]:
    return {name: f"{array.dtype} {array.shape}" for name, array in arrays.items()}
