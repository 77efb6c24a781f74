"""How many epochs a run must record for its ranking to agree with the training means of other runs.

Functions take one measure of one model as (S, T, N): S runs, T epochs, N examples. Two forms of a score are
followed over training: `prefix`, the mean over epochs 1…t, and `checkpoint`, the value after epoch t.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from study.analysis.epochs import NO_ORDER, ONE_RUN
from study.analysis.intervals import Estimate, jackknife, ratio
from study.analysis.partitions import sizes, subsampled_curve
from study.analysis.ranks import average_ranks
from study.analysis.run_means import all_but, correlate_rank_rows, correlate_ranks, has_ranking, mean_ranks

FORMS = ("prefix", "checkpoint")
REFERENCES = ("other_runs", "own_run")
WHOLE = "share_of_whole"  # the curve against other runs, divided by what the whole training reaches
TARGETS = (0.9, 0.95)


def recording_curves(values: np.ndarray) -> pd.DataFrame:
    """Spearman correlation of what a run knows at epoch t with means over the whole training.

    Args:
        values: (S, T, N), finite.

    Returns:
        A row per form, reference and epoch: `form, reference, epoch, estimate, low, high, n, detectable,
        reason`. `other_runs`: with the training mean of the measure over all other runs; `own_run`: over the
        same run, with which it shares its noise; `share_of_whole`: the correlation with other runs divided by
        that of the mean over all T epochs, which the noise of a single run keeps below 1. Means over runs;
        delete-one jackknives over runs, with the left-out run gone from the references too. A run whose
        examples all have the same value is left out.
    """
    runs, epochs = values.shape[:2]
    totals = values.sum(axis=1, dtype=np.float64)
    others, columns = _references(totals)
    own = average_ranks(totals)
    single = {key: np.full((epochs, runs), np.nan) for key in _keys()}
    without = {key: np.full((epochs, runs, runs), np.nan) for key in _keys()}  # [t, q, r]: run r without q
    each = np.arange(runs)
    for t, scores in enumerate(_over_epochs(values)):
        for form, of_form in zip(FORMS, scores, strict=True):
            ranks = average_ranks(of_form)
            with_own = correlate_rank_rows(ranks, own)
            single[form, "own_run"][t], without[form, "own_run"][t] = with_own, with_own
            if runs > 1:
                found = correlate_ranks(ranks, others)
                single[form, "other_runs"][t] = found[each, each]
                without[form, "other_runs"][t] = np.where(columns >= 0, found[each, columns], np.nan)
    curves = {key: _over_runs(single[key], without[key]) for key in _keys()}
    whole = [part[..., -1:] for part in curves["prefix", "other_runs"][:2]]
    for form in FORMS:
        *values_of_curve, n = curves[form, "other_runs"]
        shares = [ratio(part, of_whole) for part, of_whole in zip(values_of_curve, whole, strict=True)]
        curves[form, WHOLE] = (*shares, n)
    return pd.concat([_curve_frame(*key, *curve, runs) for key, curve in curves.items()], ignore_index=True)


def epochs_needed(curves: pd.DataFrame, targets: Sequence[float] = TARGETS) -> pd.DataFrame:
    """The first epoch at which a run's ranking reaches a correlation with the others' training mean.

    Args:
        curves: as `recording_curves` gives them.
        targets: correlations to reach.

    Returns:
        A row per form, reference (`other_runs`, `share_of_whole`) and target: `form, reference, target,
        estimate` (the first epoch t at which the curve is at least the target) `, low, high` (the first at
        which its upper, and its lower, 95 % limit is; infinite where the lower one never is) `, n,
        detectable` (empty: epochs are whole numbers) `, until` (the last epoch of that stretch: a checkpoint
        may lose again what it had) `, largest` (of the curve) `, epochs` (T) `, reason` (in words, where the
        target is not reached).
    """
    rows = []
    for form in FORMS:
        for reference in ("other_runs", WHOLE):
            chosen = curves[(curves["form"] == form) & (curves["reference"] == reference)]
            chosen = chosen.sort_values("epoch")
            key = {"form": form, "reference": reference}
            rows += [{**key, "target": target, **_first_reached(chosen, target)} for target in targets]
    return pd.DataFrame(rows)


def epoch_averaging(values: np.ndarray, seed: int, draws: int = 30) -> pd.DataFrame:
    """Rank error and correlation between two disjoint n-run means, for scores recorded up to epoch t.

    Args:
        values: (S, T, N), finite.
        seed: of the partitions of the runs, which are the same at all epochs.
        draws: as in `partitions.subsampled_curve`.

    Returns:
        A row per form, epoch (1, 2, 3, 4, 6, 8, 12, … and T), statistic (`rank_error`, a share of N;
        `spearman`) and n: `form, epoch, statistic, runs` (n, up to S/2) `, estimate, low, high, n` (runs in
        all) `, detectable, reason`. Where fewer than two runs rank the examples, one row says so.
    """
    epochs = values.shape[1]
    shown = {*sizes(2 * epochs), epochs}
    frames = []
    for t, scores in enumerate(_over_epochs(values), start=1):
        if t in shown:
            frames += [
                _averaging_frame(form, t, of_form, seed, draws)
                for form, of_form in zip(FORMS, scores, strict=True)
            ]
    joined = pd.concat(frames, ignore_index=True)
    return joined.sort_values(["form", "epoch"], key=_in_order, kind="stable")


def _keys() -> list[tuple[str, str]]:
    return [(form, reference) for form in FORMS for reference in REFERENCES]


def _over_epochs(values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each epoch t the (S, N) scores of both `FORMS`; sums stand for means, whose ranks are the same."""
    so_far = np.zeros((len(values), values.shape[2]))
    for t in range(values.shape[1]):
        checkpoint = values[:, t].astype(np.float64)
        so_far += checkpoint
        yield so_far, checkpoint


