"""From the rows of a table to the arrays of a log: options, bad rows, returns, parts, assembly."""

from .assembly import assemble, table_ids
from .parts import EventPart, as_table, read_part, unread_quantities
from .read_options import OnDoubt, OnDuplicateEvent, OnFault, ReadOptions
from .returns import OnReturn

__all__ = [
    "EventPart",
    "OnDoubt",
    "OnDuplicateEvent",
    "OnFault",
    "OnReturn",
    "ReadOptions",
    "as_table",
    "assemble",
    "read_part",
    "table_ids",
    "unread_quantities",
]
