"""Series and events in and out: tables, files and GluonTS datasets become validated values."""

from .bundled import load_sample
from .conversion import to_dataset, to_frame
from .counts import count_series
from .event_files import read_interactions
from .event_splits import EventTask, UserSplit, rolling_requests, split_events, split_users
from .files import read_series, write_series
from .histories import Histories
from .interactions import Interactions
from .multivariate import MultivariateDataset
from .series import SeriesDataset
from .simulated import simulate_series
from .vocabulary import Vocabulary

__all__ = [
    "EventTask",
    "Histories",
    "Interactions",
    "MultivariateDataset",
    "SeriesDataset",
    "UserSplit",
    "Vocabulary",
    "count_series",
    "load_sample",
    "read_interactions",
    "read_series",
    "rolling_requests",
    "simulate_series",
    "split_events",
    "split_users",
    "to_dataset",
    "to_frame",
    "write_series",
]
