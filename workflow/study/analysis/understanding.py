"""Errors of spoken-language understanding by domain, overall and in the tail; and what pruning does to them.

The error rates, all shares of utterances but for the two of slots:
- `dcer`: the domain is wrong; `icer`: the intent; `irer`: anything, be it domain, intent or a slot.
- `semer`, `f_semer`: see `slot_errors`.
- `slot_f1` is no error rate, but the usual measure of slots; see `slot_errors`.
Those of a domain are over the utterances that belong to it, whatever is predicted: what recall misses.
Predictions are compared as they are given. Where each domain has a model of its own, intents and slots have
to come from the model of the predicted domain.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from study.analysis.intervals import Estimate, paired_interval
from study.analysis.slot_errors import SlotCounts, f_semer, misinterpreted, semer, slot_counts, slot_f1

METRICS = ["dcer", "icer", "semer", "f_semer", "irer"]
COLUMNS = ["view", "domain", "utterances", "slots", *METRICS, "slot_f1", "reason"]
TAIL_SHARE = 0.4  # of traffic that the rarest utterances hold
_ROUNDING = 1e-12  # of a sum of traffic
_NO_SLOTS = "the corpus has no slots"
_ONE_SEED = "an interval needs two seeds"
_UNCERTAIN = "the error without pruning is too near 0, for its spread over seeds, for an interval"


class Meaning(NamedTuple):
    """What N utterances mean, or are taken to mean."""

    domains: np.ndarray
    """(N,) int64."""
    intents: np.ndarray
    """(N,) names or numbers. No two domains may share an intent: that would be right in a wrong domain."""
    slots: Sequence[Sequence[str]] | None
    """N lists of BIO tags; None in a corpus without slots."""


def error_table(
    reference: Meaning, predicted: Meaning, names: Sequence[str], traffic: np.ndarray | None
) -> pd.DataFrame:
    """Error rates of one model on one test set.

    Args:
        reference, predicted: of the same N utterances.
        names: of the domains, by their numbers.
        traffic: (N,) as in `in_tail`; None if it is not known.

    Returns:
        A row per domain in the order of `names`, then one of all utterances, one of the tail and one of
        what is not in the tail: `view` (domain, overall, tail, head) `, domain` (its name; empty elsewhere)
        `, utterances, slots` (in the reference; NaN if the corpus has none) `, dcer, icer, semer, f_semer,
        irer, slot_f1` (shares) `, reason`: why error rates are NaN (no utterances, no slots, or no traffic
        and thus no tail); empty where none is.

    Raises:
        ValueError: reference and prediction are not of the same utterances, one has slots and the other has
            none, or a domain has no name.
    """
    counts = _compared(reference, predicted, len(names))
    wrong_domain = np.asarray(reference.domains != predicted.domains)
    wrong_intent = np.asarray(reference.intents != predicted.intents)
    views = [("domain", name, reference.domains == number) for number, name in enumerate(names)]
    everything = np.ones(len(wrong_domain), dtype=bool)
    tail = ~everything if traffic is None else in_tail(traffic)
    head = ~everything if traffic is None else ~tail
    views += [("overall", "", everything), ("tail", "", tail), ("head", "", head)]
    rows = []
    for view, name, mask in views:
        slots = None if counts is None else counts.take(mask)
        absent = "the traffic is not known" if view in ("tail", "head") and traffic is None else ""
        rows.append([view, name, *_rates(wrong_domain[mask], wrong_intent[mask], slots, absent)])
    return pd.DataFrame(rows, columns=COLUMNS)


def _compared(reference: Meaning, predicted: Meaning, domains: int) -> SlotCounts | None:
    """Slots of reference and prediction, after a look at whether the two can be compared."""
    sizes = {len(part) for meaning in (reference, predicted) for part in meaning if part is not None}
    if len(sizes) > 1:
        raise ValueError(f"reference and prediction are of different numbers of utterances: {sorted(sizes)}")
    if len(reference.domains) and not (0 <= reference.domains.min() <= reference.domains.max() < domains):
        raise ValueError(f"a reference domain is outside 0 … {domains - 1}")
    if (reference.slots is None) != (predicted.slots is None):
        raise ValueError("only one of reference and prediction has slots")
    return None if reference.slots is None else slot_counts(reference.slots, predicted.slots)


def _rates(
    wrong_domain: np.ndarray, wrong_intent: np.ndarray, slots: SlotCounts | None, absent: str
) -> list[int | float | str]:
    """From `utterances` to `reason`, of the utterances of one view."""
    count = len(wrong_domain)
    reference_slots = np.nan if slots is None else int(slots.reference.sum())
    if count == 0:
        return [0, reference_slots, *[np.nan] * (len(METRICS) + 1), absent or "no utterance belongs to it"]
    dcer, icer = float(wrong_domain.mean()), float(wrong_intent.mean())
    irer = float(misinterpreted(wrong_domain, wrong_intent, slots).mean())
    if slots is None:
        return [count, reference_slots, dcer, icer, np.nan, np.nan, irer, np.nan, _NO_SLOTS]
    of_slots = [semer(wrong_intent, slots), f_semer(wrong_intent, slots)]
    return [count, reference_slots, dcer, icer, *of_slots, irer, slot_f1(slots), ""]


def in_tail(traffic: np.ndarray) -> np.ndarray:
    """(N,) bool: the rarest utterances that together hold `TAIL_SHARE` of the traffic.

    Utterances are taken from the rarest until that share is held; all that are as rare as the last one are
    taken with it, so that the order of the utterances decides nothing and the tail may hold more.

    Args:
        traffic: (N,) how often an utterance is said, in any unit. Where only the frequency of a kind is
            known, and several utterances are of it, each has its part of that frequency.

    Raises:
        ValueError: a value is negative, infinite or NaN, or all are 0.
    """
    traffic = np.asarray(traffic, dtype=float)
    if not np.isfinite(traffic).all() or (traffic < 0).any() or not traffic.any():
        raise ValueError("traffic is finite, not negative, and not 0 everywhere")
    held = np.cumsum(np.sort(traffic))
    last = np.flatnonzero(held >= (TAIL_SHARE - _ROUNDING) * held[-1])[0]
    return traffic <= np.sort(traffic)[last]


def relative_change(pruned: np.ndarray, full: np.ndarray) -> Estimate:
    """Change of an error rate in percent, 100 · (mean(pruned) / mean(full) - 1), with its 95 % interval.

    The interval is Fieller's for a ratio of paired means: all ratios ρ that a paired t-test of
    mean(pruned - ρ · full) = 0 does not reject. It leaves out "no change" exactly where the paired t-test of
    the two error rates is significant, and for normal errors it is exact however few seeds there are; the
    delta method and a jackknife are approximations that give an interval even where there is none.
    Source: Fieller 1954, *Some problems in interval estimation* (Journal of the Royal Statistical Society B
    16).

    Args:
        pruned, full: (S,) error rates after and without pruning, paired by seed.

    Returns:
        `Estimate` with n = S seeds; `detectable` is that of the paired t-test, in percent of mean(full). NaN
        throughout where mean(full) is 0 or a value is NaN; no interval for one seed, or where mean(full) does
        not differ significantly from 0, as the set of ratios is then unbounded.

    Raises:
        ValueError: the two are not of the same seeds.
    """
    pruned, full = np.asarray(pruned, dtype=float), np.asarray(full, dtype=float)
    if pruned.shape != full.shape or pruned.ndim != 1:
        raise ValueError(f"error rates of {pruned.shape} and {full.shape} are not paired by seed")
    n = len(full)
    if not n or not full.mean() > 0 or np.isnan(pruned).any():
        return Estimate(np.nan, np.nan, np.nan, n)
    ratio = pruned.mean() / full.mean()
    change = 100 * (ratio - 1)
    if n == 1:
        return Estimate(float(change), np.nan, np.nan, n)
    effect = 100 * paired_interval(pruned - full).detectable / full.mean()
    # The set is bounded by the roots of a·δ² + 2b·δ - c, with δ the distance from the estimated ratio.
    (c, b), (_, spread) = np.cov(pruned - ratio * full, full) * stdtrit(n - 1, 0.975) ** 2 / n
    a = full.mean() ** 2 - spread
    if a <= 0:
        return Estimate(float(change), np.nan, np.nan, n, float(effect))
    half = np.sqrt(b**2 + a * c)
    low, high = change + 100 * (-b - half) / a, change + 100 * (-b + half) / a
    return Estimate(float(change), float(low), float(high), n, float(effect))


def efficiency(change: Estimate, kept: float) -> Estimate:
    """Pruning efficiency σ = (ΔER / ER) / (Δd / d): change of an error rate per change of the data.

    Pruning makes Δd / d = kept - 1 negative: σ is below 0 where the error rises, 0 where it stays and above 0
    where it falls; higher is better. Source: arXiv 2311.16298.

    Args:
        change: of the error rate, in percent, as of `relative_change`.
        kept: share of the training data that is left, 0 < kept < 1.

    Raises:
        ValueError: `kept` is outside.
    """
    if not 0 < kept < 1:
        raise ValueError(f"pruning keeps a share between 0 and 1, not {kept}")
    scale = 100 * (kept - 1)
    value, low, high = (end / scale + 0.0 for end in (change.estimate, change.high, change.low))  # no -0.0
    return Estimate(value, low, high, change.n, change.detectable / -scale)


def change_table(runs: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Relative change and efficiency of every error rate, against runs without pruning with the same seeds.

    Args:
        runs: rows of `error_table` of many runs, with `seed`, `kept` (share of the training data; 1 without
            pruning) and the columns `keys`.
        keys: what tells apart ways of pruning (not looked at without pruning).

    Returns:
        A row per way of pruning, share, view, domain, metric and statistic: `*keys, kept, view, domain,
        metric, statistic` (change: in percent; efficiency: σ) `, estimate, low, high, n` (seeds)
        `, detectable, reason` (why the estimate, or its interval, is NaN).

    Raises:
        ValueError: a seed occurs twice, or is pruned and has no run without pruning.
    """
    whole = runs["kept"] == 1
    views = ["view", "domain"]
    full = {view: rows.set_index("seed") for view, rows in runs[whole].groupby(views)}
    groups = [*keys, "kept", *views]
    found = []
    for group, rows in runs[~whole].groupby(groups, sort=False, dropna=False):
        pruned, unpruned = rows.set_index("seed"), full.get(group[-2:], pd.DataFrame())
        _check_seeds(pruned, unpruned, group)
        unpruned = unpruned.loc[pruned.index]
        for metric in METRICS:
            pair = pruned[metric].to_numpy(float), unpruned[metric].to_numpy(float)
            change = relative_change(*pair)
            reason = _why(change, *pair, pruned["reason"].iloc[0])
            found.append([*group, metric, "change", *change, reason])
            found.append([*group, metric, "efficiency", *efficiency(change, group[len(keys)]), reason])
    return pd.DataFrame(found, columns=[*groups, "metric", "statistic", *Estimate._fields, "reason"])


def _check_seeds(pruned: pd.DataFrame, full: pd.DataFrame, group: tuple) -> None:
    if not (pruned.index.is_unique and full.index.is_unique):
        raise ValueError(f"a seed occurs twice for {group}, pruned or not")
    missing = pruned.index.difference(full.index)
    if len(missing):
        raise ValueError(f"there is no run without pruning for the seeds {list(missing)} of {group}")


def _why(change: Estimate, pruned: np.ndarray, full: np.ndarray, undefined: str) -> str:
    """Why there is no estimate or no interval; empty where there are both."""
    if np.isnan(pruned).any() or np.isnan(full).any():
        return undefined
    if np.isnan(change.estimate):
        return "the error is 0 without pruning"
    if np.isnan(change.low):
        return _ONE_SEED if change.n == 1 else _UNCERTAIN
    return ""
