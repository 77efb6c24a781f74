"""Do different ways of choosing examples, or the same on other runs, choose the same ones?"""

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from study.analysis.intervals import jackknife_pairs


def overlap_table(chosen: pd.DataFrame, examples: int, ks: list[int]) -> pd.DataFrame:
    """Share of the k chosen examples that two selectors have in common, or one selector on two splits.

    Two selectors are compared on *different* splits, like one with itself: on the same split they would also
    share its noise. Splits share most of their runs, so these overlaps are higher than those on new runs
    would be.

    Args:
        chosen: of `fingerprint`: repeat, features, place, example.
        examples: N.
        ks: numbers of examples.

    Returns:
        features_a, features_b (the same for one selector over splits), k, estimate, low, high (95 %, over
        splits of these runs, by the jackknife), n (splits), detectable, chance (k / N), reason.
    """
    names = list(chosen["features"].unique())
    rows = []
    for k in ks:
        first = chosen[chosen["place"] < k]
        whole = first.groupby("repeat")["place"].max() == k - 1
        first = first[first["repeat"].isin(whole[whole].index)]
        sets = _membership(first)
        for a, b in combinations_with_replacement(names, 2):
            both = sets[a] @ sets[b].T
            found = jackknife_pairs((both + both.T) / (2 * k))._asdict()
            reason = "" if np.isfinite(found["low"]) else "too few splits for an interval"
            if found["high"] == found["low"]:
                reason = "every pair of splits has the same overlap"
                found |= {"low": np.nan, "high": np.nan, "detectable": np.nan}
            found |= {"low": np.maximum(found["low"], 0), "high": np.minimum(found["high"], 1)}
            about = {"features_a": a, "features_b": b, "k": k}
            rows.append(about | found | {"chance": k / examples, "reason": reason})
    return pd.DataFrame(rows)


def _membership(chosen: pd.DataFrame) -> dict[str, np.ndarray]:
    """For each selector (splits, M): 1 where a split's choice holds one of the M examples ever chosen."""
    repeat, repeats = pd.factorize(chosen["repeat"], sort=True)
    example, examples = pd.factorize(chosen["example"])
    found = {}
    for name in chosen["features"].unique():
        mine = (chosen["features"] == name).to_numpy()
        found[name] = np.zeros((len(repeats), len(examples)), dtype=np.float32)
        found[name][repeat[mine], example[mine]] = 1
    return found
