"""Pairs of users and campaigns: by a model as they are asked for, or scored before, in files."""

from .base import CampaignPairs
from .pool import Pool, item_columns
from .scored_parts import ScoredPool, score_part, scoring_settings

__all__ = [
    "CampaignPairs",
    "Pool",
    "ScoredPool",
    "item_columns",
    "score_part",
    "scoring_settings",
]
