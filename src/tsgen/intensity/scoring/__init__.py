"""From fitted parts to lists: states of users, candidates, who is eligible, probabilities."""

from .candidates import Candidates, as_list, share
from .eligibility import Eligibility, ExcludeSeen, Filter, check_size, having, seen_pairs
from .lists import with_counts
from .newer_events import read_newer
from .parts import FittedParts
from .probability import Campaigns, ChanceMap
from .user_states import UserStates

__all__ = [
    "Campaigns",
    "Candidates",
    "ChanceMap",
    "Eligibility",
    "ExcludeSeen",
    "Filter",
    "FittedParts",
    "UserStates",
    "as_list",
    "check_size",
    "having",
    "read_newer",
    "seen_pairs",
    "share",
    "with_counts",
]
