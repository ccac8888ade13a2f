"""Relevance by a recommender that was fitted elsewhere: `implicit`, LensKit, RecTools, or alike.

Only its arrays are looked at, found by their names; the object itself is never kept.

Shape legend: m users and n items of the recommender, d factors.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Mask, Singles
from tsgen.data import Histories
from tsgen.errors import DataWarning, SettingsError
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import FittedRelevance, RelevancePart, UserPart, log_shares
from .fold_in import learn_fold, mean_vectors
from .mixing import MixedScores, fit_mixed

__all__ = ["RecommenderRelevance", "of_recommender"]

_FACTORS = (
    ("user_factors", "item_factors"),  # implicit
    ("user_embeddings", "item_embeddings"),  # LensKit: ALS, FunkSVD
    ("user_components", "item_components"),  # LensKit: NMF
    ("user_features_", "item_features_"),  # LensKit before 2025
)
_IDS = (("users", "items"), ("users_", "items_"), ("user_index_", "item_index_"))


@dataclass(frozen=True)
class RecommenderRelevance(RelevancePart):
    """p(y | x) by the factors of a fitted recommender; see `MixedScores` for how.

    At the cut-off of the training, users whom the recommender knows have its own factors. In other
    histories (`events=`, users whom it does not know), users are known by their events: their
    factors are a linear function of the mean factors of the items in the history, learnt by ridge
    regression on the users whom it knows. Items that it does not know count by popularity.

    What it was fitted on is its own matter: one that has seen events after the cut-off knows them.

    Attributes:
        model: An object with factors of users and items: of `implicit`, of LensKit, of RecTools
            (`get_vectors`), or with arrays `user_factors` (m, d) and `item_factors` (n, d). None in
            a model that was loaded.
        users: Ids of its users, in the order of its factors, or an id map of RecTools; None where
            the object knows them, as those of LensKit do.
        items: The same of its items.

    Raises:
        SettingsError: The object has no such factors, or ids do not fit them.

    Example:
        >>> import numpy as np
        >>> from types import SimpleNamespace
        >>> from tsgen.intensity import RecommenderRelevance
        >>> fitted = SimpleNamespace(user_factors=np.ones((2, 3)), item_factors=np.ones((4, 3)))
        >>> relevance = RecommenderRelevance(fitted, users=["u", "v"], items=["a", "b", "c", "d"])
        >>> relevance.to_json()
        'recommender'
    """

    model: Any = None
    users: Any = None
    items: Any = None
    expensive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.model is not None:
            _Factors.of(self)

    def to_json(self) -> str:
        """Return how a saved model calls it: the object is not kept."""
        return "recommender"

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: Mask,
    ) -> FittedRelevance:
        """Take the factors of the log's items and users; see `RelevanceModel.fit`.

        Raises:
            SettingsError: There is no object, or it knows no item of the log.
            DataError: There is no event to learn from.

        Warns:
            DataWarning: It does not know some of the items or users.
        """
        if self.model is None:
            raise SettingsError(
                "relevance='recommender' stands for an object in a saved model; pass it as "
                "RecommenderRelevance(model, users=..., items=...)."
            )
        factors = _Factors.of(self).within(histories)
        fitted = fit_mixed(histories, options, held_out, partial(_unmixed, factors))
        return replace(fitted, of_users=factors, at=int(histories.at.max()))

    def from_arrays(self, arrays: dict[str, Any], saved: SavedPart) -> FittedRelevance:
        """Return what the fitted model's `arrays` came from."""
        return _FittedRecommender(**arrays)


def of_recommender(value: Any) -> Any:
    """Return a fitted recommender with factors as a part; what is none as it is.

    Of a pipeline of LensKit, its scorer is taken.
    """
    if isinstance(value, RelevancePart):
        return value
    nodes = getattr(value, "component", None)
    scorer = nodes("scorer") if callable(nodes) else value
    return value if _factors_of(scorer) is None else RecommenderRelevance(scorer)


@dataclass(frozen=True, eq=False)
class _Factors:
    """Factors of users and items, and whose they are.

    Attributes:
        user: (m, d), or (users of the log, d).
        item: (n, d), or (items of the log, d).
        users: Ids (m,), or which users of the log it knows.
        items: Ids (n,), or which items of the log it knows.
    """

    user: Singles
    item: Singles
    users: Any
    items: Any

    @classmethod
    def of(cls, part: RecommenderRelevance) -> _Factors:
        """Read the object."""
        pair = _factors_of(part.model)
        if pair is None:
            names = ", ".join("/".join(names) for names in _FACTORS)
            raise SettingsError(
                f"A {type(part.model).__name__} has no factors of users and items ({names}, or "
                "get_vectors()); is it fitted? Give a factorisation, relevance='bm25' for item "
                "neighbours, or an object of your own with the methods of RelevanceModel."
            )
        user, item = _matrix("user", pair[0]), _matrix("item", pair[1])
        if user.shape[1] != item.shape[1]:
            raise SettingsError(
                f"The recommender has user factors of shape {user.shape} and item factors of shape "
                f"{item.shape}; both need the same width."
            )
        ids = [
            _ids(part, side, getattr(part, f"{side}s"), len(factors))
            for side, factors in (("user", user), ("item", item))
        ]
        return cls(user, item, *ids)

    def within(self, histories: Histories) -> _Factors:
        """Return the factors of the users and items of a log, 0 for those it does not know."""
        log = histories.events
        user, users = _aligned(self.user, self.users, log.users.ids)
        item, items = _aligned(self.item, self.items, log.items.ids)
        if not items.any():
            raise SettingsError(
                f"The recommender knows no item of the log: its ids are such as {self.items[0]!r}, "
                f"in the log {log.items.ids[0]!r}; give items= as the log calls them."
            )
        if lacking := [
            f"{int((~codes).sum())} of {len(codes)} {what}"
            for codes, what in ((users, "users"), (items, "items"))
            if not codes.all()
        ]:
            warnings.warn(
                f"The recommender does not know {' and '.join(lacking)} of the log: such users are "
                "known by their events, such items count by popularity.",
                DataWarning,
                stacklevel=4,
            )
        return _Factors(user, item, users, items)


