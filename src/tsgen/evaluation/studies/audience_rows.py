"""What the audience studies set beside the model: simple rules, factors, a learned ranker, oracles.

Each takes a window and a seed and returns dense scores (users, items).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import threadpoolctl

from tsgen.arrays import AnyArray
from tsgen.contracts import audience_estimator
from tsgen.training import TrainingOptions

from .calendar import Window

__all__ = ["ROWS", "model_scores"]

_SCALES = (0.1, 0.3, 1.0, 10.0)
_NEGATIVES = 20
"""Pairs drawn for the learned ranker, for each pair that occurred."""


def model_scores(window: Window, seed: int, settings: Mapping[str, Any]) -> AnyArray:
    """Train a RIM with these settings; everything else is the default."""
    estimator = audience_estimator("rim")(horizon=f"{window.horizon}s", **settings)
    options = TrainingOptions(seed=seed, progress=False, device="cpu")
    at = pd.Timestamp(window.cut, unit="s")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = estimator.train(window.events, at=at, options=options)
    n, m = window.targets.shape
    return np.asarray(model.scores().block(slice(0, n), slice(0, m)))


def _decayed_pairs(window: Window, seed: int, scale: float = 10.0) -> AnyArray:
    return np.asarray(_pairs(window, np.exp(-window.age() / scale)).toarray())


def _popularity(window: Window, seed: int, users: float = np.inf, items: float = np.inf) -> Any:
    """Decayed count of the user times that of the item."""
    n, m = window.targets.shape
    user = np.bincount(window.events.user, np.exp(-window.age() / users), minlength=n)
    item = np.bincount(window.events.item, np.exp(-window.age() / items), minlength=m)
    return np.outer(user + 0.01, item)


def _neighbours(window: Window, seed: int, num: int = 20, scale: float = np.inf) -> AnyArray:
    """BM25 item-kNN of implicit, K1 = 1.2, B = 0.75; the user's counts may fade."""
    return np.asarray(_pairs(window, np.exp(-window.age() / scale)) @ _similarity(window, num))


def _factors(window: Window, seed: int, kind: str = "als", activity: bool = False) -> AnyArray:
    """ALS or BPR of implicit, 64 factors; with activity, softmax times the user's EMA."""
    from implicit.als import AlternatingLeastSquares
    from implicit.bpr import BayesianPersonalizedRanking

    makers: dict[str, Callable[..., Any]] = {
        "als": AlternatingLeastSquares,
        "bpr": BayesianPersonalizedRanking,
    }
    with warnings.catch_warnings(), threadpoolctl.threadpool_limits(1, "blas"):
        warnings.simplefilter("ignore")
        model = makers[kind](factors=64, random_state=seed, num_threads=1)
        model.fit(sp.csr_matrix(window.events.pair_counts()), show_progress=False)
    scores = np.asarray(model.user_factors @ model.item_factors.T)
    if not activity:
        return scores
    shares = (
        np.maximum(scores, 0) if kind == "als" else np.exp(scores - scores.max(axis=1)[:, None])
    )
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)
    ema = np.bincount(window.events.user, np.exp(-window.age()), minlength=len(scores))
    return np.asarray(shares * (ema[:, None] + 0.01))


