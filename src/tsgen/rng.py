"""Randomness as an argument: one seed, independent named streams, no global generator touched."""

from __future__ import annotations

import random
import secrets
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import numpy as np

from tsgen.errors import SettingsError

if TYPE_CHECKING:
    import torch

__all__ = ["global_seed", "numpy_stream", "resolve_seed", "torch_stream"]


def resolve_seed(seed: int | None) -> int:
    """Return `seed`, or draw one if it is None, so that it can be recorded and used again."""
    if seed is None:
        return secrets.randbits(31)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SettingsError(f"seed={seed!r} is not possible: use a whole number from 0 upwards.")
    return int(seed)


def numpy_stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the NumPy generator of the stream `names`; other streams do not shift it."""
    return np.random.default_rng(_sequence(seed, names))


def torch_stream(
    seed: int, *names: str | int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return the torch generator of the stream `names` on `device`."""
    import torch

    state = _sequence(seed, names).generate_state(2, np.uint32)
    generator = torch.Generator(device=device)
    generator.manual_seed(int(state[0]) | (int(state[1]) & 0x7FFFFFFF) << 32)
    return generator


@contextmanager
def global_seed(seed: int) -> Iterator[None]:
    """Seed the global generators for other people's code, and put them back afterwards."""
    torch = sys.modules.get("torch")
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng() if torch else nullcontext():
            if torch:
                torch.manual_seed(seed)
            random.seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002
            yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002


def _sequence(seed: int, names: tuple[str | int, ...]) -> np.random.SeedSequence:
    keys = [name if isinstance(name, int) else zlib.crc32(name.encode()) for name in names]
    return np.random.SeedSequence(seed, spawn_key=keys)
