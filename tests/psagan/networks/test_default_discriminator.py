"""What the default discriminator looks at."""

import pytest
import torch

from psagan_doubles import build
from tsgen.psagan.learning.losses import gradient_penalty
from tsgen.psagan.networks.attention import ResidualAttention
from tsgen.psagan.networks.default_discriminator import _deviation, views
from tsgen.psagan.windows import coarsen, level_lengths


@pytest.fixture(autouse=True)
def _own_randomness():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def test_at_alpha_0_the_discriminator_judges_the_averaged_window():
    _, discriminator, _, conditions = build(window_scale=False)
    windows = torch.randn(6, 16, dtype=torch.float64)
    fine = discriminator(discriminator.view(windows), conditions, 1, 0.0)
    averaged = coarsen(windows, level_lengths(32)[:2], 0)
    coarse = discriminator(discriminator.view(averaged), conditions, 0, 1.0)
    torch.testing.assert_close(fine, coarse)


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


def test_views_are_shape_values_least_and_range_of_each_channel():
    windows = torch.randn(3, 2, 16, dtype=torch.float64)
    seen = views(windows, True).reshape(3, 4, 2, 16)
    for row in range(3):
        for channel in range(2):
            window = windows[row, channel]
            least, span = window.min(), window.max() - window.min()
            shape = 2 * (window - least) / (span + 1e-4) - 1
            torch.testing.assert_close(seen[row, 0, channel], shape)
            assert torch.equal(seen[row, 1, channel], window)
            assert torch.equal(seen[row, 2, channel], least.expand(16))
            torch.testing.assert_close(
                seen[row, 3, channel], (torch.log(span + 1e-4) / 2).expand(16)
            )
    assert torch.equal(views(windows, False), windows)
    assert torch.isfinite(views(torch.full((1, 8), 3.0), True)).all()  # a constant window


def test_the_spread_of_a_batch_is_by_groups():
    x = torch.randn(6, 3, 5, dtype=torch.float64)
    x[3:] *= 10
    made = _deviation(x, 2)
    assert made.shape == (6, 1, 5)
    for rows in (slice(0, 3), slice(3, 6)):
        expected = x[rows].var(dim=0, unbiased=False).add(1e-8).sqrt().mean()
        torch.testing.assert_close(made[rows], expected.expand(3, 1, 5))


def test_the_spread_of_a_shared_batch_is_that_of_the_whole():
    whole = torch.randn(8, 3, 5, dtype=torch.float64)
    mine, other = whole[0::2], iter((whole[1:4:2], whole[5:8:2]))
    made = _deviation(mine, 2, lambda part: torch.cat([part, next(other)]))
    torch.testing.assert_close(made, _deviation(whole, 2)[0::2])
