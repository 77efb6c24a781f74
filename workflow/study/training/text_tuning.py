"""The learning rate of an encoder on a data set, chosen on training examples that are held out."""

import logging
from pathlib import Path

import numpy as np
import torch

from study import paths
from study.config.study import StudySettings
from study.data.dataset import check as check_dataset
from study.data.splits import held_out
from study.files import write_csv
from study.models.encoder import build
from study.scores.pointwise import accuracy, loss
from study.seeds import generator, torch_seed
from study.training.choosing import choose, untried
from study.training.contracts import RunKey
from study.training.device import prepare_device
from study.training.evaluation import evaluate
from study.training.faults import DivergedError
from study.training.loop import train
from study.training.memory import check_memory
from study.training.text_inputs import text_inputs
from study.training.text_runs import estimate_mb

log = logging.getLogger(__name__)


def tune(study: StudySettings, chapter: str, task: str, model: str, root: str | Path = ".") -> None:
    """Try learning rates on a part of the training set, and write how each did on the rest; see `choose`.

    A single rate is chosen untried. Test examples play no part. A killed job starts again: its runs are few
    and short beside those to come.

    Args:
        task: the data set.

    Raises:
        StudyError: training diverged at every rate; the runs would need more memory than a job has; or a
            file cannot be written.
    """
    settings, root = getattr(study, chapter), Path(root)
    if len(settings.learning_rates) == 1:
        decay = study.run(chapter, task, model, 0).training.weight_decay
        write_csv(root / paths.tuning(chapter, task, model), untried(*settings.learning_rates, decay))
        return
    run = study.run(chapter, task, model, 0)
    run = run.model_copy(update={"encoder": paths.encoder(chapter, task, model)})
    data = check_dataset(root / paths.data_folder(task))
    device = prepare_device(run.device, run.threads)
    check_memory(run, estimate_mb(run, data, device, root), study.runtime.memory_mb)
    inputs = text_inputs(run, data, root)
    rows, rest = held_out(data.train.labels, settings.validation, generator(study.seed, task, "validation"))
    whole = inputs.whole(data.train, inputs.train, device)
    judged = whole.some(rest)

    def tried(rate: float, decay: float, seed: int) -> tuple[float, float]:
        training = run.training.model_copy(update={"lr": rate, "weight_decay": decay})
        key = RunKey(study.seed, seed, f"{model}/rates")
        part = inputs.task(run.model_copy(update={"training": training}), data, device, rows)
        torch.manual_seed(torch_seed(*key, "init"))
        network = build(run.model, root / run.encoder, len(data.classes)).to(device)
        try:
            train(network, part, training, key)
        except DivergedError:
            return float("inf"), 0.0
        logits = evaluate(network, judged)
        if not np.isfinite(logits).all():
            return float("inf"), 0.0
        found = float(loss(logits, judged.labels).mean()), float(accuracy(logits, judged.labels).mean())
        log.info("learning rate %g, seed %d: loss %.3f, accuracy %.3f", rate, seed, *found)
        return found

    decays = [run.training.weight_decay]
    where = f"{chapter}.learning_rates"
    table = choose(settings.learning_rates, decays, settings.tuning_seeds, tried, model, where)
    write_csv(root / paths.tuning(chapter, task, model), table)
