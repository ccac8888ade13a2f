"""Requests become drawn windows, joined into series that keep the data's bounds."""

from .constraints import INTERMITTENT_SHARE, ConstraintName, Constraints
from .drawing import Drawing
from .requests import Requests, check_request, first_numbers, series_facts
from .zero_threshold import zero_threshold

__all__ = [
    "INTERMITTENT_SHARE",
    "ConstraintName",
    "Constraints",
    "Drawing",
    "Requests",
    "check_request",
    "first_numbers",
    "series_facts",
    "zero_threshold",
]
