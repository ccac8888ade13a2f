"""The leave-one-out loss and its derivative, against refitting without each row."""

import numpy as np
import pytest

from tsgen.curation.derivative import leave_one_out
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


def test_impossible_arguments_are_refused():
    x, y, weights, valid = problem()
    for ridge in (0.0, -1.0, float("nan")):
        with pytest.raises(SettingsError, match=f"ridge={ridge} is not possible"):
            leave_one_out(x, y, weights, valid, ridge=ridge)
    with pytest.raises(SettingsError, match="Weights below 0"):
        leave_one_out(x, y, weights - 1, valid, ridge=1.0)
    with pytest.raises(DataError, match="No window is validated"):
        leave_one_out(x, y, weights, np.zeros_like(valid), ridge=1.0)