def _ranker(window: Window, seed: int) -> AnyArray:
    """Gradient-boosted trees on decayed counts, recency and the item-kNN score.

    Trained on whether pairs occurred in the horizon before the cut: all that did, and `_NEGATIVES`
    for each of them drawn from all pairs alike, so that seen pairs keep their odds.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    cut = window.cut - window.horizon
    early = window.events.time < cut * 1_000_000
    past = replace(window, events=window.events.where(early), cut=cut)
    hit = sp.csr_array(window.events.where(~early).pair_counts())
    active = past.events.lengths > 0
    happened = hit.multiply(active[:, None]).tocoo()
    draw = np.random.default_rng(seed)
    n, m = hit.shape
    others = _NEGATIVES * happened.nnz
    drawn = draw.choice(np.flatnonzero(active), others) * m + draw.integers(0, m, others)
    occurred = happened.coords[0].astype(np.int64) * m + happened.coords[1]
    pairs = np.unique(np.concatenate([occurred, drawn]))
    rows, columns = np.divmod(pairs, m)
    trees = HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.05, min_samples_leaf=50, random_state=seed
    )
    trees.fit(_features(past)(rows, columns), np.isin(pairs, occurred))
    read = _features(window)
    scores = np.empty((n, m), np.float32)
    for begin in range(0, n, 200):
        rows = np.arange(begin, min(begin + 200, n))
        grid = read(np.repeat(rows, m), np.tile(np.arange(m), len(rows)))
        scores[rows] = trees.predict_proba(grid)[:, 1].reshape(len(rows), m)
    return scores


def _oracle(window: Window, seed: int, relevance: str = "popularity") -> AnyArray:
    """True number of events of each user times popularity, or times the model's relevance."""
    actual = np.asarray(window.targets.sum(axis=1)).ravel()
    if relevance == "popularity":
        counts = window.events.item_counts()
        return np.outer(actual, counts / counts.sum())
    scores = model_scores(window, seed, {})
    return np.asarray(
        scores / np.maximum(scores.sum(axis=1, keepdims=True), 1e-12) * actual[:, None]
    )


def _oracle_relevance(window: Window, seed: int) -> AnyArray:
    """The model's expected events of each user times the true shares of the items."""
    expected = model_scores(window, seed, {}).sum(axis=1)
    actual = window.targets.toarray()
    return np.asarray(
        actual / np.maximum(actual.sum(axis=1, keepdims=True), 1e-12) * expected[:, None]
    )


def _pairs(window: Window, weights: AnyArray) -> sp.csr_array:
    where = (window.events.user, window.events.item)
    return sp.csr_array((weights, where), shape=window.targets.shape)


def _similarity(window: Window, num: int) -> AnyArray:
    from implicit.nearest_neighbours import BM25Recommender

    model = BM25Recommender(K=num, K1=1.2, B=0.75, num_threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(sp.csr_matrix(window.events.pair_counts()), show_progress=False)
    return np.asarray(model.similarity.todense())


def _features(window: Window) -> Callable[[AnyArray, AnyArray], AnyArray]:
    """Return a reader of the features of pairs (rows, columns)."""
    age, (n, m) = window.age(), window.targets.shape
    weights = [np.exp(-age / scale) for scale in _SCALES]
    pairs = [_pairs(window, w).toarray().astype(np.float32) for w in weights]
    last = np.full((n, m), np.nan, np.float32)
    order = np.argsort(-age)
    last[window.events.user[order], window.events.item[order]] = age[order]  # the youngest stays
    users = [np.bincount(window.events.user, w, minlength=n) for w in weights]
    items = [np.bincount(window.events.item, w, minlength=m) for w in weights]
    recency = np.full(n, np.nan)
    recency[window.events.user[order]] = age[order]
    near = np.asarray(_pairs(window, np.ones(len(age))) @ _similarity(window, 20), np.float32)

    def read(rows: AnyArray, columns: AnyArray) -> AnyArray:
        of_pairs = [part[rows, columns] for part in (*pairs, last, near)]
        of_users = [part[rows] for part in (*users, recency)]
        return np.column_stack([*of_pairs, *of_users, *(part[columns] for part in items)])

    return read


ROWS: dict[str, Callable[..., AnyArray]] = {
    "random": lambda window, seed: np.random.default_rng(seed).random(window.targets.shape),
    "popularity": _popularity,
    "decayed-pairs": _decayed_pairs,
    "neighbours": _neighbours,
    "factors": _factors,
    "ranker": _ranker,
    "oracle": _oracle,
    "oracle-relevance": _oracle_relevance,
}
