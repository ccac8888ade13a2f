"""Who is targeted, and why: bias, explanation, drift and repair of audiences and forecasts.

Names load when they are first used, so that those who need groups alone pay for nothing else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers; at run time see __getattr__
    from .bias import GROUP_MEASURES, GroupMeasure, bias_report, series_bias
    from .drift import attribution_agreement, compare_audiences, stability_index
    from .explanation import explain_forecast, explain_scores
    from .facets import (
        OTHER_GROUP,
        UNKNOWN_GROUP,
        AttributeTable,
        Facet,
        FacetChoice,
        attributes_of,
        read_facets,
    )
    from .interaction import interaction_study
    from .repair import Demand, Rebalanced, balanced_places, rebalance

_HOMES = {
    "explain_forecast": "explanation",
    "explain_scores": "explanation",
    "attribution_agreement": "drift",
    "compare_audiences": "drift",
    "stability_index": "drift",
    "AttributeTable": "facets",
    "Demand": "repair",
    "Rebalanced": "repair",
    "balanced_places": "repair",
    "rebalance": "repair",
    "GROUP_MEASURES": "bias",
    "OTHER_GROUP": "facets",
    "UNKNOWN_GROUP": "facets",
    "Facet": "facets",
    "FacetChoice": "facets",
    "GroupMeasure": "bias",
    "attributes_of": "facets",
    "bias_report": "bias",
    "read_facets": "facets",
    "interaction_study": "interaction",
    "series_bias": "bias",
}

__all__ = [
    "GROUP_MEASURES",
    "OTHER_GROUP",
    "UNKNOWN_GROUP",
    "AttributeTable",
    "Demand",
    "Facet",
    "FacetChoice",
    "GroupMeasure",
    "Rebalanced",
    "attributes_of",
    "attribution_agreement",
    "balanced_places",
    "bias_report",
    "compare_audiences",
    "explain_forecast",
    "explain_scores",
    "interaction_study",
    "read_facets",
    "rebalance",
    "series_bias",
    "stability_index",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tsgen.responsible' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
