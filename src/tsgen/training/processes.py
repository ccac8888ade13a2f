"""Devices, processes and threads that a task runs on."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from tsgen.errors import SettingsError

__all__ = ["Processes", "resolve_device", "threads"]


@dataclass
class Processes:
    """The device and processes a task runs on.

    Attributes:
        device: Where this process computes.
        rank: Number of this process, from 0.
        world: How many processes share each batch.
    """

    device: torch.device
    rank: int = 0
    world: int = 1
    _fabric: Any = field(default=None, repr=False)

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context in which the networks compute at the precision asked for."""
        return self._fabric.autocast()  # type: ignore[no-any-return]

    def average_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace each gradient by its mean over the processes, in one exchange."""
        if self.world == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        flat = self._fabric.all_reduce(flat, reduce_op="mean")
        parts = flat.split([g.numel() for g in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def part(self, size: int) -> slice:
        """Return which rows of a batch of `size` are this process's.

        They are spread, so that the first halves of all parts make the first half of the batch.
        """
        return slice(self.rank, size, self.world)

    def gathered(self, part: torch.Tensor) -> torch.Tensor:
        """Return the whole batch, of which each process has an equal part; gradients flow back.

        For statistics of a batch: averaged over the processes, the gradients of parameters are then
        those of the whole batch in one process.
        """
        if self.world == 1:
            return part
        with warnings.catch_warnings():  # Lightning still calls a name that torch has deprecated
            warnings.filterwarnings(
                "ignore", message="torch.distributed.nn", category=FutureWarning
            )
            parts: torch.Tensor = self._fabric.all_gather(part, sync_grads=True)
        return parts.flatten(0, 1)

    def mean(self, numbers: Sequence[float]) -> list[float]:
        """Return the mean over the processes of each of some numbers."""
        if self.world == 1:
            return list(numbers)
        own = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        means: list[float] = self._fabric.all_reduce(own, reduce_op="mean").tolist()
        return means

    def agree(self, value: Any) -> Any:
        """Return the value of process 0, in all processes."""
        return value if self.world == 1 else self._fabric.broadcast(value)


def resolve_device(device: str) -> torch.device:
    """Return the torch device that `device` names; "auto" is CUDA if there is one, else the CPU.

    Raises:
        SettingsError: The name is no device, or the device is absent.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError:
        raise SettingsError(f"device='{device}' is not a device; try 'auto' or 'cpu'.") from None
    if (chosen.index or 0) >= _devices_of(chosen.type):
        raise SettingsError(f"device='{device}' is absent on this machine; try 'auto' or 'cpu'.")
    return chosen


def _devices_of(kind: str) -> int:
    """Return how many devices of a kind can train here."""
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    return {"cpu": 1, "mps": int(torch.backends.mps.is_available())}.get(kind, 0)


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Compute with `number` processor threads, or as many as before for 0; then as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
