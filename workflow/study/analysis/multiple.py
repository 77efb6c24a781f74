"""Several tests at once: p-values that hold for all of them together."""

import numpy as np


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values: those at or below 0.05 may all be called significant, at a 5 % risk of any error.

    The k-th smallest of m p-values is multiplied by m - k + 1; none may fall below one that was smaller.
    Nothing is assumed about how the tests depend on each other.

    Source: Holm 1979, *A simple sequentially rejective multiple test procedure* (Scandinavian Journal of
    Statistics 6).

    Args:
        p: p-values, of any shape; NaN where nothing was tested, which counts as no test.

    Returns:
        Adjusted p-values of the same shape, at most 1; NaN where `p` is.

    Raises:
        ValueError: a p-value outside 0…1.
    """
    p = np.asarray(p, dtype=float)
    tested = np.isfinite(p)
    values = p[tested]
    if ((values < 0) | (values > 1)).any() or np.isinf(p).any():
        raise ValueError("p-values lie within 0 and 1")
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    result = np.full(p.shape, np.nan)
    result[tested] = adjusted
    return result
