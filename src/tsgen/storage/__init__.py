"""What is written to disk: whole or not at all, by one run at a time, and nobody else's files."""

from .addresses import is_address
from .digests import (
    check_digests,
    check_files,
    check_own_sum,
    check_readable,
    files_in,
    sealed,
    unlisted,
    warn_of_unlisted,
    with_own_sum,
)
from .locks import locked
from .outputs import claimed, free_place, holds_ours, signature, write_atomically, write_text
from .workplaces import older_content, sweep

__all__ = [
    "check_digests",
    "check_files",
    "check_own_sum",
    "check_readable",
    "claimed",
    "files_in",
    "free_place",
    "holds_ours",
    "is_address",
    "locked",
    "older_content",
    "sealed",
    "signature",
    "sweep",
    "unlisted",
    "warn_of_unlisted",
    "with_own_sum",
    "write_atomically",
    "write_text",
]
