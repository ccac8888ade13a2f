"""The learnt parts of a RIM, together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..activity import FittedActivity
from ..pairs import LearnedPairs, RepeatMixture, SeenPairs
from ..relevance import FittedRelevance
from .probability import ProbabilityMap

if TYPE_CHECKING:
    from ..new_users import AttributeUsers

__all__ = ["FittedParts"]


@dataclass(frozen=True, eq=False)
class FittedParts:
    """What has learnt.

    Attributes:
        activity: How active users are.
        relevance: Which item they turn to.
        pairs: What the pair's own past adds, and the share of the relevance beside it.
        probability: From expected events to the chance of at least one.
        seen_share: Share of the events that goes to items that had events before, and so have a
            score; the rest of a user's activity is for items still to come.
        item_power: An item's intensities are multiplied by its popularity to this power, and those
            of a user brought back to their sum; see `learn_item_power`.
        new_users: What attributes say of users without events; None where nothing is learnt.
        record: How expected totals of items came in the last horizon, see `item_record`.
    """

    activity: FittedActivity
    relevance: FittedRelevance
    pairs: LearnedPairs | RepeatMixture | SeenPairs
    probability: ProbabilityMap = field(default_factory=ProbabilityMap)
    seen_share: float = 1.0
    item_power: float = 0.0
    new_users: AttributeUsers | None = None
    record: list[dict[str, Any]] = field(default_factory=list)
