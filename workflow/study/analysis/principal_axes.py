"""Principal axes of few runs over many examples."""

import numpy as np

_NEGLIGIBLE = 1e-10  # share of the largest squared length: below it lies rounding


def principal_axes(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Singular values (r,), descending, and left singular vectors (n, r) of (n, N) features.

    From inner products of the rows, as N may be a thousand times n. `axes * lengths` are the coordinates of
    the rows in the space that they span, and `features.T @ (axes / lengths)` (N, r) is its basis.
    """
    squares, axes = np.linalg.eigh(features @ features.T)
    kept = squares > max(_NEGLIGIBLE * squares[-1], np.finfo(float).tiny)
    return np.sqrt(squares[kept])[::-1], axes[:, kept][:, ::-1]
