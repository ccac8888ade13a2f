"""What a list of users says of itself: who was left out, who could be listed, what is expected."""

from __future__ import annotations

import pandas as pd

from .eligibility import Eligibility

__all__ = ["with_counts"]


def with_counts(
    table: pd.DataFrame, found: Eligibility, eligible: int, wanted: int | None
) -> pd.DataFrame:
    """Return the list with `attrs["counts"]`.

    These are excluded (users that the list of ids leaves out), unknown (its entries that nobody
    fits), eligible (users who could be listed), wanted (None where only a threshold was given), got
    (rows), expected_events (sum of the intensities) and expected_buyers (sum of the probabilities).

    Args:
        table: With intensity and probability.
        found: Who may be listed.
        eligible: Of them, those who pass every condition.
        wanted: Rows asked for.
    """
    table.attrs["counts"] = {
        "excluded": found.excluded,
        "unknown": found.unknown,
        "eligible": int(eligible),
        "wanted": None if wanted is None else int(wanted),
        "got": len(table),
        "expected_events": float(table["intensity"].sum()),
        "expected_buyers": float(table["probability"].sum()),
    }
    return table
