"""Is a group left out of an audience? Measures, intervals, and where the gap comes from."""

from .measures import GROUP_MEASURES, GroupMeasure, measures_in_points
from .population import Lists
from .series import series_bias
from .split import campaign_scores, take_best
from .study import bias_report

__all__ = [
    "GROUP_MEASURES",
    "GroupMeasure",
    "Lists",
    "bias_report",
    "campaign_scores",
    "measures_in_points",
    "series_bias",
    "take_best",
]
