"""The learnt parts of a RIM, together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from tsgen.arrays import AnyArray

from ..activity import FittedActivity
from ..pairs import LearnedPairs, RepeatMixture, SeenPairs
from ..relevance import FittedRelevance
from .probability import ProbabilityMap

__all__ = ["FittedParts", "NewUsersPart"]


class NewUsersPart(Protocol):
    """What attributes say of users without events, such as `AttributeUsers`."""

    @property
    def facts(self) -> dict[str, Any]:
        """What it has learnt from, and how far it is believed."""
        ...

    def extend(self, candidates: Any) -> Any:
        """Return `Candidates` in which such users are as their attributes say."""
        ...

    def arrays(self) -> dict[str, AnyArray]:
        """Return arrays by name, for saving."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return JSON values, for saving."""
        ...


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
    new_users: NewUsersPart | None = None
    record: list[dict[str, Any]] = field(default_factory=list)
