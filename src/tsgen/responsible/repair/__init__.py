"""An audience that takes groups in a ratio or a share, at the least expected loss."""

from .places import Demand, balanced_places
from .rebalancing import Rebalanced, rebalance

__all__ = ["Demand", "Rebalanced", "balanced_places", "rebalance"]
