"""Requests become drawn windows, joined into series that keep the data's bounds."""

from .calibration import DRAWN_WINDOWS, MOST_SERIES, calibrate, calibrated, needing
from .changes import Changes
from .constraints import INTERMITTENT_SHARE, ConstraintName, Constraints, check_infer
from .drawing import Drawing
from .features import with_features
from .gaps import MissingRequest, check_missing, missing_steps, resting_values
from .kinds import series_of_kind
from .noise_scale import at_bound, set_noise_scale
from .requests import Requests, check_request, series_facts
from .synthetic_dataset import first_numbers, synthetic_dataset
from .turns import Turns

__all__ = [
    "DRAWN_WINDOWS",
    "INTERMITTENT_SHARE",
    "MOST_SERIES",
    "Changes",
    "ConstraintName",
    "Constraints",
    "Drawing",
    "MissingRequest",
    "Requests",
    "Turns",
    "at_bound",
    "calibrate",
    "calibrated",
    "check_infer",
    "check_missing",
    "check_request",
    "first_numbers",
    "missing_steps",
    "needing",
    "resting_values",
    "series_facts",
    "series_of_kind",
    "set_noise_scale",
    "synthetic_dataset",
    "with_features",
]
