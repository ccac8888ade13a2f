"""Learning what items that rest on attributes alone are worth to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyIntegers, Array, Mask
from tsgen.contracts import ItemRule, TableDescription, item_rule
from tsgen.data import Histories, Vocabulary
from tsgen.displays import percent
from tsgen.errors import DataError
from tsgen.rng import numpy_stream

from ..scoring import FittedParts
from .levels import PRIOR, fit_slopes
from .part import AttributeItems, NewItemLevels, user_columns
from .window import FirstPurchases, item_shares, seen_pairs_of

__all__ = ["NewItemFitter"]

_NEIGHBOURS = 200
_HIDDEN, _MOST_HIDDEN = 0.2, 400
_PAIRS = 1_500_000
_OFFSETS = (0.003, 0.01, 0.03, 0.1, 0.3)
"""Affinities that count as none, to choose from."""
_LITTLE = 0.3


@dataclass(frozen=True, eq=False)
class NewItemFitter:
    """Fits `AttributeItems` to a log.

    In the last horizon a fifth of the items is taken for new: the rule learns from the others who
    goes with what, and how often people took up the hidden ones for the first time says what the
    activity, the neighbours' share of first purchases and the affinity are worth.

    Attributes:
        now: Each user once, at the training cut-off.
        parts: What has learnt.
        horizon: Microseconds.
        attributes: Of the items of training, (items, columns).
        rule: Name in `ITEM_RULES`.
        seed: Of what is hidden and drawn.
        encoder: Of the rule "encoder", where it has learnt from another table.
    """

    now: Histories
    parts: FittedParts
    horizon: int
    attributes: pd.DataFrame
    rule: str
    seed: int
    encoder: TableDescription | None = None

    def fit(self, ids: Vocabulary, table: pd.DataFrame, columns: AnyIntegers) -> AttributeItems:
        """Learn, and describe items.

        Args:
            ids: Items that training did not know.
            table: Attributes of the items described, (c, columns).
            columns: (c,) their codes, those of `ids` after those of training.

        Raises:
            DataError: No attribute tells anything.
        """
        seen = seen_pairs_of(self.now)
        warm = np.flatnonzero(np.asarray(seen.sum(axis=0)).ravel() > 0)
        fitted = self._rule().fit(self.attributes.iloc[warm], seen[:, warm], self.seed)
        levels, facts = self._levels()
        if len(ids):
            fitted.check(table.iloc[len(table) - len(ids) :])
        weights = sp.csr_array(fitted.weights(table, _NEIGHBOURS), dtype=np.float32)  # as saved
        shares = item_shares(self.now, self.horizon)[warm]
        level = levels.of_items(weights, shares) - np.log(self.parts.probability.scale)
        facts["contribution"] = self._contribution(seen, warm)
        facts["doubts"] += _doubts(facts["contribution"], weights)
        return AttributeItems(
            ids,
            table.iloc[len(table) - len(ids) :].reset_index(drop=True),
            columns,
            _spread(weights, warm, seen.shape[1]),
            level,
            levels,
            facts | {"rule": self.rule, "items": len(table)},
        )

    def _rule(self) -> ItemRule:
        settings = {} if self.encoder is None else {"encoder": self.encoder}
        return item_rule(self.rule, **settings)

    def _levels(self) -> tuple[NewItemLevels, dict[str, Any]]:
        window = FirstPurchases.of(self.now, self.horizon, self.parts.activity)
        warm = np.flatnonzero(np.asarray(window.seen.sum(axis=0)).ravel() > 0)
        if len(warm) < 2:
            return _assumed_levels(
                f"Only {len(warm)} items have events before the last horizon, too few"
            )
        random = numpy_stream(self.seed, "new items")
        shuffled = random.permutation(warm)
        num = max(round(_HIDDEN * len(warm)), 1)
        hidden, others = np.sort(shuffled[:num][:_MOST_HIDDEN]), np.sort(shuffled[num:])
        active = np.flatnonzero(np.asarray(window.seen.sum(axis=1)).ravel() > 0)
        size = max(_PAIRS // len(hidden), 1)
        users = np.sort(random.permutation(active)[:size])
        past = window.seen[users]
        try:
            rule = self._rule().fit(self.attributes.iloc[others], window.seen[:, others], self.seed)
        except DataError:  # all items could be told apart, those that stay cannot
            return _assumed_levels(
                f"Of {len(warm)} items that have events before the last horizon few differ in what "
                "their attributes say, too few"
            )
        weights = rule.weights(self.attributes.iloc[hidden], _NEIGHBOURS)
        affinity = (past[:, others] @ weights.T).toarray()
        open_ = past[:, hidden].toarray() == 0
        happened = window.first[users][:, hidden].toarray() > 0
        width = np.asarray(past.sum(axis=1)).ravel()
        about = user_columns(window.activity[users], width)
        shares = _neighbour_shares(weights, window.shares[others])
        choices = [
            (*fit_slopes(*_pairs(about, shares, affinity / offset, open_, happened)), offset)
            for offset in _OFFSETS
        ]
        slopes, _, offset = max(choices, key=lambda choice: choice[1])
        first = int(happened[open_].sum())
        return NewItemLevels(slopes, offset), {"first_purchases": first, "doubts": []}

    def _contribution(self, seen: sp.csr_array, warm: AnyIntegers) -> float | None:
        share = self._rule().contribution(
            self.attributes.iloc[warm], seen[:, warm], _NEIGHBOURS, self.seed
        )
        return None if np.isnan(share) else round(share, 3)


def _assumed_levels(why: str) -> tuple[NewItemLevels, dict[str, Any]]:
    """Return levels that are not learnt, where too few items have events to hold some back."""
    doubt = (
        f"{why} to hold some back as if they were new; how often new items are taken up is "
        "assumed, not learnt."
    )
    return NewItemLevels(PRIOR, _OFFSETS[2]), {"first_purchases": 0, "doubts": [doubt]}


def _doubts(contribution: float | None, weights: sp.csr_array) -> list[str]:
    """Return why lists of the items may be of little use, in sentences."""
    doubts = []
    if contribution is not None and contribution < _LITTLE:
        doubts.append(
            f"The attributes of items tell {percent(contribution)} of what events tell about who "
            "engages with them; lists of items without events are little better than lists of the "
            "most active users."
        )
    if alone := int((np.diff(weights.indptr) == 0).sum()):
        doubts.append(
            f"{alone} of {weights.shape[0]} items without events share no attribute with an item "
            "that has some; users are ranked by their activity for them."
        )
    return doubts


def _pairs(
    about: Array, shares: Array, affinity: Array, open_: Mask, happened: Mask
) -> tuple[Array, Mask]:
    """Return the features and outcomes of the pairs (users, items) that are open."""
    rows, columns = np.nonzero(open_)
    features = np.column_stack([
        np.ones(len(rows)),
        about[rows, 0],
        np.log(shares)[columns],
        about[rows, 1],
        np.log1p(affinity[rows, columns]),
    ])  # fmt: skip
    return features, happened[rows, columns]


def _neighbour_shares(weights: sp.csr_array, shares: Array) -> Array:
    """Return the neighbours' mean share, and the mean of all for items without neighbours."""
    return np.asarray(np.where(np.diff(weights.indptr) > 0, weights @ shares, shares.mean()))


def _spread(weights: sp.csr_array, warm: AnyIntegers, num: int) -> sp.csr_array:
    """Return weights on warm items as weights on all."""
    parts = weights.data, warm[weights.indices], weights.indptr
    return sp.csr_array(parts, shape=(weights.shape[0], num))
