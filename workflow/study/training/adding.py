"""Jobs of the chapter `selection`: one repeat of adding weakly labelled utterances in one language."""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from study import paths
from study.config.selection import PoolSettings, StrategySettings
from study.config.study import StudySettings
from study.data.dataset import check as check_dataset
from study.errors import StudyError
from study.files import read_parquet, write_csv, write_parquet
from study.provenance import code_version, digest, package_versions
from study.selection.arms import EVERYTHING, NOTHING, TRUTH, Arm, arms, in_pool
from study.selection.pool import funnel
from study.training.device import device_kind, prepare_device
from study.training.language import Language
from study.training.memory import check_memory
from study.training.spoken import Spoken
from study.training.text_inputs import encoder_digest
from study.training.text_runs import estimate_mb

log = logging.getLogger(__name__)

CHAPTER = "selection"
NO_GRID: Mapping[str, float] = MappingProxyType({})


def add_utterances(study: StudySettings, dataset: str, repeat: int, root: str | Path = ".") -> None:
    """Make the pool of one repeat, let every strategy choose, and train a model on what each adds to gold.

    Writes the pool, what was chosen, and what the models take test utterances to mean. Finished trainings
    wait in work/, so that a second call repeats nothing.

    Raises:
        StudyError: the pool is smaller than what is to be chosen, or training diverged; the message says so.
    """
    job = _Job(study, dataset, repeat, Path(root))
    settings = study.selection
    pool = job.pool(settings.pool)
    wanted = {size: round(size * len(pool.gold)) for size in settings.sizes}
    left = len(in_pool(pool.table, settings.pool.deduplicate))
    if max(wanted.values()) > left:
        raise _too_small(job.place, left, wanted, pool.table, settings.pool)
    found, chosen = [], []
    for arm in job.arms(pool.table, settings.pool, wanted, settings.strategies):
        found.append(job.understood(pool, arm))
        chosen.append(_table_of(arm, pool.table))
    job.write(paths.added(dataset, repeat, paths.POOL), pool.table)
    job.write(paths.added(dataset, repeat, paths.CHOSEN), pd.concat(chosen, ignore_index=True))
    job.write(paths.added(dataset, repeat, paths.UNDERSTOOD), pd.concat(found, ignore_index=True))
    job.finish()


def add_in_grid(study: StudySettings, repeat: int, root: str | Path = ".") -> None:
    """The same at every setting of the grid, with few strategies.

    Nothing and random utterances come beside the best by two scores; at the chapter's own threshold and
    recall also everything and the truth. Where a pool is too small, nothing is chosen from it.

    Raises:
        StudyError: as `add_utterances`, but for small pools.
    """
    settings = study.selection
    dataset = settings.grid.dataset
    job = _Job(study, dataset, repeat, Path(root), "grid")
    found, pools = [], []
    for (share, threshold, recall), how in settings.in_grid.items():
        pool = job.pool(how)
        about = {"gold": share, "threshold": threshold, "recall": recall}
        pools.append(funnel(pool.table).assign(**about))
        number = round(settings.size * len(pool.gold))
        enough = number <= len(in_pool(pool.table, how.deduplicate))
        own = (threshold, recall) == (settings.pool.threshold, settings.pool.recall)
        for arm in job.arms(pool.table, how, {settings.size: number} if enough else {}, settings.judged):
            if own or arm.strategy not in (EVERYTHING, TRUTH):
                found.append(job.understood(pool, arm, about).assign(**about))
    write_csv(job.root / paths.grid(dataset, repeat, paths.POOLS), pd.concat(pools, ignore_index=True))
    job.write(paths.grid(dataset, repeat, paths.UNDERSTOOD), pd.concat(found, ignore_index=True))
    job.finish()


class _Pool(NamedTuple):
    """What a repeat chooses from."""

    gold: np.ndarray  # positions of the gold utterances in the training set
    others: np.ndarray  # of all others, the rows of the table
    table: pd.DataFrame
    labels: Spoken  # the training set with weak labels for the others


