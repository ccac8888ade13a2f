"""Campaigns: who gets which offer, under capacities, budgets and hold-outs."""

from .allocating import allocate
from .campaigns import Campaign, Plan
from .holdouts import UserHashes
from .pool import Pool
from .prices import CampaignPrices, Decision
from .result import Allocation

__all__ = [
    "Allocation",
    "Campaign",
    "CampaignPrices",
    "Decision",
    "Plan",
    "Pool",
    "UserHashes",
    "allocate",
]
