"""How much of what events tell of an item its attributes tell as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array
from tsgen.rng import numpy_stream

from .embeddings import item_embeddings, unit_rows

__all__ = ["feature_contribution"]

_HIDDEN = 0.2
_MOST = 300
_FEWEST_PAIRS = 5


def feature_contribution(
    fit: Callable[..., Any], table: pd.DataFrame, seen: sp.csr_array, num: int, seed: int
) -> float:
    """Return (attributes - activity) / (events - activity), each a mean AUC over hidden items.

    A fifth of the items is hidden, and half of the users are set apart: whom of them has seen a
    hidden item is asked of the items that they have seen beside it, weighted as the rule says by
    attributes; of the same weighted as the events of the other half say; and of the number of items
    seen alone. 1 says that attributes tell as much as events, 0 that they tell nothing; NaN that
    there is too little to tell.

    Args:
        fit: `LikenessRule.fit` of the rule.
        table: Attributes of the items, (items, columns).
        seen: (users, items) sparse.
        num: Neighbours a rule may name.
        seed: Of what is hidden and set apart.
    """
    random = numpy_stream(seed, "feature contribution")
    shuffled = random.permutation(seen.shape[1])
    hidden = shuffled[: min(round(_HIDDEN * len(shuffled)), _MOST)]
    warm = np.sort(shuffled[round(_HIDDEN * len(shuffled)) :])
    asked = random.random(seen.shape[0]) < 0.5
    happened = seen[asked][:, hidden].toarray() > 0
    enough = (happened.sum(axis=0) >= _FEWEST_PAIRS) & ~happened.all(axis=0)
    if not enough.any() or len(warm) < 2:
        return float("nan")
    hidden, happened = hidden[enough], happened[:, enough]
    past = seen[asked][:, warm]
    attributes = fit(table.iloc[warm], seen[~asked][:, warm], seed)
    places = unit_rows(item_embeddings(seen[~asked], 16, seed))
    events = np.maximum(places[hidden] @ places[warm].T, 0.0) ** 4
    width = np.asarray(past.sum(axis=1)).ravel()
    scores = (
        (past @ attributes.weights(table.iloc[hidden], num).T).toarray(),
        np.asarray(past @ events.T),
        np.repeat(width[:, None], len(hidden), axis=1),
    )
    by_attributes, by_events, nothing = (_mean_auc(score, happened) for score in scores)
    return float(np.clip((by_attributes - nothing) / max(by_events - nothing, 1e-3), 0.0, 1.0))


def _mean_auc(scores: Array, happened: AnyArray) -> float:
    from sklearn.metrics import roc_auc_score

    areas = [roc_auc_score(y, s) for s, y in zip(scores.T, happened.T, strict=True)]
    return float(np.mean(areas))
