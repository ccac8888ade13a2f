"""What is an address of a file system elsewhere, and what a path."""

from __future__ import annotations

__all__ = ["is_address"]


def is_address(place: str) -> bool:
    """Return whether a place is an address such as "s3://shop/events", for fsspec to reach."""
    return "://" in place
