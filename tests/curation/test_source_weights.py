"""The dataset derivative is exact, and the weights of sources find the broken one."""

import numpy as np
import pandas as pd
import pytest

from tsgen.curation import SourceWeights, Transform, make_series
from tsgen.curation.derivative import leave_one_out
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, SettingsError


def problem(n=30, p=6, h=3, seed=0):
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=(n, p)), draw.normal(size=(n, h))
    valid = draw.random(n) < 0.5
    return x, y, draw.uniform(0, 2, n), valid


def ridge_fit(x, y, weights, ridge):
    gram = x.T @ np.diag(weights) @ x + ridge * np.eye(x.shape[1])
    return np.linalg.solve(gram, x.T @ np.diag(weights) @ y)


def brute_force(x, y, weights, valid, ridge):
    loss = 0.0
    for i in np.flatnonzero(valid):
        others = weights.copy()
        others[i] = 0
        loss += ((y[i] - x[i] @ ridge_fit(x, y, others, ridge)) ** 2).sum()
    return loss


@pytest.mark.parametrize("ridge", [0.1, 10.0])
def test_the_left_out_residuals_are_those_of_refitting_without_each_row(ridge):
    x, y, weights, valid = problem()
    seen = leave_one_out(x, y, weights, valid, ridge=ridge)
    assert seen.loss == pytest.approx(brute_force(x, y, weights, valid, ridge), rel=1e-10)
    for i in range(len(x)):
        others = weights.copy()
        others[i] = 0
        expected = y[i] - x[i] @ ridge_fit(x, y, others, ridge)
        np.testing.assert_allclose(seen.residuals[i], expected, rtol=1e-9, atol=1e-10)


def test_the_derivative_is_that_of_brute_force():
    x, y, weights, valid = problem()
    weights[:3] = 0.0  # sources that are not used yet have a derivative, too
    seen = leave_one_out(x, y, weights, valid, ridge=1.0)
    for j in range(len(x)):
        # a fourth-order difference that stays at weights from 0
        step, at = 1e-3, weights[j] if weights[j] > 0.01 else 0.0
        if at == 0.0:
            points, factors = np.arange(5), np.array([-25, 48, -36, 16, -3]) / 12
        else:
            points, factors = np.array([-2, -1, 1, 2]), np.array([1, -8, 8, -1]) / 12
        total = 0.0
        for point, factor in zip(points, factors, strict=True):
            moved = weights.copy()
            moved[j] = at + point * step
            total += factor * brute_force(x, y, moved, valid, 1.0)
        expected = total / step
        assert seen.gradient[j] == pytest.approx(expected, rel=1e-6, abs=1e-7)


def test_the_derivative_is_exact_to_1e_8_by_analytic_differentiation():
    import torch

    x, y, weights, valid = problem(n=20)
    alpha = torch.tensor(weights, requires_grad=True)
    tx, ty = torch.tensor(x), torch.tensor(y)
    loss = torch.zeros((), dtype=torch.float64)
    for i in np.flatnonzero(valid):
        others = alpha * (torch.arange(len(x)) != int(i))
        gram = tx.T @ (others[:, None] * tx) + torch.eye(x.shape[1])
        fitted = torch.linalg.solve(gram, tx.T @ (others[:, None] * ty))
        loss = loss + ((ty[i] - tx[i] @ fitted) ** 2).sum()
    loss.backward()
    seen = leave_one_out(x, y, weights, valid, ridge=1.0)
    np.testing.assert_allclose(seen.gradient, alpha.grad.numpy(), rtol=1e-8, atol=1e-8)


def periodic(num, length, seed):
    draw, hours = np.random.default_rng(seed), np.arange(length)
    rows = 10 + 3 * np.sin(2 * np.pi * (hours + draw.uniform(0, 24, (num, 1))) / 24)
    rows += 0.5 * draw.normal(size=rows.shape)
    start = pd.Period("2024-01-01", "h")
    return to_dataset(
        [{"item_id": f"{seed}/{i}", "start": start, "target": row} for i, row in enumerate(rows)]
    )


def test_a_broken_source_gets_nothing_and_a_good_one_much():
    real, good = periodic(4, 96, 0), periodic(12, 96, 1)
    shuffled = np.random.default_rng(0).permutation
    broken = to_dataset(
        [entry | {"item_id": f"b{i}", "target": shuffled(entry["target"])}
         for i, entry in enumerate(periodic(12, 96, 2))]
    )  # fmt: skip
    mix = SourceWeights(12).fit(real, good=good, broken=broken)
    assert mix.weights["real"] == 1
    assert mix.weights["broken"] <= 0.05
    assert mix.weights["good"] >= 0.5
    assert mix.expected_gain < mix.uniform_gain
    assert mix.expected_gain < -0.1
    made = mix.dataset(seed=1)
    assert len(made) >= 4 + 6
    assert made.fingerprint() == mix.dataset(seed=1).fingerprint()
    assert set(mix.windows["source"]) == {"real", "good", "broken"}


def test_a_source_can_never_be_expected_to_harm():
    real = simulate_series(num_series=4, length=120, seed=1)
    noise = make_series(real, Transform("jitter", {"share": 20.0}), 3.0, seed=1)
    mix = SourceWeights(6, validate_last=12).fit(real, noise=noise)
    assert mix.expected_gain <= 0


def test_impossible_sources_are_named():
    real = simulate_series(num_series=4, length=60, seed=1)
    daily = simulate_series(num_series=4, length=60, freq="D", seed=1)
    with pytest.raises(DataError, match="'daily' has freq='D', the real series 'h'"):
        SourceWeights(6).fit(real, daily=daily)
    with pytest.raises(SettingsError, match="at least one source"):
        SourceWeights(6).fit(real)
    with pytest.raises(DataError, match="'short' has no window of 12 steps"):
        SourceWeights(6).fit(real, short=simulate_series(num_series=2, length=11, seed=3))
    with pytest.raises(SettingsError, match="ridge=0"):
        leave_one_out(*problem(), ridge=0)
