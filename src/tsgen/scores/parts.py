"""`ScoreParts`: what scores are the product of, for those who ask where a score comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Mask
from tsgen.errors import DataError

from .matrix import ScoreMatrix

__all__ = ["ScoreParts"]


@dataclass(frozen=True, eq=False)
class ScoreParts:
    """Scores of n users and m items as activity × (relevance + own past).

    Args:
        activity: (n,) expected events of any item.
        shares: (n, m) of an event: relevance, and as its `pairs` what the pair's own past adds.

    Raises:
        DataError: The parts do not fit together.

    Example:
        >>> import numpy as np, pandas as pd
        >>> users, items = pd.Index(["ann", "bob"]), pd.Index([10, 20])
        >>> shares = ScoreMatrix.of_biases(users, items, np.zeros(2), np.log([0.75, 0.25]))
        >>> parts = ScoreParts(np.array([4.0, 2.0]), shares)
        >>> relevance, own = parts.of([0])
        >>> (parts.activity * (relevance + own)).tolist()
        [3.0, 1.5]
    """

    activity: Array
    shares: ScoreMatrix

    def __post_init__(self) -> None:
        if self.activity.shape != (self.shares.shape[0],):
            raise DataError(
                f"activity has shape {self.activity.shape}; expected ({self.shares.shape[0]},)."
            )

    @property
    def user_ids(self) -> pd.Index[Any]:
        """(n,) ids."""
        return self.shares.user_ids

    @property
    def item_ids(self) -> pd.Index[Any]:
        """(m,) ids."""
        return self.shares.item_ids

    def of(self, columns: Sequence[int] | AnyArray) -> tuple[Array, Array]:
        """Return relevance and own past of one campaign, added up over its items, (n,) each."""
        relevance, _ = replace(self.shares, pairs=None).campaign(columns)
        if self.shares.pairs is None:
            return relevance, np.zeros(len(relevance))
        total, _ = self.shares.campaign(columns)
        stored = np.diff(sp.csr_array(self.shares.pairs[:, np.asarray(columns)]).indptr) > 0
        return relevance, np.where(stored, total - relevance, 0.0)

    def allowed(self, columns: Sequence[int] | AnyArray) -> Mask:
        """Return who has a score for one item of a campaign at least, (n,)."""
        if self.shares.excluded is None:
            return np.ones(len(self.user_ids), bool)
        out = sp.csr_array(self.shares.excluded[:, np.asarray(columns)] != 0)
        return np.asarray(out.sum(axis=1) < len(np.asarray(columns)))

    def select_users(self, rows: AnyArray) -> Self:
        """Return the parts of the users at `rows` alone, in that order."""
        shares = self.shares.select_users(rows)
        return replace(self, activity=self.activity[rows], shares=shares)