class _Job:
    """One repeat in one language: what is trained, and what is kept in work/ until all is done."""

    def __init__(self, study: StudySettings, dataset: str, repeat: int, root: Path, kind: str = "") -> None:
        self._study, self._repeat, self.root = study, repeat, root
        self.place = f"data set {dataset}, repeat {repeat}"
        settings = study.selection
        encoder = paths.common_encoder(CHAPTER, settings.model)
        run = study.run(CHAPTER, dataset, settings.model, repeat).model_copy(update={"encoder": encoder})
        data = check_dataset(root / paths.data_folder(dataset))
        device = prepare_device(run.device, run.threads)
        check_memory(run, estimate_mb(run, data, device, root), study.runtime.memory_mb)
        self._language = Language(settings, run, data, root / encoder, device)
        told = f"{settings.model_dump_json(exclude={'repeats', 'datasets'})} {run.model_dump_json()}"
        versions = (code_version(__name__), package_versions(), data.digest, device_kind(device))
        version = digest(f"{told} {versions} {encoder_digest(root / encoder)}")
        folder, name = root / paths.WORK / CHAPTER / dataset, f"repeat={repeat}{kind}"
        self._work = folder / f"{name}-{version}"
        for outdated in set(folder.glob(f"{name}-*")) - {self._work}:
            shutil.rmtree(outdated, ignore_errors=True)

    def pool(self, how: PoolSettings) -> _Pool:
        """The pool of the repeat at some settings."""
        language, repeat = self._language, self._repeat
        gold = language.gold(repeat, how.gold)
        if unseen := language.unseen(gold):
            log.warning("%s: no gold utterance has the intents %s", self.place, ", ".join(unseen))
        traffic = self._kept(f"traffic-{how.gold:g}", lambda: language.traffic(repeat, gold))
        table, others = language.pool(repeat, how, gold, traffic), language.others(gold)
        return _Pool(gold, others, table, language.relabelled(others, table))

    def arms(
        self,
        pool: pd.DataFrame,
        how: PoolSettings,
        wanted: Mapping[float, int],
        strategies: list[StrategySettings],
    ) -> Iterator[Arm]:
        """What is added, each in turn."""
        stream = self._language.stream(self._repeat, how)
        return arms(pool, how.deduplicate, wanted, strategies, self._study.selection.scores, stream)

    def understood(self, pool: _Pool, arm: Arm, about: Mapping[str, float] = NO_GRID) -> pd.DataFrame:
        """What a model takes test utterances to mean that learnt gold and what an arm adds.

        Args:
            about: the setting of the grid, of which only the share of gold matters where nothing is added.
        """

        def train() -> pd.DataFrame:
            rows = np.concatenate([pool.gold, pool.others[arm.rows]])
            found = self._language.understood(self._repeat, rows, pool.labels if arm.weak else None)
            log.info("%s: %s, %d added: finished", self.place, arm.strategy, len(arm.rows))
            return found

        told = [f"{about[key]:g}" for key in about if key == "gold" or arm.strategy != NOTHING]
        name = "-".join([arm.strategy, f"{arm.size:g}", *told])
        found = self._kept(name, train)
        first = {"strategy": arm.strategy, "size": arm.size, "added": len(arm.rows)}
        return found.assign(**first)[[*first, *found.columns]]

    def write(self, path: str, table: pd.DataFrame) -> None:
        """Write a result."""
        write_parquet(self.root / path, table)

    def finish(self) -> None:
        """All is written: what waited is removed."""
        shutil.rmtree(self._work)

    def _kept(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A table that is made once and waits in work/."""
        path = self._work / f"{name}.parquet"
        if not path.is_file():
            write_parquet(path, make())
        return read_parquet(path)


def _table_of(arm: Arm, pool: pd.DataFrame) -> pd.DataFrame:
    """What an arm adds, a row per utterance in its order: `strategy, size, rank, example_id, score`."""
    ids = pool["example_id"].to_numpy()[arm.rows]
    about = {"strategy": arm.strategy, "size": arm.size, "rank": np.arange(1, len(ids) + 1)}
    return pd.DataFrame(about | {"example_id": ids, "score": arm.values})


def _too_small(
    place: str, left: int, wanted: Mapping[float, int], pool: pd.DataFrame, how: PoolSettings
) -> StudyError:
    steps = funnel(pool).set_index("step")["utterances"]
    told = ", ".join(f"{count:,} after {step!r}" for step, count in steps.iloc[1:].items())
    number, size = max(wanted.values()), max(wanted)
    return StudyError(
        f"the pool holds {left:,} utterances, and {number:,} are to be chosen ({told}, of {len(pool):,})",
        where=place,
        expected=f"at least {number:,}: {size:g} for each gold utterance (selection.sizes)",
        do=f"lower selection.sizes or selection.pool.threshold ({how.threshold:g}), raise "
        "selection.pool.said, or use more training utterances",
    )
