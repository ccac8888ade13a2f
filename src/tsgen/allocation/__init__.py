"""Campaigns: who gets which offer, under capacities, budgets and hold-outs.

Names load when they are first used, so that prices decide in a service without the models' weight.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers; at run time see __getattr__
    from .allocating import allocate, allocation_of, check_solving
    from .balancing import BalancedSolution, solve_balanced
    from .campaigns import Campaign, Plan
    from .holdouts import UserHashes
    from .lists import are_campaigns, campaign_lists
    from .pools import CampaignPairs, Pool, ScoredPool, item_columns, score_part, scoring_settings
    from .posing import Problem, pose, problem_of
    from .prices import CampaignPrices, Decision
    from .protocol import CampaignModel
    from .result import Allocation

_HOMES = {
    "Allocation": "result",
    "BalancedSolution": "balancing",
    "Campaign": "campaigns",
    "CampaignModel": "protocol",
    "CampaignPairs": "pools",
    "CampaignPrices": "prices",
    "Decision": "prices",
    "Plan": "campaigns",
    "Pool": "pools",
    "Problem": "posing",
    "ScoredPool": "pools",
    "UserHashes": "holdouts",
    "allocate": "allocating",
    "allocation_of": "allocating",
    "are_campaigns": "lists",
    "campaign_lists": "lists",
    "check_solving": "allocating",
    "item_columns": "pools",
    "pose": "posing",
    "problem_of": "posing",
    "score_part": "pools",
    "scoring_settings": "pools",
    "solve_balanced": "balancing",
}

__all__ = [
    "Allocation",
    "BalancedSolution",
    "Campaign",
    "CampaignModel",
    "CampaignPairs",
    "CampaignPrices",
    "Decision",
    "Plan",
    "Pool",
    "Problem",
    "ScoredPool",
    "UserHashes",
    "allocate",
    "allocation_of",
    "are_campaigns",
    "campaign_lists",
    "check_solving",
    "item_columns",
    "pose",
    "problem_of",
    "score_part",
    "scoring_settings",
    "solve_balanced",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tsgen.allocation' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
