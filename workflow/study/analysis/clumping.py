"""Clumping: examples whose scores move together over runs count once.

Statistical genetics reports, of neighbouring variants that are inherited together, only the one with the
strongest evidence. Here examples are linked where their residuals within models correlate over runs: what one
of them says of a run the other says too. The procedure is that of PLINK's --clump (Purcell et al. 2007), with
correlation over runs in the place of linkage disequilibrium.
"""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.analysis.selectors import SELECTORS, Selector

SUFFIX = "_clumped"
# A residual this small beside its example's values is rounding, and correlates with nothing.
_NO_SPREAD = 1e-12


@dataclass(frozen=True)
class Clumps:
    """Candidates in a selector's order, each the lead of a clump or a member of an earlier one.

    Attributes:
        examples: (C,) positions of all candidates looked at, in the selector's order.
        clump: (C,) place 0 … k − 1 of the clump that each is in; a lead opens the next one.
        r2: (C,) squared correlation with the clump's lead; 1 for leads.
        lead: (C,) whether the candidate is chosen.
    """

    examples: np.ndarray
    clump: np.ndarray
    r2: np.ndarray
    lead: np.ndarray


def clumped(selector: Selector, r2: float) -> Selector:
    """The selector without the examples that are linked (above r2) to one it has named before.

    Where fewer than k examples are unlinked, the linked ones follow in the selector's order, so that a choice
    of k always has k examples.
    """

    def choose(features: np.ndarray, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
        found = clumps(selector, features, labels, k, rng, r2)
        return np.concatenate([found.examples[found.lead], found.examples[~found.lead]])[:k]

    return choose


def clumps(
    selector: Selector,
    features: np.ndarray,
    labels: np.ndarray,
    k: int,
    rng: np.random.Generator,
    r2: float,
) -> Clumps:
    """The first k clumps in a selector's order, or as many as there are.

    Correlations are computed among candidates only, never over all N examples. An example that joins is put
    to the lead with which it correlates most.

    Args:
        selector, features, labels, k, rng: as for a selector.
        r2: residuals that correlate above this, squared, are linked.
    """
    wanted, total = min(2 * k, features.shape[1]), features.shape[1]
    while True:
        # The same stream each time: more candidates then begin with the same ones.
        order = selector(features, labels, wanted, deepcopy(rng))
        found = _walk(order, _unit_residuals(features[:, order], labels), k, r2)
        if found.lead.sum() == k or wanted == total:
            return found
        wanted = min(4 * wanted, total)


def selectors_named(names: list[str], r2: float) -> dict[str, Selector]:
    """Selectors by name; a name that ends in "_clumped" is the selector before it, clumped at r2."""
    found = {}
    for name in names:
        selector = SELECTORS[name.removesuffix(SUFFIX)]
        found[name] = clumped(selector, r2) if name.endswith(SUFFIX) else selector
    return found


def clump_table(
    features: np.ndarray, labels: np.ndarray, names: list[str], k: int, rng: np.random.Generator, r2: float
) -> pd.DataFrame:
    """The clumps of several selectors' first k unlinked examples.

    Args:
        features, labels: of all runs: this describes examples, and tests nothing.
        names: in `SELECTORS`.
        k, rng, r2: as for `clumps`.

    Returns:
        A row per example: features (the selector), place (0 … k − 1, of the clump), example, lead (positions,
        equal for the chosen example itself), r2 (with the lead), chosen, dropped (others in the clump).
    """
    parts = []
    for name, stream in zip(names, rng.spawn(len(names)), strict=True):
        found = clumps(SELECTORS[name], features, labels, k, stream, r2)
        leads = found.examples[found.lead]
        sizes = np.bincount(found.clump, minlength=len(leads))
        part = {"place": found.clump, "example": found.examples, "lead": leads[found.clump], "r2": found.r2}
        part |= {"chosen": found.lead, "dropped": sizes[found.clump] - 1}
        parts.append(pd.DataFrame({"features": name, **part}))
    return pd.concat(parts, ignore_index=True).sort_values(
        ["features", "place", "chosen", "r2"],
        ascending=[True, True, False, False],
        key=lambda column: column.map(names.index) if column.name == "features" else column,
        kind="stable",
    )


def _walk(order: np.ndarray, residuals: np.ndarray, k: int, r2: float) -> Clumps:
    """Goes through candidates until k of them lead a clump; residuals are (runs, C) of unit length."""
    clump, linked = np.zeros(len(order), dtype=np.int64), np.ones(len(order))
    lead = np.zeros(len(order), dtype=bool)
    leads = np.empty((k, len(residuals)))
    count, seen = 0, 0
    while seen < len(order) and count < k:
        squares = np.square(leads[:count] @ residuals[:, seen])
        if count and squares.max() > r2:
            clump[seen], linked[seen] = squares.argmax(), squares.max()
        else:
            leads[count], clump[seen], lead[seen] = residuals[:, seen], count, True
            count += 1
        seen += 1
    return Clumps(order[:seen], clump[:seen], linked[:seen], lead[:seen])


def _unit_residuals(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(runs, C) features without their models' means, each column of length 1, or 0 without any spread."""
    residuals = features.copy()
    for model in np.unique(labels):
        residuals[labels == model] -= features[labels == model].mean(axis=0)
    length = np.linalg.norm(residuals, axis=0)
    spread = length > _NO_SPREAD * np.maximum(np.linalg.norm(features, axis=0), np.finfo(float).tiny)
    return np.divide(residuals, length, out=np.zeros_like(residuals), where=spread)
