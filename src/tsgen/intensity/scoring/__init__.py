"""From fitted parts to lists: states of users, candidates, who is eligible, probabilities."""

from .candidates import Candidates, as_list, filled
from .eligibility import Eligibility, ExcludeSeen, Filter, check_size, check_why, having
from .lists import list_items, list_users, list_users_of_each, list_users_one_by_one
from .moments import candidates_at
from .newer_events import OnDelta, of_listed_items, refuse_delta
from .parts import FittedParts
from .probability import Campaigns, ProbabilityMap
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
    "check_size",
    "check_why",
    "filled",
    "having",
    "list_items",
    "list_users",
    "list_users_of_each",
    "list_users_one_by_one",
    "of_listed_items",
    "refuse_delta",
]
