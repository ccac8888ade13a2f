"""What may be asked of a list: where it ends, and why its users are in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsgen.errors import SettingsError

__all__ = ["check_size", "check_why"]


def check_size(
    size: int | None, threshold: float | None, expected_buyers: float | None = None
) -> None:
    """Refuse a list without an end (no `size`, no `threshold` ...), or with an impossible one."""
    if size is None and threshold is None and expected_buyers is None:
        raise SettingsError(
            "An audience needs size=USERS, threshold=PROBABILITY or expected_buyers=NUMBER, or "
            "several of them."
        )
    whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
    if size is not None and (not whole or size < 1):
        raise SettingsError(f"size={size!r} is not possible: use a whole number from 1.")
    number = isinstance(threshold, int | float | np.number)
    if threshold is not None and not (number and 0 <= threshold <= 1):
        raise SettingsError(f"threshold={threshold!r} is not possible: use a probability, 0 to 1.")
    number = isinstance(expected_buyers, int | float | np.number)
    if expected_buyers is not None and not (number and 0 < expected_buyers < np.inf):
        raise SettingsError(
            f"expected_buyers={expected_buyers!r} is not possible: use a number above 0."
        )


def check_why(why: Any, events: Any) -> bool:
    """Return whether Shapley values are asked for; refuse what is no choice.

    Raises:
        SettingsError: `why` is neither True, False nor "shapley", or a newer log is given with it.
    """
    if why not in (True, False, "shapley"):
        raise SettingsError(f"why={why!r} is not possible: use True, False or 'shapley'.")
    if why == "shapley" and events is not None:
        raise SettingsError(
            "why='shapley' explains by the events that the model keeps; add what is new first: "
            "model.update(events)."
        )
    return bool(why == "shapley")
