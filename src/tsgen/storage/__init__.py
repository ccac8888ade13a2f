"""What is written to disk: whole or not at all, by one run at a time, and nobody else's files."""

from .locks import locked
from .outputs import claimed, free_place, signature, write_atomically
from .workplaces import older_content, sweep

__all__ = [
    "claimed",
    "free_place",
    "locked",
    "older_content",
    "signature",
    "sweep",
    "write_atomically",
]
