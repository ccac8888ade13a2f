"""Adversarial losses: pure functions of scores and windows.

Shape legend: B batch, L length. Windows are (B, L), or (B, C, L) for C channels.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from ..settings import Loss
from ..windows import Bridge

__all__ = [
    "discriminator_loss",
    "energy_score",
    "fill_alike",
    "generator_loss",
    "gradient_penalty",
    "moment_loss",
    "step_score",
]


def discriminator_loss(kind: Loss, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Return the discriminator's loss from scores (B,) of real and fake windows.

    "lsgan": 1/2 mean (D(x) - 1)^2 + 1/2 mean D(G)^2 (Mao et al. 2017; PSA-GAN).
    "relativistic": mean softplus(D(G) - D(x)) over pairs (Jolicoeur-Martineau 2018; Huang et al.
    2024).
    "hinge": mean relu(1 - D(x)) + mean relu(1 + D(G)) (Zhang et al. 2019).
    """
    if kind == "lsgan":
        return 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean()
    if kind == "relativistic":
        return functional.softplus(fake - real).mean()
    return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()


def generator_loss(kind: Loss, real: torch.Tensor | None, fake: torch.Tensor) -> torch.Tensor:
    """Return the generator's adversarial loss; only the relativistic one looks at real scores."""
    if kind == "relativistic" and real is not None:
        return functional.softplus(real - fake).mean()
    return 0.5 * ((fake - 1) ** 2).mean() if kind == "lsgan" else -fake.mean()


def moment_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Return PSA-GAN's moment loss: means and deviations along time, window by window.

    mean_b |std_t(G_b) - std_t(x_b)| + mean_b |mean_t(G_b) - mean_t(x_b)|, with the n - 1
    deviation; the b-th real and fake window share their conditions.
    """
    spread = (fake.std(dim=-1) - real.std(dim=-1)).abs().mean()
    return spread + (fake.mean(dim=-1) - real.mean(dim=-1)).abs().mean()


def energy_score(real: torch.Tensor, fake: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return the energy score of two draws for each real window, in a coarse view.

    mean_b |v(x_b) - v(G_b)| / 2 + |v(x_b) - v(G'_b)| / 2 - |v(G_b) - v(G'_b)| / 2, where v is the
    window averaged down to at most 8 steps, and its deviation, of all channels together, so that
    it sees how channels go together. A proper score: least when the draws
    of a condition are distributed as the real windows of that condition, so draws that are all
    alike lose, as do draws that differ too much.

    Source: Gneiting and Raftery, JASA 2007, equation 22.
    """
    x, g, h = (_coarse_view(windows) for windows in (real, fake, other))

    def distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return ((a - b).square().mean(dim=1) + 1e-8).sqrt().mean()

    return 0.5 * (distance(x, g) + distance(x, h) - distance(g, h))


def _coarse_view(windows: torch.Tensor) -> torch.Tensor:
    channels = windows if windows.ndim == 3 else windows[:, None]
    coarse = functional.adaptive_avg_pool1d(channels, min(windows.shape[-1], 8))
    deviation = windows.std(dim=-1, keepdim=True)
    return torch.cat([coarse.flatten(1), deviation.flatten(1)], dim=1)


def step_score(real: torch.Tensor, fake: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return the continuous ranked probability score of two draws, step by step.

    mean_{b,t} |x - G| / 2 + |x - G'| / 2 - |G - G'| / 2, an unbiased estimate from two draws: least
    when each step is distributed, given its conditions, as the real one.

    Source: Gneiting and Raftery, JASA 2007, equation 21.
    """
    near = (real - fake).abs() + (real - other).abs() - (fake - other).abs()
    return 0.5 * near.mean()


def gradient_penalty(scores: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """Return R1, 1/2 mean_b |dD/dx_b|^2, by what the discriminator saw of real windows.

    Source: Mescheder et al., ICML 2018, equation 9.
    """
    (gradient,) = torch.autograd.grad(scores.sum(), seen, create_graph=True)
    return 0.5 * gradient.square().sum(dim=(1, 2)).mean()


def fill_alike(real: torch.Tensor, fake: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Look at real and fake windows through the gaps of the real ones.

    Where the real window is missing (NaN), both are replaced by the line between their own observed
    neighbours (at the ends by the nearest one), so the networks compare observed values only, and
    no gap can tell real from fake.
    """
    missing = torch.isnan(real)
    if not bool(missing.any()):
        return real, fake
    bridge = Bridge.over(missing)
    return bridge.fill(real), bridge.fill(fake)
