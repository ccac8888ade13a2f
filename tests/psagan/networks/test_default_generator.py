"""The default networks: growth changes nothing at alpha = 0, gates start shut, all of it learns."""

import pytest
import torch

from tsgen.psagan.learning.losses import gradient_penalty
from tsgen.psagan.networks.attention import ResidualAttention
from tsgen.psagan.networks.default_discriminator import Discriminator
from tsgen.psagan.networks.default_generator import Generator
from tsgen.psagan.networks.default_layout import Layout
from tsgen.psagan.windows.conditions import Conditions
from tsgen.psagan.windows.resolution import coarsen, level_lengths


def build(length=32, **changes):
    lengths = level_lengths(length)
    fields = {
        "lengths": lengths,
        "channels": (6, 5, 4, 3, 3, 3, 3, 3)[: len(lengths)],
        "num_features": 2,
        "num_series": 3,
        "cardinalities": (2,),
    }
    layout = Layout(**{**fields, **changes})
    torch.manual_seed(0)
    generator, discriminator = Generator(layout).double(), Discriminator(layout).double()
    batch = 6
    conditions = Conditions.at_levels(
        torch.tensor([0, 1, 2, 3, 1, 2]),
        torch.tensor([[0], [1], [2], [0], [1], [1]]),
        torch.randn(batch, 2, length, dtype=torch.float64),
        lengths,
    )
    latent = generator.draw_latent(lambda *shape: torch.randn(batch, *shape))
    latent.vector = latent.vector.double()
    latent.noise = [n.double() for n in latent.noise]
    return generator, discriminator, latent, conditions


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


def test_at_alpha_0_the_discriminator_judges_the_averaged_window():
    _, discriminator, _, conditions = build(window_scale=False)
    windows = torch.randn(6, 16, dtype=torch.float64)
    fine = discriminator(discriminator.view(windows), conditions, 1, 0.0)
    averaged = coarsen(windows, level_lengths(32)[:2], 0)
    coarse = discriminator(discriminator.view(averaged), conditions, 0, 1.0)
    torch.testing.assert_close(fine, coarse)


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


def test_gradient_penalty_reaches_the_discriminator_through_attention():
    _, discriminator, _, conditions = build()
    for module in discriminator.modules():
        if isinstance(module, ResidualAttention):
            torch.nn.init.ones_(module.gate)
    seen = discriminator.view(torch.randn(6, 32, dtype=torch.float64)).requires_grad_(True)
    penalty = gradient_penalty(discriminator(seen, conditions, 2, 1.0), seen)
    penalty.backward()
    attention = discriminator.levels[0].attention
    assert attention.query.weight.grad.abs().max() > 0


def test_what_is_seen_gives_the_window_back():
    _, discriminator, _, _ = build()
    windows = torch.randn(4, 32, dtype=torch.float64)
    seen = discriminator.view(windows)
    span = torch.exp(2 * seen[:, 3]) - 1e-4
    rebuilt = (seen[:, 0] + 1) / 2 * (span + 1e-4) + seen[:, 2]
    torch.testing.assert_close(rebuilt, windows)
    torch.testing.assert_close(seen[:, 1], windows)


def test_groups_of_a_batch_are_compared_within_themselves():
    _, discriminator, _, conditions = build()
    real, fake = torch.randn(2, 6, 32, dtype=torch.float64)
    together = discriminator(
        torch.cat([discriminator.view(real), discriminator.view(10 * fake)]),
        conditions.twice(),
        2,
        1.0,
        groups=2,
    )
    alone = discriminator(discriminator.view(real), conditions, 2, 1.0)
    torch.testing.assert_close(together[:6], alone)


def test_statics_and_series_change_what_is_drawn():
    generator, _, latent, conditions = build()
    base = generator(latent, conditions, 2, 1.0)
    for field in ("series", "static"):
        other = Conditions(conditions.series.clone(), conditions.static.clone(), conditions.time)
        getattr(other, field)[1] = 2
        changed = generator(latent, other, 2, 1.0)
        assert not torch.equal(changed[1], base[1])
        assert torch.equal(changed[2], base[2])
