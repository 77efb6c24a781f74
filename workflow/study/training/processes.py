"""Processes that share one training, as torch's own launcher starts them (`torchrun`)."""

import atexit
import os
from typing import NamedTuple

import torch
from torch import distributed

from study.errors import StudyError


class Processes(NamedTuple):
    """This process among those that share a training."""

    rank: int = 0
    count: int = 1

    def wait(self) -> None:
        """Go on when all have come here."""
        if self.count > 1:
            distributed.barrier()


ALONE = Processes()


def join(expected: int, device: torch.device) -> Processes:
    """Join the processes that the launcher started, until this one ends.

    Raises:
        StudyError: there are not so many as the settings say.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count != expected:
        raise StudyError(
            f"{count} processes share the training, and the settings say {expected}",
            where="processes",
            expected=f"torchrun --standalone --nproc-per-node {expected} -m study train ...",
            do="start it so, as the workflow does",
        )
    if count == 1:
        return ALONE
    if not distributed.is_initialized():
        if device.type == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(distributed.destroy_process_group)
    return Processes(distributed.get_rank(), count)


def writes() -> bool:
    """Whether this process is the one, of those that share a training, that writes files."""
    return os.environ.get("RANK", "0") == "0"
