"""Hypothesis strategies that several rooms share."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from tsgen.data import simulate_series, to_dataset

__all__ = [
    "GRIDS",
    "Grid",
    "Panel",
    "best_by_loop",
    "event_tables",
    "panels",
    "ranking_cases",
    "series_with_everything",
]


@dataclass(frozen=True)
class Grid:
    """One way of stamping time: the first stamp, pandas' offset, and the Period frequency."""

    first: str
    offset: str
    freq: str


GRIDS = (
    Grid("2024-02-28 21:00", "h", "h"),
    Grid("2024-02-28 21:30", "h", "h"),  # at half past
    Grid("2023-12-31 23:45", "5min", "5min"),
    Grid("2023-12-31 23:07", "30min", "30min"),
    Grid("2024-02-27", "D", "D"),
    Grid("2024-02-27 06:00", "D", "D"),
    Grid("2024-02-28", "B", "B"),
    Grid("2024-02-25", "W-SUN", "W-SUN"),
    Grid("2024-02-28", "W-WED", "W-WED"),
    Grid("2023-11-01", "MS", "M"),
    Grid("2023-11-30", "ME", "M"),
    Grid("2023-10-01", "QS-JAN", "Q-DEC"),
    Grid("2023-12-31", "QE-DEC", "Q-DEC"),
    Grid("2020-01-01", "YS-JAN", "Y-DEC"),
    Grid("2019-07-01", "YS-JUL", "Y-JUN"),
    Grid("2020-12-31", "YE-DEC", "Y-DEC"),
)


@dataclass(frozen=True)
class Panel:
    """A ragged long table with gaps, and the grid that it was cut from."""

    table: pd.DataFrame
    grid: Grid


@st.composite
def panels(draw, grids=GRIDS, max_series=4, max_length=20):
    """Draw a panel: ragged series, missing rows, NaN values, two static columns."""
    grid = draw(st.sampled_from(grids))
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    stamps = pd.date_range(grid.first, periods=max_length, freq=grid.offset)
    parts = []
    for k in range(draw(st.integers(1, max_series))):
        first = draw(st.integers(0, max_length - 3))
        length = draw(st.integers(2, max_length - first))
        kept = random.random(length) < 0.6
        kept[[0, -1]] = True
        kept[::4] = True  # a series is never more than 90% empty
        part = {"item_id": f"s{k}", "timestamp": stamps[first : first + length][kept]}
        part |= {"target": _values(random, kept.sum()), "shop": f"shop {k % 2}", "size": k % 3}
        parts.append(pd.DataFrame(part))
    return Panel(pd.concat(parts, ignore_index=True), grid)


def _values(random, size):
    """Return values of many magnitudes, also zeros, repeats and NaN; the first is a number."""
    values = random.normal(size=size) * 10.0 ** random.integers(-6, 7, size)
    values = np.where(random.random(size) < 0.3, np.round(values), values)
    values[random.random(size) < 0.2] = np.nan
    values[0] = np.nan_to_num(values[0])
    return values


@st.composite
def event_tables(draw, max_users=5, max_items=5, max_events=40, max_time=12):
    """Draw an event table in any order, with ties in time and repeated pairs; times in seconds."""
    size = draw(st.integers(1, max_events))
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    return pd.DataFrame({
        "user_id": random.choice([f"u{k}" for k in range(max_users)], size),
        "item_id": random.integers(10, 10 + max_items, size),
        "timestamp": random.integers(0, max_time, size),
        "value": random.integers(1, 4, size).astype(float),
    })  # fmt: skip


@st.composite
def ranking_cases(draw):
    """Scores with many ties, targets with repeats, and excluded pairs."""
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    scores = random.integers(0, draw(st.integers(1, 6)), (n, m)).astype(float)
    targets = random.integers(0, 3, (n, m)) * (random.random((n, m)) < 0.3)
    exclude = random.random((n, m)) < draw(st.sampled_from([0.0, 0.3, 0.9]))
    return scores, targets, exclude


def best_by_loop(values, out, num):
    """Return the `num` best places of a line that are not out, of equal values the first."""
    order = sorted((k for k in range(len(values)) if not out[k]), key=lambda k: (-values[k], k))
    return order[:num]


def series_with_everything():
    """A dataset with gaps, a zone, labels at half past, statics, real features and provenance."""
    table = simulate_series(3, 40).to_frame()
    stamps = pd.DatetimeIndex(table["timestamp"]) + pd.Timedelta("152D 30min")
    table["timestamp"] = stamps.tz_localize("Europe/Berlin")
    table["shop"] = table["item_id"].map(
        {
            "series-0": "north",
            "series-1": "süd",
            "series-2": "süd",
        }
    )
    dataset = to_dataset(table.drop(index=[3, 4, 50]), static=["shop"])
    info = ({"synthetic": False}, {"synthetic": False}, {"synthetic": True, "seed": 3})
    return replace(dataset, static_real=np.arange(6.0).reshape(3, 2), info=info)
