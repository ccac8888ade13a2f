"""Activity in proportion to a count of past events: all alike, or faded."""

from .moving_average import MovingAverageActivity
from .popularity import PopularityActivity

__all__ = ["MovingAverageActivity", "PopularityActivity"]
