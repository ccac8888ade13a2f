"""Where the gap of an audience comes from: activity, relevance, or what the pair's own past adds.

The three are players of a game whose value is a selection. An absent part is put at its mean over
the users who may be listed, so it tells nobody apart; with all three absent everybody has the same
share of the places. Shapley values of the selections are taken for each user, so what they say of
any group, under any weights, adds up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsgen.arrays import AnyArray, Array, Mask
from tsgen.scores import ScoreParts

from ..shapley import coalitions, shapley_values

__all__ = ["PARTS", "campaign_scores", "split_places", "take_best"]

PARTS = ("activity", "relevance", "own past")
"""The players, in the order of their bits."""


@dataclass(frozen=True, eq=False)
class _Campaign:
    """One campaign: its parts of n users, and who may be listed."""

    parts: tuple[Array, Array, Array]
    allowed: Mask

    def scores(self, present: Mask) -> Array:
        """Return activity × (relevance + own past), absent parts at their mean, (n,)."""
        shown = [
            part if here else np.full(len(part), part[self.allowed].mean())
            for part, here in zip(self.parts, present, strict=True)
        ]
        return np.maximum(shown[0] * (shown[1] + shown[2]), 0.0)


def _campaign(parts: ScoreParts, columns: AnyArray) -> _Campaign:
    relevance, own = parts.of(columns)
    return _Campaign((parts.activity, relevance, own), parts.allowed(columns))


def campaign_scores(parts: ScoreParts, columns: AnyArray) -> tuple[Array, Mask]:
    """Return the expected events of a campaign and who may be listed, (n,) each."""
    campaign = _campaign(parts, columns)
    return campaign.scores(np.ones(3, bool)), campaign.allowed


def split_places(parts: ScoreParts, columns: AnyArray, size: int) -> Array:
    """Return what each part adds to each user's place in a list, (3, n).

    They add up to the user's place in the list less the place that everybody would have.

    Args:
        parts: What the scores are the product of.
        columns: Items of the campaign.
        size: Places of the list.
    """
    campaign = _campaign(parts, columns)
    lists = [take_best(campaign.scores(who), size, campaign.allowed) for who in coalitions(3)]
    return shapley_values(lists)


def take_best(scores: Array, size: int, allowed: Mask) -> Array:
    """Return who is among the best, (n,): 1, 0, or a share where equal scores share places.

    Args:
        scores: (n,).
        size: Places.
        allowed: (n,) who may be taken.
    """
    taken = np.zeros(len(scores))
    open_ = np.flatnonzero(allowed)
    if len(open_) <= size:
        taken[open_] = 1.0
        return taken
    mine = scores[open_].astype(np.float64)
    cut = np.partition(mine, len(mine) - size)[len(mine) - size]
    above, ties = mine > cut, mine == cut
    taken[open_[above]] = 1.0
    taken[open_[ties]] = (size - above.sum()) / ties.sum()
    return taken
