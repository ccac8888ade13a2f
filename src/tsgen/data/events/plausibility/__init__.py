"""Events that a person should look at before a model does: stray times, machines."""

from .doubts import warn_of_doubts, without_doubts

__all__ = ["warn_of_doubts", "without_doubts"]
