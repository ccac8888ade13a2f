"""`tsgen batch`: what the verbs do, for inputs of any size; importing it registers its verbs."""

from . import allocate, events, series
from .app import batch_app

__all__ = ["allocate", "batch_app", "events", "series"]
