"""What intensities mean as chances, learnt on a horizon that the parts have not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tsgen.data import Histories, Vocabulary
from tsgen.rng import numpy_stream

from .chance import ChanceMap
from .model import RIMModel
from .parts import FittedParts
from .settings import RIMSettings
from .user_states import UserStates

__all__ = ["HeldOutWindow", "fit_chance"]

_MOST_PAIRS = 4_000_000


@dataclass(frozen=True, eq=False)
class HeldOutWindow:
    """A horizon, and parts that know nothing of it.

    Attributes:
        past: Each user once, at its beginning.
        later: The same users, at its end.
        parts: What had learnt until then.
        users: (r,) users to learn from.
    """

    past: Histories
    later: Histories
    parts: FittedParts
    users: npt.NDArray[np.bool_]


def fit_chance(window: HeldOutWindow, settings: RIMSettings, seed: int) -> ChanceMap:
    """Learn the map from the pairs of some users, all those of a user together."""
    events, parts = window.past.events, window.parts
    random = numpy_stream(seed, "chance")
    size = max(_MOST_PAIRS // max(events.num_items, 1), 1)
    some = np.sort(random.permutation(np.flatnonzero(window.users))[:size])
    if not len(some):
        return ChanceMap()
    asked = window.past.subset(some)
    ids = Vocabulary(events.users.ids[some], "user")
    states = UserStates.of(asked, ids, parts, settings.span)
    model = RIMModel(
        RIMSettings(**dict(settings)),
        parts,
        events.items,
        states,
        timezone=None,
        user_table=None,
        item_table=None,
        history=[],
        seed=seed,
        summary={},
    )
    items = np.flatnonzero(parts.relevance.item_bias > -np.inf)
    intensity = model.scores().select_items(items)
    dense = intensity.block(slice(0, len(some)), slice(0, len(items))).astype(np.float64)
    counts = window.later.subset(some).pair_counts() - asked.pair_counts()
    happened = counts[:, items].toarray() > 0
    kept = np.ones(dense.shape, bool)
    if intensity.excluded is not None:
        kept[intensity.excluded.nonzero()] = False
    half = np.broadcast_to(np.arange(len(some))[:, None] % 2 == 0, dense.shape)
    return ChanceMap.fit(dense[kept], happened[kept], half[kept])
