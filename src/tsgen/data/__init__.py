"""Series and events in and out: tables, files and GluonTS datasets become validated values."""

from .bundled import load_sample
from .columns import pick, plain_value, read_numbers
from .events import (
    EventTask,
    Histories,
    Interactions,
    UserSplit,
    Vocabulary,
    count_series,
    hash_users,
    hashed_id,
    hashed_vocabulary,
    read_id_list,
    read_interactions,
    rolling_requests,
    split_events,
    split_users,
)
from .frames import as_pandas, conversion_of
from .given import as_dataset, as_interactions, as_series
from .parquet import PARQUET, check_agreement, parquet_files, read_parquet
from .reading import check_exists, reading
from .series import (
    MultivariateDataset,
    SeriesDataset,
    read_series,
    simulate_series,
    to_dataset,
    to_frame,
    write_series,
)
from .spreadsheets import restored
from .text_tables import read_text_table

__all__ = [
    "PARQUET",
    "EventTask",
    "Histories",
    "Interactions",
    "MultivariateDataset",
    "SeriesDataset",
    "UserSplit",
    "Vocabulary",
    "as_dataset",
    "as_interactions",
    "as_pandas",
    "as_series",
    "check_agreement",
    "check_exists",
    "conversion_of",
    "count_series",
    "hash_users",
    "hashed_id",
    "hashed_vocabulary",
    "load_sample",
    "parquet_files",
    "pick",
    "plain_value",
    "read_id_list",
    "read_interactions",
    "read_numbers",
    "read_parquet",
    "read_series",
    "read_text_table",
    "reading",
    "restored",
    "rolling_requests",
    "simulate_series",
    "split_events",
    "split_users",
    "to_dataset",
    "to_frame",
    "write_series",
]