def _references(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ranks of the training mean over all runs but one and over all but two.

    Returns:
        (S + S(S-1)/2, N) ranks: without run r in row r, then without each pair; and (S, S) the row that has
        neither q nor r, -1 where there is none.
    """
    runs = len(totals)
    rows = np.full((runs, runs), -1)
    if runs < 2:
        return np.empty((0, totals.shape[1])), rows
    without_one = mean_ranks(totals, all_but(runs, np.arange(runs)))
    if runs < 3:
        return without_one, rows
    first, second = np.triu_indices(runs, 1)
    rows[first, second] = rows[second, first] = runs + np.arange(len(first))
    return np.vstack([without_one, mean_ranks(totals, all_but(runs, first, second))]), rows


def _over_runs(single: np.ndarray, without: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over runs of (T, S), the same without each run (S, T), and the runs that are defined (T,)."""
    apart = np.where(np.eye(single.shape[1], dtype=bool), np.nan, without)
    return _mean_defined(single), _mean_defined(apart).T, np.isfinite(single).sum(1)


def _curve_frame(
    form: str, reference: str, estimate: np.ndarray, left_out: np.ndarray, n: np.ndarray, runs: int
) -> pd.DataFrame:
    found = jackknife(estimate, left_out, n, correlation=reference in REFERENCES)
    frame = pd.DataFrame({"form": form, "reference": reference, "epoch": np.arange(1, len(estimate) + 1)})
    frame = frame.assign(**found._asdict())
    missing = ONE_RUN if runs < (1 if reference == "own_run" else 2) else NO_ORDER
    return frame.assign(reason=np.where(frame["estimate"].isna(), missing, ""))


def _mean_defined(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is defined."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(-1), known.sum(-1))


def _first_reached(curve: pd.DataFrame, target: float) -> dict:
    """The first epoch of a curve (in order of epochs) at or above the target, and how long it stays there."""
    epoch = curve["epoch"].to_numpy()
    reached = (curve["estimate"] >= target).to_numpy()
    row = {
        "estimate": _first(epoch, reached, np.nan),
        "low": _first(epoch, (curve["high"] >= target).to_numpy(), np.nan),
        "high": _first(epoch, (curve["low"] >= target).to_numpy(), np.inf),
        "n": int(curve["n"].max()),
        "detectable": np.nan,
        "until": np.nan,
        "largest": curve["estimate"].max(),
        "epochs": int(epoch[-1]),
        "reason": "",
    }
    if curve["low"].isna().all():
        row["high"] = np.nan
    if reached.any():
        first = int(np.argmax(reached))
        lost = np.flatnonzero(~reached[first:])
        row["until"] = epoch[first + lost[0] - 1] if len(lost) else epoch[-1]
    elif curve["estimate"].isna().all():
        row["reason"] = curve["reason"].iloc[-1]
    else:
        best = curve.loc[curve["estimate"].idxmax()]
        row["reason"] = (
            f"not reached in {epoch[-1]} epochs: at most {best['estimate']:.3f}, at epoch {best['epoch']:.0f}"
        )
    return row


def _first(epoch: np.ndarray, reached: np.ndarray, otherwise: float) -> float:
    return float(epoch[np.argmax(reached)]) if reached.any() else otherwise


def _averaging_frame(form: str, epoch: int, scores: np.ndarray, seed: int, draws: int) -> pd.DataFrame:
    ranking = scores[has_ranking(scores)]
    key = {"form": form, "epoch": epoch}
    if len(ranking) < 2:
        nothing = Estimate(np.nan, np.nan, np.nan, len(ranking))._asdict()
        reason = ONE_RUN if len(scores) < 2 else NO_ORDER
        return pd.DataFrame(
            [{**key, "statistic": name, "runs": 1, **nothing, "reason": reason} for name in _STATISTICS]
        )
    curve = subsampled_curve(ranking, np.random.default_rng([seed, len(ranking)]), draws)
    frames = []
    for place, statistic in enumerate(_STATISTICS):
        found = jackknife(
            curve.estimate[0, place], curve.left_out[:, 0, place], correlation=statistic == "spearman"
        )
        frames.append(
            pd.DataFrame(
                {**key, "statistic": statistic, "runs": curve.sizes, **found._asdict(), "reason": ""}
            )
        )
    return pd.concat(frames, ignore_index=True)


_STATISTICS = ("rank_error", "spearman")  # in the order of `Curve`


def _in_order(column: pd.Series) -> pd.Series:
    return column.map(FORMS.index) if column.name == "form" else column
