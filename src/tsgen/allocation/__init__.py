"""Campaigns: who gets which offer, under capacities, budgets and hold-outs.

Names load when they are first used, so that prices decide in a service without the models' weight.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers; at run time see __getattr__
    from .allocating import allocate
    from .balancing import BalancedSolution, solve_balanced
    from .campaigns import Campaign, Plan
    from .holdouts import UserHashes
    from .lists import are_campaigns, campaign_lists
    from .pool import Pool
    from .posing import Problem, pose
    from .prices import CampaignPrices, Decision
    from .protocol import CampaignModel
    from .result import Allocation

_HOMES = {
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
    "CampaignPrices",
    "Decision",
    "Plan",
    "Pool",
    "Problem",
    "UserHashes",
    "allocate",
    "are_campaigns",
    "campaign_lists",
    "pose",
    "solve_balanced",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tsgen.allocation' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
