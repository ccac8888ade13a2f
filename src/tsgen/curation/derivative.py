"""The leave-one-out loss of a weighted ridge regression, and what each weight changes of it.

DIVA (Dukler et al., ICLR 2022) for a linear forecaster. With C = (XᵀDX + λI)⁻¹, D = diag(α),
W = CXᵀDY, residuals r = Y - XW, s_i = x_iᵀCx_i and k_ij = x_iᵀCx_j, the residual of row i when it
is left out is e_i = r_i / (1 - α_i s_i), and of L = Σ_{i in V} |e_i|²:

    ∂L/∂α_j = Σ_{i in V} 2 / (1 - α_i s_i) · [-k_ij e_i·r_j + |e_i|² (δ_ij s_i - α_i k_ij²)]

Shape legend: n rows, p inputs, h outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from tsgen.arrays import Array, Mask
from tsgen.errors import DataError, SettingsError

__all__ = ["LeaveOneOut", "leave_one_out"]


@dataclass(frozen=True)
class LeaveOneOut:
    """The loss of the validated rows, each forecast without itself.

    Attributes:
        loss: L, the sum of squares.
        residuals: (n, h), e of every row.
        gradient: (n,), ∂L/∂α of every row; below 0, more of the row helps.
    """

    loss: float
    residuals: Array
    gradient: Array


def leave_one_out(
    inputs: Array,
    outputs: Array,
    weights: Array,
    validated: Mask,
    *,
    ridge: float,
) -> LeaveOneOut:
    """Return loss and exact derivative in closed form: one Cholesky, one Gram matrix.

    Args:
        inputs: X, (n, p).
        outputs: Y, (n, h).
        weights: α, (n,), from 0.
        validated: V, (n,), rows whose loss counts: real ones, when there are others.
        ridge: λ, above 0.

    Raises:
        SettingsError: `ridge` is not above 0, or a weight is negative.
        DataError: No row is validated.
    """
    if not ridge > 0:
        raise SettingsError(f"ridge={ridge} is not possible; use a number above 0.")
    if not (weights >= 0).all():
        raise SettingsError("Weights below 0 are not possible.")
    if not validated.any():
        raise DataError("No window is validated; give real windows.")
    gram = (inputs * weights[:, None]).T @ inputs + ridge * np.eye(inputs.shape[1])
    projected = cho_solve(cho_factor(gram), inputs.T)  # C Xᵀ, (p, n)
    residuals = outputs - inputs @ (projected @ (weights[:, None] * outputs))
    kernel = inputs[validated] @ projected  # k_ij of validated i and all j
    own = np.einsum("np,pn->n", inputs, projected)  # s
    left = residuals / (1 - weights * own)[:, None]
    squared = (left[validated] ** 2).sum(axis=1)
    scale = 2 / (1 - weights * own)[validated]
    gradient = -((scale[:, None] * kernel) * (left[validated] @ residuals.T)).sum(axis=0)
    gradient -= (scale * squared * weights[validated]) @ kernel**2
    gradient[validated] += scale * squared * own[validated]
    return LeaveOneOut(float(squared.sum()), left, gradient)
