"""Verbs that make a model of a model."""

from .distil import distil
from .update import update

__all__ = ["distil", "update"]
