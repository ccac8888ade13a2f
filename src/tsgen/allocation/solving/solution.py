"""What a solver returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tsgen.arrays import Indices

from .duals import Duals

__all__ = ["Solution"]


@dataclass(frozen=True, eq=False)
class Solution:
    """Chosen pairs that keep every limit, and what is known about their worth.

    Attributes:
        rows: (e,) users, rising.
        columns: (e,) campaigns.
        value: Their worth.
        bound: No assignment is worth more; inf if that is not known.
        duals: Prices, or None where the solver has none.
        facts: How it was found.
    """

    rows: Indices
    columns: Indices
    value: float
    bound: float
    duals: Duals | None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """How far the worth may be below the optimum, relative to the bound; NaN if not known."""
        if not np.isfinite(self.bound):
            return float("nan")
        return max(0.0, self.bound - self.value) / max(abs(self.bound), 1e-300)
