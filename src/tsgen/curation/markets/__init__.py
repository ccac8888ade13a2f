"""Markets, sites and regions without history: what the others say, the near ones more."""

from .domain_graph import DOMAIN_SCALES, DomainGraph, DomainScale
from .events import market_events, train_for_market
from .series import market_series
from .weighing import MarketWeights, copies_of

__all__ = [
    "DOMAIN_SCALES",
    "DomainGraph",
    "DomainScale",
    "MarketWeights",
    "copies_of",
    "market_events",
    "market_series",
    "train_for_market",
]
