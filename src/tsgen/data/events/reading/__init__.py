"""From the rows of a table to the arrays of a log: options, bad rows, returns, parts, assembly."""

from .assembly import assemble, table_ids
from .parts import EventPart, check_frame, read_part
from .read_options import OnDoubt, OnDuplicateEvent, OnFault, ReadOptions
from .returns import OnReturn

__all__ = [
    "EventPart",
    "OnDoubt",
    "OnDuplicateEvent",
    "OnFault",
    "OnReturn",
    "ReadOptions",
    "assemble",
    "check_frame",
    "read_part",
    "table_ids",
]
