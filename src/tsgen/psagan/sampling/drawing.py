"""Drawing the requested series with a trained generator, in batches.

Shape legend: R series, K candidates, L window length, D channels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch

from tsgen.arrays import Array, Integers, Singles
from tsgen.progress import bar
from tsgen.rng import KeyedStreams
from tsgen.training import threads

from ..memory import DynamicFacts, SeriesTable
from ..networks import padded_rows
from ..windows import WindowConditions, WindowCovariates
from .constraints import Constraints
from .joining import join_windows
from .requests import Requests
from .turns import Turns, in_turns

__all__ = ["Drawing"]

_BATCH = 512
"""Series drawn at a time."""
_PATIENCE = 2.0
"""Seconds after which a long drawing shows its progress."""


@dataclass(frozen=True)
class Drawing:
    """Draws series with a generator.

    Attributes:
        generator: The trained network, on `device`.
        conditions: What a window is generated for.
        device: Where.
        noise_scale: Deviation of the latent noise; 1 in training.
        dynamic: What is known of features that change in time; None without any.
        turns: Which of them are drawn in turns where they hold longer than in training.
    """

    generator: Any
    conditions: WindowConditions
    device: torch.device
    noise_scale: float = 1.0
    dynamic: DynamicFacts | None = None
    turns: Turns = field(default_factory=Turns)

    def values(self, requests: Sequence[Requests], held: Sequence[Constraints], seed: int) -> Array:
        """Return the values of all requested series, one after the other, in original units.

        Series of one length are generated together.

        Args:
            requests: One for each channel, and alike in all but what the model remembers.
            held: Constraints of each channel.
            seed: Same seed, same values.

        Returns:
            (D, steps of all series).
        """
        first = requests[0]
        streams, covariates = first.streams(seed), self._covariates(first)
        values = np.empty((len(requests), first.offsets[-1]))
        with bar(int(first.offsets[-1]), "drawing", delay=_PATIENCE) as progress:
            for part, length in _batches(first.lengths):
                whole = part[padded_rows(len(part))]
                own = streams.rows(whole)
                scaled = self._series(
                    first, whole, length, own, covariates, _advance(progress, len(part))
                )[: len(part)]
                place = first.offsets[part][:, None] + np.arange(length)
                for k, (request, limits) in enumerate(zip(requests, held, strict=True)):
                    scaler = request.table.scaler
                    drawn = scaler.invert(scaled[:, k], part)
                    values[k, place] = limits.apply(drawn, scaler.scale, part)
        return values

    def _series(
        self,
        requests: Requests,
        rows: Integers,
        length: int,
        streams: KeyedStreams,
        covariates: WindowCovariates | None,
        advance: Callable[[int], None],
    ) -> Singles:
        """Return series (R, D, length) of the requests `rows`, in scales of their series."""
        window = self.conditions.lengths[-1]
        generate = partial(self._windows, requests.table.rows(rows))
        starts, positions = requests.starts[rows], requests.positions[rows]
        stride = self.conditions.calendar.stride

        def draw(offset: int, candidates: int) -> Singles:
            latents = (
                self.generator.draw_latent(streams.at(offset, candidate).on(self.device))
                for candidate in range(candidates)
            )
            seen = None
            if covariates is not None:
                which = torch.as_tensor(rows, device=self.device)
                seen = covariates.read(which, torch.full_like(which, offset), window)
            drawn = generate(starts + offset * stride, positions + offset, latents, seen)
            advance(min(offset + window, length))
            return drawn

        scaled = (
            draw(0, 1)[:, 0, ..., :length]
            if length <= window
            else join_windows(draw, window, length)[0]
        )
        return scaled.reshape(len(rows), -1, length)

    def _covariates(self, requests: Requests) -> WindowCovariates | None:
        """Return the features of the requested series as the networks see them."""
        features = requests.features
        if self.dynamic is None or features is None:
            return None
        channels = self.dynamic.channels(features)
        return WindowCovariates.on(channels, features.offsets, self.device)

    @torch.no_grad()
    def _windows(
        self,
        table: SeriesTable,
        starts: Integers,
        positions: Integers,
        latents: Iterable[Any],
        covariates: torch.Tensor | None,
    ) -> Singles:
        """Return windows (R, K, L) or (R, K, D, L) of K latents, in scales of their series."""
        on = partial(torch.as_tensor, device=self.device)
        shown = [(None, None)] if covariates is None else self.turns.shown(covariates)
        static = self.conditions.static_inputs(table.static, table.static_real)
        place = on(table.index), on(static), on(starts), on(positions)
        conditions = [self.conditions.at(*place, features) for features, _ in shown]
        steps: list[Any] = [own for _, own in shown]
        last = len(self.conditions.lengths) - 1
        drawn = []
        with threads(1):  # more bring little, and much less than nothing on a busy machine
            for latent in latents:
                noise = latent.scaled(self.noise_scale)
                turns = [self.generator(noise, given, last, 1.0) for given in conditions]
                drawn.append(in_turns(turns, steps))
        return torch.stack(drawn, dim=1).cpu().numpy()


def _batches(lengths: Integers) -> Iterator[tuple[Integers, int]]:
    """Yield the rows of series of one length that are drawn together, and that length."""
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        for begin in range(0, len(rows), _BATCH):
            yield rows[begin : begin + _BATCH], int(length)


def _advance(progress: Any, count: int) -> Callable[[int], None]:
    """Return what moves a bar on when `count` series have so many steps."""
    done = 0

    def to(steps: int) -> None:
        nonlocal done
        progress.update(count * (steps - done))
        done = steps

    return to
