"""What a verb is given: series, events, ids, campaigns and models in files, read as options say."""

from .events import (
    EventLog,
    ReadEither,
    ReadEvents,
    check_read,
    column_of,
    is_log,
    read_conditions,
    read_events,
    read_salt,
    read_sample,
    read_table,
)
from .id_files import read_excluded, read_id_file
from .models import NewItems, check_kind, load_model, load_rim
from .plans import read_plan
from .read_texts import LISTS, read_choices
from .series import read_dataset, read_dataset_for
from .set_options import assigned

__all__ = [
    "LISTS",
    "EventLog",
    "NewItems",
    "ReadEither",
    "ReadEvents",
    "assigned",
    "check_kind",
    "check_read",
    "column_of",
    "is_log",
    "load_model",
    "load_rim",
    "read_choices",
    "read_conditions",
    "read_dataset",
    "read_dataset_for",
    "read_events",
    "read_excluded",
    "read_id_file",
    "read_plan",
    "read_salt",
    "read_sample",
    "read_table",
]
