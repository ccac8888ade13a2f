"""What would a plan of campaigns have brought? Beside other ways to choose, with intervals."""

from .study import evaluate_allocation

__all__ = ["evaluate_allocation"]
