"""The peer learns what its conditions do, and its draws vary."""

import numpy as np
import torch

from tsgen.evaluation.factors import vae
from tsgen.evaluation.factors.vae import ConditionalVAE, vae_windows


def test_draws_follow_their_conditions_and_differ(monkeypatch):
    monkeypatch.setattr(vae, "_STEPS", 200)
    random = np.random.default_rng(0)
    levels = random.integers(0, 7, size=(300, 2)).astype(float)
    steps = np.linspace(-1, 1, 16)
    windows = 10 + levels[:, :1] + levels[:, 1:] * steps + 0.3 * random.normal(size=(300, 16))
    asked = np.repeat([[1.0, 5.0], [5.0, 1.0]], 50, axis=0)
    made = vae_windows(levels, windows, asked, seed=1)
    level, slope = made.mean(axis=1).reshape(2, 50), (made @ steps).reshape(2, 50)
    assert abs(level[1].mean() - level[0].mean() - 4) < 1
    assert slope[0].mean() > 2.5 * slope[1].mean()
    assert (made[0] != made[1]).all()
    assert (vae_windows(levels, windows, asked, seed=1) == made).all()


def test_the_bound_is_the_log_of_the_misfit_and_the_divergence():
    model = ConditionalVAE(4, 2)
    windows, levels = torch.randn(3, 4), torch.randn(3, 2)
    for part in model.parameters():
        torch.nn.init.zeros_(part)
    # mean 0, log deviation 0: no divergence; the decoder gives 0
    expected = 0.5 * 4 * (windows**2).mean().log()
    assert torch.isclose(model.loss(windows, levels, torch.randn(3, 8)), expected)
