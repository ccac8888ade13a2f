"""What did the campaigns change? Contacted users against those held out."""

from .effects import Effect, cuped
from .study import evaluate_uplift

__all__ = ["Effect", "cuped", "evaluate_uplift"]
