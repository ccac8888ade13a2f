"""A fitted RIM with towers, that have learnt from it, in the place of relevance and pair part."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Singles
from tsgen.contracts import Lessons, TowerLearner
from tsgen.data import Histories, Interactions
from tsgen.displays import percent
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.rng import numpy_stream, resolve_seed

from ..kept_events import training_log
from ..pairs import SeenPairs
from ..relevance import FittedTowers
from ..scoring import FittedParts, ProbabilityMap, UserStates
from ..settings import RIMSettings
from .agreement import overlap
from .teaching import lessons_of, teaching_requests, teaching_shares

if TYPE_CHECKING:
    from ..model import RIMModel

__all__ = ["with_towers"]

_NEEDED = "and towers are taught on them; give the log it was trained on as log=."

_JUDGED = 4_000_000
"""Pairs by which the towers are judged."""

_LIST = 100
_LITTLE = 0.8
_MOST_SHIFT = 1.0


def with_towers(model: RIMModel, learn: TowerLearner, log: Any, seed: int | None) -> dict[str, Any]:
    """Return what changes in a model that has taught towers; see `RIMModel.distilled`."""
    if isinstance(model.parts.relevance, FittedTowers):
        raise SettingsError(
            "This model has towers already, which were taught by another; distil that one."
        )
    seed = resolve_seed(model.seed if seed is None else seed)
    now = _now(model, log)
    span = model.settings.span
    requests = teaching_requests(now, span, seed)
    lessons = lessons_of(model.parts, requests, span, seed)
    parts = _taught(model.parts, learn, lessons, requests, span)
    parts, facts = _judged(model.parts, parts, now, span, seed)
    if facts["agreement"] < _LITTLE:
        warnings.warn(
            f"Of the {facts['list_size']} users that the model ranks first for an item, the towers "
            f"have {percent(facts['agreement'])} among their first {2 * facts['list_size']}; give "
            "them more rank or steps, or stay with the model.",
            DataWarning,
            stacklevel=4,
        )
    changes = dict(model.settings) | {"relevance": "towers", "preset": None}
    scales = model.parts.probability.scale, parts.probability.scale
    new = model.new_items
    return {
        "settings": RIMSettings(**changes),
        "parts": parts,
        "states": UserStates.of(now, model.states.users, parts, span),
        "history": [],
        "summary": model.summary | {"towers": facts},
        "new_items": None if new is None else new.rescaled(*scales),
    }


def _now(model: RIMModel, log: Any) -> Histories:
    """Return each user once, in the order of the states, at the training cut-off."""
    events: Interactions = training_log(model, log, _NEEDED)
    rows = events.users.codes(model.states.users.ids)
    if lost := int((rows < 0).sum()):
        raise DataError(
            f"The log lacks {lost} of the {len(rows)} users of the model; give the log it was "
            "trained on, with the same table of users."
        )
    return Histories.of(events, model.states.at, rows)


def _taught(
    parts: FittedParts, learn: TowerLearner, lessons: Lessons, requests: Histories, span: int
) -> FittedParts:
    """Return parts with towers, items at the teacher's totals, and what stands for seen pairs."""
    towers = _at_level(FittedTowers(**learn(lessons), span=span), lessons, requests)
    seen = sp.coo_array(lessons.seen)
    rows, items = seen.coords
    shares = _block(lessons)[rows, items]
    taught = sp.csr_array((np.maximum(shares, 1e-12), (rows, items)), shape=seen.shape)
    pairs = SeenPairs.fit(requests, span, towers, taught)
    return replace(parts, relevance=towers, pairs=pairs, item_power=0.0)


def _at_level(towers: FittedTowers, lessons: Lessons, requests: Histories) -> FittedTowers:
    """Return towers whose expected events of unseen pairs are the teacher's, item by item."""
    now = np.flatnonzero(lessons.now)
    factors, bias = towers.users(requests.subset(now))
    logs = factors @ towers.item_factors.T + bias[:, None] + towers.item_bias
    given, taken = np.exp(logs), _block(lessons)[now]
    for values in (given, taken):
        values[lessons.seen[now].nonzero()] = 0.0
    weight = lessons.activity[now]
    least = 1e-3 * (weight @ taken).mean() + 1e-12
    shift = np.log((weight @ taken + least) / (weight @ given + least))
    shift = np.clip(shift, -_MOST_SHIFT, _MOST_SHIFT)
    return replace(towers, item_bias=(towers.item_bias + shift).astype(np.float32))


def _block(lessons: Lessons) -> Singles:
    n, m = lessons.shares.shape
    return lessons.shares.block(slice(0, n), slice(0, m))


def _judged(
    teacher: FittedParts, parts: FittedParts, now: Histories, span: int, seed: int
) -> tuple[FittedParts, dict[str, Any]]:
    """Return the parts with chances that are the teacher's, and how far the lists agree."""
    random = numpy_stream(seed, "judged towers")
    users = random.permutation(np.flatnonzero(now.lengths > 0))
    warm = np.flatnonzero(np.isfinite(parts.relevance.item_bias))
    items = np.sort(random.permutation(warm)[: max(_JUDGED // max(len(users), 1), 200)])
    users = np.sort(users[: max(_JUDGED // max(len(items), 1), 1)])
    asked = now.subset(users)
    first, second = (_intensities(p, asked, items, span) for p in (teacher, parts))
    size = min(_LIST, max(len(users) // 10, 1))
    facts = {
        "rank": int(parts.relevance.item_factors.shape[1]),
        "list_size": size,
        "agreement": round(overlap(first, second, size), 4),
        "users": len(users),
        "items": len(items),
    }
    probability = teacher.probability.probability(first)
    half = np.broadcast_to((np.arange(len(users)) % 2 == 0)[:, None], probability.shape)
    fitted = ProbabilityMap.fit(second.ravel(), probability.ravel(), half.ravel())
    to_probability = replace(teacher.probability, scale=fitted.scale, shape=fitted.shape)
    return replace(parts, probability=to_probability), facts


def _intensities(parts: FittedParts, asked: Histories, items: Array, span: int) -> Array:
    shares, activity = teaching_shares(parts, asked, span)
    chosen = shares.select_items(items)
    block = chosen.block(slice(0, len(asked)), slice(0, len(items))).astype(np.float64)
    return np.asarray(parts.seen_share * activity[:, None] * block)
