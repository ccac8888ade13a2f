"""The calendar split of the audience studies: what is known, and what happens in the horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Array
from tsgen.data import Interactions
from tsgen.data.events import read_span
from tsgen.errors import DataError

from .sources import StudySources

__all__ = ["Window", "calendar_windows"]

_SHARE = 0.8


@dataclass(frozen=True, eq=False)
class Window:
    """A cut in time.

    Attributes:
        table: Training events.
        events: The same, as `Interactions`; all its users and items are candidates.
        cut: Seconds since 1970 UTC.
        horizon: Seconds.
        targets: (users, items) sparse counts of the horizon.
        facts: What was kept and dropped.
    """

    table: pd.DataFrame
    events: Interactions
    cut: int
    horizon: int
    targets: sp.csr_array
    facts: dict[str, Any]

    def age(self) -> Array:
        """Return the age of each event in horizons."""
        return (self.cut * 1_000_000 - self.events.time) / (self.horizon * 1_000_000)


def calendar_windows(study: Mapping[str, Any], sources: StudySources) -> list[Window]:
    """Return the test window; or, for part = "validation", windows inside the training part.

    The last fifth of the events by time is the test part, its length the horizon unless the study
    has one. The validation windows cut the training part in the same way. There are `origins` of
    either, a horizon apart.
    """
    log, facts = _without_returns(_of_users(sources.events(study["data"]), study))
    if study["part"] == "validation":
        log = log[log["timestamp"] < _cut(log)]
    cut = _cut(log)
    horizon = int(log["timestamp"].iloc[-1]) + 1 - cut
    if length := study.get("horizon"):
        horizon = read_span(length) // 1_000_000
    origins = range(study.get("origins", 1))
    return [_window(log, cut - k * horizon, horizon, study, facts) for k in origins]


def _of_users(table: pd.DataFrame, study: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table with the column of users that the study names, without rows that lack it."""
    column = study.get("user", "user_id")
    if column not in table:
        raise DataError(
            f"The log '{study['data']}' has no column '{column}', which the study names as user; "
            f"it has {', '.join(map(str, table.columns))}."
        )
    rows = table.assign(user_id=table[column]).dropna(subset="user_id")
    rows.attrs = {"without_user": lost} if (lost := len(table) - len(rows)) else {}
    return rows


def _without_returns(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a log in the order of time, without returns and exact duplicates."""
    log = table.sort_values("timestamp", kind="stable")
    bought = log[log["value"] > 0]
    kept = bought.drop_duplicates(["user_id", "item_id", "timestamp", "value"])
    facts = {"returns": len(log) - len(bought), "duplicates": len(bought) - len(kept)}
    facts |= {str(name): count for name, count in table.attrs.items()}
    return kept[["user_id", "item_id", "timestamp"]].reset_index(drop=True), facts


def _cut(log: pd.DataFrame) -> int:
    return int(log["timestamp"].iloc[int(_SHARE * len(log))])


def _window(
    log: pd.DataFrame, cut: int, horizon: int, study: Mapping[str, Any], facts: dict[str, Any]
) -> Window:
    past = log[log["timestamp"] < cut]
    if num := study.get("num_items"):
        past = past[past["item_id"].isin(past["item_id"].value_counts().index[:num])]
    events = Interactions.from_frame(past, on_duplicate="keep")
    later = log[(log["timestamp"] >= cut) & (log["timestamp"] < cut + horizon)]
    rows = events.users.codes(later["user_id"].to_numpy())
    columns = events.items.codes(later["item_id"].to_numpy())
    kept = (rows >= 0) & (columns >= 0)
    shape = (events.num_users, events.num_items)
    where = (rows[kept], columns[kept])
    targets = sp.csr_array((np.ones(int(kept.sum())), where), shape=shape)
    targets.sum_duplicates()
    facts = facts | {
        "events": len(past),
        "users": shape[0],
        "items": shape[1],
        "target_pairs": targets.nnz,
        "active_users": int((np.diff(targets.indptr) > 0).sum()),
        "target_events_of_strangers": int((~kept).sum()),
        "horizon_days": round(horizon / 86_400, 2),
    }
    return Window(past, events, cut, horizon, targets, facts)
