"""From fitted parts to scores: states of users, candidates, who is eligible, probabilities."""

from .candidates import Candidates, as_list, filled
from .eligibility import Eligibility, ExcludeSeen, Filter, having, seen_pairs
from .moments import candidates_at
from .newer_events import OnDelta, of_listed_items, refuse_delta
from .parts import FittedParts
from .probability import Campaigns, ProbabilityMap
from .seen_share import learn_seen_share
from .user_states import UserStates

__all__ = [
    "Campaigns",
    "Candidates",
    "Eligibility",
    "ExcludeSeen",
    "Filter",
    "FittedParts",
    "OnDelta",
    "ProbabilityMap",
    "UserStates",
    "as_list",
    "candidates_at",
    "filled",
    "having",
    "learn_seen_share",
    "of_listed_items",
    "refuse_delta",
    "seen_pairs",
]
