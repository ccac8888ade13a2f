"""Event logs: tables and files become validated interactions, histories, counts and splits."""

from .counts import count_panel, count_series, event_steps, mark_skipped, series_ids, step_times
from .files import column_names, read_interactions, stream_interactions
from .hashing import (
    are_digests,
    check_same_hashing,
    hash_users,
    hashed_id,
    hashed_vocabulary,
)
from .histories import Histories, count_before
from .ids import (
    IdList,
    OnUnknown,
    Spellings,
    Vocabulary,
    fault_of_list,
    id_entries,
    is_blank,
    is_digest,
    read_id_list,
    refuse_list,
    spelling,
)
from .interactions import Interactions
from .plausibility import warn_of_doubts
from .reading import ReadOptions, as_table, table_ids
from .resolution import end_of_log, stamp_resolution
from .spend import Spend
from .splits import EventTask, UserSplit, rolling_requests, split_events, split_users
from .times import read_span, read_time, read_times, span_text, to_stamps
from .user_sample import UserSample, sample_users

__all__ = [
    "EventTask",
    "Histories",
    "IdList",
    "Interactions",
    "OnUnknown",
    "ReadOptions",
    "Spellings",
    "Spend",
    "UserSample",
    "UserSplit",
    "Vocabulary",
    "are_digests",
    "as_table",
    "check_same_hashing",
    "column_names",
    "count_before",
    "count_panel",
    "count_series",
    "end_of_log",
    "event_steps",
    "fault_of_list",
    "hash_users",
    "hashed_id",
    "hashed_vocabulary",
    "id_entries",
    "is_blank",
    "is_digest",
    "mark_skipped",
    "read_id_list",
    "read_interactions",
    "read_span",
    "read_time",
    "read_times",
    "refuse_list",
    "rolling_requests",
    "sample_users",
    "series_ids",
    "span_text",
    "spelling",
    "split_events",
    "split_users",
    "stamp_resolution",
    "step_times",
    "stream_interactions",
    "table_ids",
    "to_stamps",
    "warn_of_doubts",
]
