"""Parts of the networks that look at the context."""

import numpy as np
import pytest
import torch

from tsgen.psagan.networks.context import FillMixture, features, summary_encoder
from tsgen.psagan.windows import Conditions, ContextSizes
from tsgen.psagan.windows.context import Context

LENGTHS, FILLS, CHANNELS, WIDTH = (8, 16), 3, 6, 4
SIZES = ContextSizes(5, FILLS, CHANNELS, 10, True)


@pytest.fixture(autouse=True)
def _own_randomness():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def conditions(with_context=True):
    levels = [torch.randn(2, CHANNELS, length) for length in LENGTHS]
    one = torch.ones(2, 1)
    context = Context(torch.zeros(2, 5), torch.randn(2, 10), levels, one, one)
    zero = torch.zeros(2, dtype=torch.int64)
    time = [torch.randn(2, 2, length) for length in LENGTHS]
    return Conditions(zero, zero[:, None], time, context if with_context else None)


def test_features_are_time_with_the_context_beside_it_on_request():
    given = conditions()
    for level in range(2):
        plain = features(given, level, with_context=False)
        assert torch.equal(plain, given.time[level])
        both = features(given, level, with_context=True)
        assert torch.equal(both, torch.cat([plain, given.context.levels[level]], dim=1))
    bare = conditions(with_context=False)
    assert torch.equal(features(bare, 1, with_context=True), bare.time[1])


def test_a_summary_becomes_a_vector():
    encoder = summary_encoder(SIZES, WIDTH)
    x = torch.randn(3, 10)
    line = x @ encoder[0].weight.T + encoder[0].bias
    torch.testing.assert_close(encoder(x), torch.where(line > 0, line, 0.2 * line))


def test_the_mixture_is_a_weighted_mean_of_the_fills_by_a_plain_loop():
    given, style = conditions(), torch.randn(2, WIDTH)
    mixture = FillMixture(SIZES, WIDTH)
    coarse, fine = (level.detach().numpy() for level in mixture(style, given, LENGTHS))
    channels = given.context.levels[-1]
    by_style = mixture.by_style(style).detach().numpy()
    by_step = mixture.by_step(channels).detach().numpy()
    for row in range(2):
        for step in range(16):
            weights = np.exp(by_style[row] + by_step[row, :, step])
            fills = channels[row, :FILLS, step].numpy()
            assert fine[row, 0, step] == pytest.approx((weights / weights.sum()) @ fills, abs=1e-5)
    np.testing.assert_allclose(coarse, fine.reshape(2, 1, 8, 2).mean(axis=3), atol=1e-6)


def test_a_mixture_begins_near_the_plain_mean_and_needs_a_context():
    mixture = FillMixture(SIZES, WIDTH)
    assert mixture.by_style.weight.std() < 0.1
    assert mixture.by_step.weight.std() < 0.1
    with pytest.raises(ValueError, match="needs conditions with one"):
        mixture(torch.randn(2, WIDTH), conditions(with_context=False), LENGTHS)