def _unmixed(factors: _Factors, histories: Histories) -> _FittedRecommender:
    """Return a model whose temperature is still to be chosen."""
    counts = histories.pair_counts().astype(np.float32)
    teach = factors.users[histories.users] & (np.diff(counts.indptr) > 0)
    means = mean_vectors(counts, factors.item)[teach]
    fold = np.zeros((factors.item.shape[1] + 1, factors.item.shape[1]))
    if teach.any():
        fold = learn_fold(means, factors.user[histories.users[teach]])
    return _FittedRecommender(
        factors.item, log_shares(histories), fold.astype(np.float32), np.array([0.0, 1.0])
    )


@dataclass(frozen=True, eq=False)
class _FittedRecommender(MixedScores):
    """Factors of a log's items, and the way to those of users.

    Attributes:
        vectors: (items, d) of the items.
        shares: (items,) log share of the training events, -inf without any.
        fold: (d + 1, d) from the mean vectors of a history, and 1, to a user's.
        mix: Temperature, and weight of the log share.
        of_users: Of the users of the training log; None in a model that was loaded.
        at: The cut-off that these are for.
    """

    vectors: Singles
    shares: Singles
    fold: Singles
    mix: Array
    of_users: _Factors | None = field(default=None, repr=False)
    at: int = 0

    def vectors_of(self, counts: sp.csr_array) -> Singles:
        """Return the vectors of users with these counts of events, shape (r, d)."""
        means = mean_vectors(counts, self.vectors)
        return np.asarray(means @ self.fold[:-1] + self.fold[-1], np.float32)

    def users(self, histories: Histories) -> UserPart:
        """Return factors and biases: the recommender's own at the cut-off, for those it knows."""
        counts = histories.pair_counts().astype(np.float32)
        vectors, active = self.vectors_of(counts), np.diff(counts.indptr) > 0
        trained = self.of_users
        if trained is not None and len(trained.users) == histories.events.num_users:
            own = trained.users[histories.users] & (histories.at == self.at)
            vectors[own] = trained.user[histories.users[own]]
        return self.mixed(vectors, active)

    def arrays(self) -> dict[str, AnyArray]:
        """Return the arrays of the items; those of users are with the users' states."""
        return {name: getattr(self, name) for name in ("vectors", "shares", "fold", "mix")}


def _factors_of(model: Any) -> tuple[Any, Any] | None:
    """Return what an object holds of users and of items; None if it holds no such thing."""
    for names in _FACTORS:
        pair = tuple(getattr(model, name, None) for name in names)
        if all(part is not None for part in pair):
            return pair[0], pair[1]
    if callable(getattr(model, "get_vectors", None)):
        users, items = model.get_vectors()
        return users, items
    return None


def _matrix(side: str, values: Any) -> Singles:
    if hasattr(values, "to_numpy"):  # of a GPU
        values = values.to_numpy()
    matrix = np.asarray(values, np.float32)
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise SettingsError(
            f"The recommender's {side} factors have shape {matrix.shape} or hold what is no "
            f"number; finite numbers of shape ({side}s, factors) were expected."
        )
    return matrix


def _ids(part: RecommenderRelevance, side: str, given: Any, count: int) -> pd.Index:
    """Return the ids of the rows of factors, given or kept by the object."""
    if given is None:
        place = 0 if side == "user" else 1
        kept = (getattr(part.model, names[place], None) for names in _IDS)
        given = next((ids for ids in kept if ids is not None), None)
    if given is None:
        raise SettingsError(
            f"A {type(part.model).__name__} knows no ids; pass RecommenderRelevance(model, "
            "users=..., items=...), those of its rows in their order."
        )
    for name in ("external_ids", "index"):  # of RecTools, of LensKit
        values = getattr(given, name, None)
        given = given if values is None or callable(values) else values
    index: pd.Index[Any] = pd.Index(given)
    if len(index) != count or index.has_duplicates:
        raise SettingsError(
            f"{side}s= has {len(index)} ids ({index.nunique()} different ones) for {count} rows of "
            f"{side} factors; give one id a row."
        )
    return index


def _aligned(factors: Singles, ids: pd.Index, wanted: Any) -> tuple[Singles, Mask]:
    """Return rows of factors in the order of a log's ids, and which of these are known."""
    place = ids.get_indexer(pd.Index(wanted))
    if (place < 0).all():  # one kind of ids for another, 7 for "7"
        texts = ids.map(str)
        place = texts.get_indexer(pd.Index(wanted).map(str)) if texts.is_unique else place
    placed = place >= 0
    rows = np.where(placed[:, None], factors[np.maximum(place, 0)], 0.0)
    return rows.astype(np.float32), placed
