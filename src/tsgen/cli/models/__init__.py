"""Verbs that make a model of a model."""

from .distil import distil
from .forget import forget
from .update import update

__all__ = ["distil", "forget", "update"]
