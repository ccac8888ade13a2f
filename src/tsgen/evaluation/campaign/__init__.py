"""What lists for one campaign would have held at past origins, beside simple rules."""

from .study import evaluate_campaign

__all__ = ["evaluate_campaign"]
