"""Campaigns: who gets which offer, under capacities, budgets and hold-outs.

Names load when they are first used, so that prices decide in a service without the models' weight.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers; at run time see __getattr__
    from .allocating import allocate, allocation_of, check_solving
    from .balancing import BalancedSolution, solve_balanced
    from .campaign_pairs import CampaignPairs
    from .campaigns import Campaign, Plan
    from .holdouts import UserHashes
    from .lists import are_campaigns, campaign_lists
    from .pool import Pool, item_columns
    from .posing import Problem, pose, problem_of
    from .prices import CampaignPrices, Decision
    from .protocol import CampaignModel
    from .result import Allocation
    from .scored_parts import ScoredPool, score_part, scoring_settings

_HOMES = {
    "scoring_settings": "scored_parts",
    "score_part": "scored_parts",
    "problem_of": "posing",
    "item_columns": "pool",
    "check_solving": "allocating",
    "allocation_of": "allocating",
    "ScoredPool": "scored_parts",
    "CampaignPairs": "campaign_pairs",
    "Allocation": "result",
    "BalancedSolution": "balancing",
    "Campaign": "campaigns",
    "CampaignModel": "protocol",
    "CampaignPrices": "prices",
    "Decision": "prices",
    "Plan": "campaigns",
    "Pool": "pool",
    "Problem": "posing",
    "UserHashes": "holdouts",
    "allocate": "allocating",
    "are_campaigns": "lists",
    "campaign_lists": "lists",
    "pose": "posing",
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
