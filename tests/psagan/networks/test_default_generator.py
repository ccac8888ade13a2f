"""The default networks: growth changes nothing at alpha = 0, gates start shut, all of it learns."""

import pytest
import torch

from psagan_doubles import build
from tsgen.psagan.networks.attention import ResidualAttention
from tsgen.psagan.windows.conditions import Conditions
from tsgen.psagan.windows.resolution import level_lengths


@pytest.fixture(autouse=True)
def _own_randomness():
    with torch.random.fork_rng():
        yield


@pytest.mark.parametrize("length", [8, 9, 23, 32, 100])
def test_every_length_from_8_grows_to_itself(length):
    generator, discriminator, latent, conditions = build(length)
    for stage, expected in enumerate(level_lengths(length)):
        windows = generator(latent, conditions, stage, 1.0)
        assert windows.shape == (6, expected)
        scores = discriminator(discriminator.view(windows), conditions, stage, 1.0)
        assert scores.shape == (6,)


@pytest.mark.parametrize("window_scale", [True, False])
def test_at_alpha_0_a_new_stage_is_the_upsampled_stage_before(window_scale):
    generator, _, latent, conditions = build(window_scale=window_scale)
    before = generator(latent, conditions, 1, 1.0)
    grown = generator(latent, conditions, 2, 0.0)
    upsampled = torch.nn.functional.interpolate(
        before[:, None], size=grown.shape[1], mode="linear", align_corners=False
    )[:, 0]
    if window_scale:  # the range is set after upsampling, which rounds off the extremes
        lowest, highest = upsampled.amin(1, keepdim=True), upsampled.amax(1, keepdim=True)
        span = before.amax(1, keepdim=True) - before.amin(1, keepdim=True)
        upsampled = (upsampled - lowest) / (highest - lowest) * span
        upsampled = upsampled + before.amin(1, keepdim=True)
    torch.testing.assert_close(grown, upsampled, rtol=1e-4, atol=1e-5)


def test_alpha_1_depends_on_the_new_level():
    generator, _, latent, conditions = build()
    faded, grown = (generator(latent, conditions, 2, alpha) for alpha in (0.0, 1.0))
    assert (faded - grown).abs().max() > 1e-3


@pytest.mark.parametrize("window_scale", [True, False])
def test_every_parameter_gets_a_gradient_at_the_last_stage(window_scale):
    generator, discriminator, latent, conditions = build(window_scale=window_scale)
    for module in (*generator.modules(), *discriminator.modules()):
        if isinstance(module, ResidualAttention):
            torch.nn.init.ones_(module.gate)  # behind a shut gate nothing learns at first
    windows = generator(latent, conditions, 2, 0.7)
    discriminator(discriminator.view(windows), conditions, 2, 0.7).square().sum().backward()
    for network in (generator, discriminator):
        silent = [n for n, p in network.named_parameters() if p.requires_grad and p.grad is None]
        zero = [n for n, p in network.named_parameters() if p.grad is not None and not p.grad.any()]
        assert not silent
        assert not zero


def test_statics_and_series_change_what_is_drawn():
    generator, _, latent, conditions = build()
    base = generator(latent, conditions, 2, 1.0)
    for field in ("series", "static"):
        other = Conditions(conditions.series.clone(), conditions.static.clone(), conditions.time)
        getattr(other, field)[1] = 2
        changed = generator(latent, other, 2, 1.0)
        assert not torch.equal(changed[1], base[1])
        assert torch.equal(changed[2], base[2])
