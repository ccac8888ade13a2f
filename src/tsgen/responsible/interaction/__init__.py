"""Does a multivariate forecaster use the other series at all?"""

from .study import interaction_study

__all__ = ["interaction_study"]
