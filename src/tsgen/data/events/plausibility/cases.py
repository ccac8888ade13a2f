"""Ids that differ by upper and lower case alone, which two systems write for one person."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["case_doubt"]


def case_doubt(ids: pd.Index[Any], what: str) -> str | None:
    """Return how many ids differ from another one by case alone, or None where none does.

    Args:
        ids: Different ids; those that are no texts have no case.
        what: Such as "user".
    """
    texts = pd.Series([one for one in ids if isinstance(one, str)], dtype=object)
    folded = texts.map(str.casefold)
    alike = folded.duplicated(keep=False)
    if not alike.any():
        return None
    first = folded[alike].iloc[0]
    pair = " and ".join(repr(one) for one in texts[folded == first].iloc[:2])
    return (
        f"{int(alike.sum())} of {len(ids)} {what} ids differ from another one by upper and lower "
        f"case alone, such as {pair}, and are taken as different {what}s"
    )
