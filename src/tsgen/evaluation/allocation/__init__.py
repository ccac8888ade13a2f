"""What would a plan of campaigns have brought? Beside other ways to choose, with intervals."""

from .outcome import Outcome
from .study import evaluate_allocation

__all__ = ["Outcome", "evaluate_allocation"]
