"""Gradient matching: which mixture of operations pulls a forecaster where later data would.

Deep AutoAugment (Zheng et al., ICLR 2022) for a linear forecaster: the gradient of the squared loss
of a mixture is the mixture of the gradients, so that with the Gram matrix A of the operations'
gradients and their products b with the gradient of the later windows, the cosine is

    c(p) = p·b / (sqrt(p·Ap) |v|),   ∂c/∂p = b / (s |v|) - (p·b) Ap / (s³ |v|),   s = sqrt(p·Ap).

Shape legend: J operations, S states of the forecaster, B batches of later windows, w windows,
p inputs, h outputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax

from tsgen.arrays import Array

__all__ = ["Matching", "early_states", "loss_gradients"]

_STRENGTHS = (100.0, 30.0, 10.0, 3.0)
"""Ridge penalties of the states, in mean variances of the inputs: a forecaster stopped early."""

_TINY = 1e-300


def early_states(inputs: Array, outputs: Array) -> list[Array]:
    """Return coefficients (p, h) of a forecaster at four early states of its training.

    Ridge regression with a falling penalty goes the way of gradient descent that is stopped later
    and later.
    """
    gram, cross = inputs.T @ inputs / len(inputs), inputs.T @ outputs / len(inputs)
    unit = np.trace(gram) / len(gram) * np.eye(len(gram))
    return [np.linalg.solve(gram + strength * unit, cross) for strength in _STRENGTHS]


def loss_gradients(inputs: Array, outputs: Array, states: Sequence[Array]) -> Array:
    """Return the gradient of half the mean squared loss at each state, (S, p * h)."""
    gram, cross = inputs.T @ inputs / len(inputs), inputs.T @ outputs / len(inputs)
    return np.stack([(gram @ state - cross).ravel() for state in states])


class Matching:
    """The cosine between the gradient of a mixture of operations and that of later windows.

    Args:
        operations: (J, S, p * h), gradients of each operation's windows.
        later: (B, S, p * h), gradients of batches of later windows.
    """

    def __init__(self, operations: Array, later: Array) -> None:
        self._grams = np.einsum("jsd,ksd->sjk", operations, operations)
        lengths = np.maximum(np.linalg.norm(later, axis=2), _TINY)
        self._products = np.einsum("jsd,bsd->bsj", operations, later) / lengths[:, :, None]

    def cosines(self, shares: Array) -> tuple[Array, Array]:
        """Return the cosine of each batch and state, (B, S), and its slopes (B, S, J)."""
        spread = np.einsum("sjk,k->sj", self._grams, shares)
        length = np.sqrt(np.maximum(spread @ shares, _TINY))
        cosines = self._products @ shares / length
        slopes = self._products - (cosines / length)[:, :, None] * spread
        return cosines, slopes / length[:, None]

    def scores(self) -> Array:
        """Return the mean cosine of each operation by itself, (J,)."""
        lengths = np.sqrt(np.maximum(np.einsum("sjj->sj", self._grams), _TINY))
        return np.asarray((self._products / lengths).mean(axis=(0, 1)))

    def objective(self, logits: Array, caution: float) -> tuple[float, Array]:
        """Return mean minus `caution` standard deviations over batches, and its slope, (J,)."""
        shares = softmax(logits)
        cosines, slopes = self.cosines(shares)
        by_batch, slope = cosines.mean(axis=1), slopes.mean(axis=1)
        value, gradient = by_batch.mean(), slope.mean(axis=0)
        if caution > 0 and len(by_batch) > 1 and (deviation := by_batch.std()) > 0:
            centred = (by_batch - value) / (len(by_batch) * deviation)
            value, gradient = value - caution * deviation, gradient - caution * (centred @ slope)
        return float(value), np.asarray(shares * (gradient - shares @ gradient))

    def best_shares(self, start: Array, *, caution: float) -> Array:
        """Return the shares, (J,), that match best, climbing from the logits `start`."""

        def loss(logits: Array) -> tuple[float, Array]:
            value, slope = self.objective(logits, caution)
            return -value, -slope

        minimum = minimize(
            loss, start, jac=True, method="L-BFGS-B", bounds=[(-12, 12)] * len(start)
        )
        return np.asarray(softmax(minimum.x))
