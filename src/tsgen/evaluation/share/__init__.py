"""May synthetic series be handed out in place of the real ones?"""

from .study import evaluate_share

__all__ = ["evaluate_share"]
