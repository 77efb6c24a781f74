"""Where a run trains, and how to make it give the same bytes each time."""

import os

import torch
import torch.utils.deterministic

from study.errors import StudyError


def prepare_device(device: str, threads: int) -> torch.device:
    """Set torch up for reproducible work in this process.

    Args:
        device: cpu, cuda or auto (cuda if there is one).
        threads: threads of one operation on the CPU.

    Raises:
        StudyError: cuda is asked for and not there.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS starts
    torch.set_num_threads(threads)
    # TF32 rounds factors to 10 bits: torch allows it for convolutions unless it is told not to.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise StudyError(
            "no GPU is available",
            where="runtime.device: cuda",
            expected="a GPU that this installation of torch can use",
            do="set runtime.device to cpu or auto, or install torch for this machine's GPU",
        )
    chosen = torch.device("cuda" if found and device != "cpu" else "cpu")
    if chosen.type == "cuda" or threads > 1:  # one thread of a CPU adds in one order as it is
        torch.use_deterministic_algorithms(True)  # imports the compiler, a second of CPU time
        torch.utils.deterministic.fill_uninitialized_memory = False  # a guard against bugs of kernels
    return chosen


def check_precision(precision: str, device: torch.device, model: str) -> None:
    """Refuse numbers that a device does not have; `model` is named in the message.

    Raises:
        StudyError: bfloat16 is asked for, and the GPU is older than that.
    """
    if precision == "float32" or device.type == "cpu":
        return
    if not torch.cuda.is_bf16_supported(including_emulation=False):
        raise StudyError(
            f"{device_kind(device)} has no bfloat16",
            where=f"{model}: training.precision",
            expected="a GPU that computes in bfloat16 (NVIDIA since Ampere)",
            do="set precision to float32",
        )


def device_kind(device: torch.device) -> str:
    """The kind of device as provenance names it: cpu, or the GPU's name."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
