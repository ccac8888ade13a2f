"""The losses against plain loops, and the view through gaps that real and fake windows share."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tsgen.psagan.learning.losses import (
    discriminator_loss,
    energy_score,
    fill_alike,
    generator_loss,
    gradient_penalty,
    moment_loss,
    step_score,
)

REAL = [0.3, -1.2, 2.5, 0.0]
FAKE = [1.1, 0.4, -0.7, 3.0]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def softplus(x):
    return math.log1p(math.exp(x))


PAIRS = list(zip(REAL, FAKE, strict=True))
DISCRIMINATOR = {
    "lsgan": 0.5 * mean((r - 1) ** 2 for r in REAL) + 0.5 * mean(f**2 for f in FAKE),
    "relativistic": mean(softplus(f - r) for r, f in PAIRS),
    "hinge": mean(max(0, 1 - r) for r in REAL) + mean(max(0, 1 + f) for f in FAKE),
}
GENERATOR = {
    "lsgan": 0.5 * mean((f - 1) ** 2 for f in FAKE),
    "relativistic": mean(softplus(r - f) for r, f in PAIRS),
    "hinge": -mean(FAKE),
}


@pytest.mark.parametrize("kind", DISCRIMINATOR)
def test_adversarial_losses_are_their_formulas(kind):
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    assert float(discriminator_loss(kind, real, fake)) == pytest.approx(DISCRIMINATOR[kind])
    assert float(generator_loss(kind, real, fake)) == pytest.approx(GENERATOR[kind])


@pytest.mark.parametrize("kind", DISCRIMINATOR)
def test_the_players_pull_the_score_of_a_fake_in_opposite_directions(kind):
    real = torch.zeros(4)
    fake = torch.full((4,), 0.5, requires_grad=True)
    (up,) = torch.autograd.grad(discriminator_loss(kind, real, fake), fake)
    (down,) = torch.autograd.grad(generator_loss(kind, real, fake), fake)
    assert (up > 0).all()
    assert (down < 0).all()


@pytest.mark.parametrize("shape", [(5, 7), (4, 3, 7)], ids=["one channel", "three channels"])
def test_moment_loss_is_a_loop_over_paired_windows(shape):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=shape), random.normal(size=shape)
    pairs = list(zip(real.reshape(-1, 7), fake.reshape(-1, 7), strict=True))
    spread = mean(abs(f.std(ddof=1) - r.std(ddof=1)) for r, f in pairs)
    level = mean(abs(f.mean() - r.mean()) for r, f in pairs)
    found = moment_loss(torch.tensor(real), torch.tensor(fake))
    assert float(found) == pytest.approx(spread + level)
    shuffled = moment_loss(torch.tensor(real), torch.tensor(fake[::-1].copy()))
    assert float(shuffled) != pytest.approx(spread + level)


def coarse(window):
    """What the energy score sees of a window (C, L): means of at most 8 stretches, deviations."""
    length = window.shape[1]
    bins = min(length, 8)
    edges = [(i * length // bins, -(-(i + 1) * length // bins)) for i in range(bins)]
    means = [channel[low:high].mean() for channel in window for low, high in edges]
    return np.array([*means, *(channel.std(ddof=1) for channel in window)])


def distance(first, second):
    pairs = [(coarse(a), coarse(b)) for a, b in zip(first, second, strict=True)]
    return mean(math.sqrt(mean((a - b) ** 2) + 1e-8) for a, b in pairs)


@pytest.mark.parametrize("shape", [(4, 1, 12), (3, 1, 5), (3, 2, 20), (2, 3, 8)])
def test_the_energy_score_is_a_loop_over_two_draws_of_each_window(shape):
    random = np.random.default_rng(1)
    real, fake, other = random.normal(size=(3, *shape))
    expected = (distance(real, fake) + distance(real, other) - distance(fake, other)) / 2
    windows = [torch.tensor(w if shape[1] > 1 else w[:, 0]) for w in (real, fake, other)]
    assert float(energy_score(*windows)) == pytest.approx(expected)


def test_the_step_score_is_a_loop_over_steps_of_two_draws():
    random = np.random.default_rng(2)
    real, fake, other = random.normal(size=(3, 4, 6))
    steps = zip(real.ravel(), fake.ravel(), other.ravel(), strict=True)
    expected = mean((abs(x - g) + abs(x - h) - abs(g - h)) / 2 for x, g, h in steps)
    assert float(step_score(*map(torch.tensor, (real, fake, other)))) == pytest.approx(expected)


@pytest.mark.parametrize("score", [energy_score, step_score])
def test_scores_of_draws_are_least_for_draws_that_vary_as_the_real_windows_do(score):
    """Both are proper: draws that are all alike lose, and so do draws that differ too much."""
    random = np.random.default_rng(3)
    real, fake, other = torch.tensor(random.normal(size=(3, 20_000, 8)))
    by_spread = {spread: float(score(real, spread * fake, spread * other)) for spread in
                 (0.0, 0.6, 1.0, 1.5)}  # fmt: skip
    assert min(by_spread, key=by_spread.get) == 1.0
    by_level = [float(score(real, shift + fake, shift + other)) for shift in (0.0, 0.3, -0.3)]
    assert min(by_level) == by_level[0]


def test_gradient_penalty_is_half_the_squared_slope_by_finite_differences():
    torch.manual_seed(0)
    weight = torch.randn(2, 6, dtype=torch.float64)

    def score(x):
        return torch.sin((x * weight).sum(dim=(1, 2))) + (x**3).sum(dim=(1, 2))

    x = torch.randn(3, 2, 6, dtype=torch.float64)
    step, total = 1e-6, 0.0
    for b in range(3):
        for c in range(2):
            for t in range(6):
                up, down = x.clone(), x.clone()
                up[b, c, t] += step
                down[b, c, t] -= step
                total += float((score(up)[b] - score(down)[b]) / (2 * step)) ** 2
    seen = x.requires_grad_(True)
    found = gradient_penalty(score(seen), seen).detach()
    assert float(found) == pytest.approx(0.5 * total / 3, rel=1e-6)


masks = arrays.arrays(bool, arrays.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9))


@given(masks, st.integers(0, 99))
def test_gaps_are_bridged_alike_and_never_learned_from(missing, seed):
    missing[np.arange(len(missing)), seed % missing.shape[1]] = False  # one step is observed
    random = np.random.default_rng(seed)
    real, fake = random.normal(size=missing.shape), random.normal(size=missing.shape)
    holed = torch.tensor(np.where(missing, np.nan, real))
    made = torch.tensor(fake, requires_grad=True)
    seen_real, seen_fake = fill_alike(holed, made)
    steps = np.arange(missing.shape[1])
    for whole, seen in ((real, seen_real), (fake, seen_fake)):
        for b, gaps in enumerate(missing):
            expected = np.interp(steps, steps[~gaps], whole[b][~gaps])
            np.testing.assert_allclose(seen[b].detach(), expected, atol=1e-12)
    (gradient,) = torch.autograd.grad((seen_fake * torch.randn_like(seen_fake)).sum(), made)
    assert (gradient[torch.tensor(missing)] == 0).all()
    assert torch.isfinite(gradient).all()


def test_complete_windows_are_left_alone():
    real, fake = torch.randn(2, 5), torch.randn(2, 5)
    assert fill_alike(real, fake) == (real, fake)


@pytest.fixture(autouse=True)
def _own_randomness():
    with torch.random.fork_rng():
        yield
