"""Finished runs from their kept weights, for scores that need all of a model's runs at once."""

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from study import paths
from study.config.runs import RunSettings
from study.data.dataset import Dataset
from study.files import DamagedFile
from study.training.contracts import Epoch, key_of
from study.training.evaluation import Evaluation
from study.training.image_runs import prepare_model
from study.training.images import Images, Normalisation


def kept_evaluation(run: RunSettings, data: Dataset, device: torch.device) -> Evaluation:
    """The model of a run after its last epoch, on the training images without augmentation.

    Raises:
        DamagedFile: model.safetensors is missing, damaged, or of another architecture.
    """
    folder = paths.run_folder(run.chapter, run.dataset_name, run.model_name, run.seed)
    path = f"{folder}/{paths.CHECKPOINT}"
    model = prepare_model(run, data, device)
    try:
        model.load_state_dict(load_file(path, device=str(device)))
    except (SafetensorError, OSError, RuntimeError) as error:
        raise DamagedFile(path, str(error).splitlines()[0]) from None
    normalise = Normalisation(data.train.inputs, device)
    images = (Images(split, normalise, device) for split in (data.train, data.test))
    return Evaluation(Epoch(run.training.epochs, lr=0.0, loss=0.0), model, *images, key_of(run))
