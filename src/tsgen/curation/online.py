"""Synthetic entries drawn anew while a forecaster trains: a GluonTS dataset that never repeats."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from tsgen.data import SeriesDataset, as_series
from tsgen.errors import DataError, SettingsError
from tsgen.rng import numpy_stream, resolve_seed

from .operations import Operation, Transform, operation

__all__ = ["OnlineAugmentation", "Schedule"]

Schedule = Literal["constant", "linear", "cosine"] | Callable[[float], float]
"""How much of the ratios is left after a share of the passes, from 0 to 1."""

_SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda done: 1.0,
    "linear": lambda done: 1.0 - done,
    "cosine": lambda done: (1.0 + math.cos(math.pi * done)) / 2,
}
_REPEAT_OF_MODELS = 100


class OnlineAugmentation:
    """Real series and synthetic ones after them, the synthetic ones fresh at every pass.

    Goes where a GluonTS dataset goes: GluonTS's loaders begin a new pass whenever they come to the
    end. A pass is all real entries and round(ratio * real) synthetic ones of each operation, in a
    random order. Pass k is the same for the same seed, whatever was read before; the count of
    passes goes on from one training to the next until `restart`.

    Args:
        train: A GluonTS dataset or a long table of real series.
        ratios: Synthetic / real entries for each operation: names as `operation` takes them, or
            `Operation` objects that are ready to be used.
        schedule: "constant", or annealed to real alone: "linear", "cosine", or a function from the
            share of `num_passes` that is done (0 to 1) to what is left of the ratios.
        num_passes: Passes until an annealed schedule has come to its end, from where it stays. One
            training of GluonTS reads about max_epochs * num_batches_per_epoch * batch_size entries.
        repeat: In how many passes each synthetic entry appears; None is 1 for transforms and 100
            for all else, whose draws cost more (GluonTS takes other windows of it in each pass).
        seed: Same seed, same entries.

    Raises:
        SettingsError: An impossible ratio, schedule or operation.
        DataError: The data are multivariate, or hold synthetic series.

    Example:
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=4, length=48, seed=1)
        >>> online = OnlineAugmentation(real, {"mixing": 0.5, "jitter": 0.25}, seed=3)
        >>> first, second = list(online), list(online)
        >>> len(first), sum(entry["info"]["synthetic"] for entry in first)
        (7, 3)
    """

    def __init__(
        self,
        train: Any,
        ratios: Mapping[str | Operation, float],
        schedule: Schedule = "constant",
        *,
        num_passes: int | None = None,
        repeat: int | None = None,
        seed: int | None = None,
    ) -> None:
        self.real, self.seed = _real(train), resolve_seed(seed)
        self.ratios = {_ready(what): _checked(what, ratio) for what, ratio in ratios.items()}
        self._left, self._num_passes = _schedule(schedule, num_passes)
        if repeat is not None and repeat < 1:
            raise SettingsError(f"repeat={repeat} is not possible; use 1 or more passes.")
        self._repeat = repeat
        self._entries = list(replace(self.real, info=({"synthetic": False},) * len(self.real)))
        self._pools: dict[str, tuple[int, list[Any]]] = {}
        self.restart()

    def restart(self) -> None:
        """Begin again with the first pass."""
        self.passes = self.drawn = self.repeated = 0

    def __len__(self) -> int:
        """Entries of the first pass."""
        return len(self.real) + sum(self._count(ratio, 0) for ratio in self.ratios.values())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        number, self.passes = self.passes, self.passes + 1
        entries = self._entries + [
            entry
            for made_by, ratio in self.ratios.items()
            for entry in self._synthetic(made_by, ratio, number)
        ]
        for place in numpy_stream(self.seed, "order", number).permutation(len(entries)):
            yield dict(entries[place])

    def stream(self) -> Iterator[dict[str, Any]]:
        """Yield the entries of pass after pass, without end; for frameworks other than GluonTS."""
        while True:
            yield from self

    @property
    def repeats(self) -> float:
        """The share of synthetic entries given so far that an earlier pass had given already."""
        return self.repeated / max(self.drawn, 1)

    def _count(self, ratio: float, number: int) -> int:
        done = min(number / self._num_passes, 1.0) if self._num_passes else 0.0
        return round(ratio * self._left(done) * len(self.real))

    def _synthetic(self, made_by: Operation, ratio: float, number: int) -> list[Any]:
        """Return the synthetic entries of one operation for a pass."""
        count = self._count(ratio, number)
        if not count:
            return []
        repeat = self._repeat or (1 if isinstance(made_by, Transform) else _REPEAT_OF_MODELS)
        generation = number // repeat
        kept, pool = self._pools.get(made_by.name, (-1, []))
        if kept != generation:
            size = self._count(ratio, generation * repeat)
            seed = int(numpy_stream(self.seed, made_by.name, generation).integers(2**31))
            pool = list(made_by(self.real, size / len(self.real), seed=seed))
            self._pools[made_by.name] = (generation, pool)
        elif number:
            self.repeated += count
        self.drawn += count
        return pool[:count]


def _real(train: Any) -> SeriesDataset:
    real = as_series(train)
    if real.synthetic.any():
        raise DataError(
            f"{int(real.synthetic.sum())} of {len(real)} series are synthetic already; give the "
            "real ones alone, the others are drawn here."
        )
    return real


def _ready(what: str | Operation) -> Operation:
    made_by = operation(what)
    if not isinstance(made_by, Operation):
        raise SettingsError(
            f"'{made_by.name}' is yet to be trained; train it and give the trained synthesizer."
        )
    return made_by


def _checked(what: str | Operation, ratio: float) -> float:
    if not 0 < ratio < math.inf:
        raise SettingsError(f"The ratio {ratio!r} of {what} is not possible; use a number above 0.")
    return float(ratio)


def _schedule(
    schedule: Schedule, num_passes: int | None
) -> tuple[Callable[[float], float], int | None]:
    if isinstance(schedule, str) and schedule not in _SCHEDULES:
        raise SettingsError(
            f"schedule={schedule!r} is not possible; use {', '.join(_SCHEDULES)} or a function."
        )
    if schedule != "constant" and (num_passes is None or num_passes < 1):
        raise SettingsError(
            f"An annealed schedule needs num_passes, the passes until its end, from 1; it is "
            f"{num_passes!r}."
        )
    left = _SCHEDULES[schedule] if isinstance(schedule, str) else schedule
    return left, num_passes
