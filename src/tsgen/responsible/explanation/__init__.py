"""Why does a model list these people, or forecast this number?"""

from .event_groups import EventGroups, groups_of_events
from .forecasts import ForecastExplanation, explain_forecast
from .scores import ScoreExplanation, explain_scores

__all__ = [
    "EventGroups",
    "ForecastExplanation",
    "ScoreExplanation",
    "explain_forecast",
    "explain_scores",
    "groups_of_events",
]
