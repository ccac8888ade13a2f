"""Lists of a fitted model: audiences of users for items, recommendations of items for users."""

from .audience import AudienceMaker
from .recommendations import RecommendationMaker

__all__ = ["AudienceMaker", "RecommendationMaker"]
