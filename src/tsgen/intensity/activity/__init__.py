"""How much a user will do: one file a model, all with `fit`, and totals of the horizon."""

from .auto import AutoActivity, shortest_scale
from .averages import MovingAverageActivity, PopularityActivity
from .base import ActivityModel, ActivityPart, FittedActivity
from .count_distribution import fit_dispersion, shape_of
from .customer_base import CustomerBaseActivity
from .gluonts_forecaster import FittedForecaster, ForecasterActivity
from .gluonts_steps import mean_forecasts, steps_in_horizon, time_weights
from .hawkes import HawkesActivity, HawkesPoissonActivity, decay_grid, gather_statistics
from .learned import LearnedActivity
from .own import OwnActivity
from .registry import ACTIVITIES
from .sums import decayed_sums, remembering

__all__ = [
    "ACTIVITIES",
    "ActivityModel",
    "ActivityPart",
    "AutoActivity",
    "CustomerBaseActivity",
    "FittedActivity",
    "FittedForecaster",
    "ForecasterActivity",
    "HawkesActivity",
    "HawkesPoissonActivity",
    "LearnedActivity",
    "MovingAverageActivity",
    "OwnActivity",
    "PopularityActivity",
    "decay_grid",
    "decayed_sums",
    "fit_dispersion",
    "gather_statistics",
    "mean_forecasts",
    "remembering",
    "shape_of",
    "shortest_scale",
    "steps_in_horizon",
    "time_weights",
]
