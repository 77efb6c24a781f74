"""Mixtures of experts on a GPU, in float32 and bfloat16.

Run: python benchmarks/experts_on_gpu.py      (some seconds)

The tables of experts.py, on a GPU.
"""

import torch
from experts import REPEATS, print_layers, print_models


def main() -> None:
    if not torch.cuda.is_available():
        raise SystemExit("no GPU is available")
    device = torch.device("cuda")
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}. ", end="")
    print_layers(device, torch.float32, REPEATS)
    print_models(device, REPEATS)
    print()
    print_layers(device, torch.bfloat16, REPEATS)


if __name__ == "__main__":
    main()
