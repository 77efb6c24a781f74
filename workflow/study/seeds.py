"""Random streams that are named by what they are for.

Every stream is derived from its keys alone: (study seed, data set) for whatever all runs share, (study seed,
run seed, model, purpose, epoch) for what differs between runs. No generator state ever has to be stored: a
run that resumes asks for the stream of the epoch at which it stands.
"""

import hashlib

import numpy as np


def seed_sequence(*keys: int | str) -> np.random.SeedSequence:
    """The seed sequence of a tuple of keys; integers and strings never collide (1 is not "1")."""
    entropy = [int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:8]) for key in keys]
    return np.random.SeedSequence(entropy)


def generator(*keys: int | str) -> np.random.Generator:
    """A NumPy generator for these keys."""
    return np.random.default_rng(seed_sequence(*keys))


def torch_seed(*keys: int | str) -> int:
    """A seed for `torch.manual_seed` (63 bits) for these keys."""
    return int(seed_sequence(*keys).generate_state(1, np.uint64)[0] >> np.uint64(1))
