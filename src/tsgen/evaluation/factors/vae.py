"""A small conditional variational autoencoder: the peer that a generator of windows is set beside.

Kingma and Welling 2014 (the model), Sohn et al. 2015 (conditions), Rybkin et al. 2021 (the
deviation of the decoder is the best one for each batch, so there is no weight to choose).

Shape legend: N windows, F factors, L steps, Z numbers of the code.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from tsgen.arrays import Array
from tsgen.rng import numpy_stream
from tsgen.training import build_seeded, train_module

__all__ = ["ConditionalVAE", "vae_windows"]

_CODE, _HIDDEN, _BATCH, _STEPS, _RATE = 8, 128, 128, 3000, 3e-3


class ConditionalVAE(nn.Module):
    """Encoder and decoder of two hidden layers each, which both see the conditions."""

    def __init__(self, length: int, num_factors: int) -> None:
        super().__init__()
        self.encoder = _layers(length + num_factors, 2 * _CODE)
        self.decoder = _layers(_CODE + num_factors, length)

    def loss(
        self, windows: torch.Tensor, levels: torch.Tensor, noise: torch.Tensor
    ) -> torch.Tensor:
        """Return the negative bound of the log likelihood, by window, but for a constant."""
        mean, log_deviation = self.encoder(torch.cat([windows, levels], 1)).chunk(2, dim=1)
        code = mean + noise * log_deviation.exp()
        made = self.decoder(torch.cat([code, levels], 1))
        misfit = 0.5 * windows.shape[1] * ((windows - made) ** 2).mean().log()
        divergence = 0.5 * (mean**2 + (2 * log_deviation).exp() - 2 * log_deviation - 1)
        bound: torch.Tensor = misfit + divergence.sum(dim=1).mean()
        return bound

    def draw(self, levels: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Return a window (N, L) of each of N conditions and codes (N, Z)."""
        made: torch.Tensor = self.decoder(torch.cat([noise, levels], 1))
        return made


def vae_windows(levels: Array, windows: Array, asked: Array, *, seed: int) -> Array:
    """Train on windows (N, L) of `levels` (N, F), both scaled to deviations, and draw `asked`.

    Returns:
        (M, L), one window of each of M asked combinations.
    """
    centre, spread = windows.mean(), windows.std()
    middle, width = levels.mean(axis=0), np.maximum(levels.std(axis=0), 1e-9)
    real = torch.as_tensor((windows - centre) / spread, dtype=torch.float32)
    levels_given = torch.as_tensor((levels - middle) / width, dtype=torch.float32)
    wanted = torch.as_tensor((asked - middle) / width, dtype=torch.float32)
    model = build_seeded(lambda: ConditionalVAE(windows.shape[1], levels.shape[1]), seed)

    def loss(step: int) -> torch.Tensor:
        stream = numpy_stream(seed, "vae", step)
        rows = torch.as_tensor(stream.integers(len(real), size=_BATCH))
        code = _normal(stream, _BATCH)
        value: torch.Tensor = model.loss(real[rows], levels_given[rows], code)  # type: ignore[operator]
        return value

    train_module(
        model, loss, num_steps=_STEPS, learning_rate=_RATE, label="vae", one_cycle=True,
        progress=False,
    )  # fmt: skip
    with torch.no_grad():
        drawn = model.draw(wanted, _normal(numpy_stream(seed, "vae draws"), len(asked)))  # type: ignore[operator]
    made: Array = drawn.double().numpy() * spread + centre
    return made


def _normal(stream: np.random.Generator, rows: int) -> torch.Tensor:
    return torch.as_tensor(stream.normal(size=(rows, _CODE)), dtype=torch.float32)


def _layers(width: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(width, _HIDDEN), nn.SiLU(), nn.Linear(_HIDDEN, _HIDDEN), nn.SiLU(),
        nn.Linear(_HIDDEN, outputs),
    )  # fmt: skip
