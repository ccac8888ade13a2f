"""What a cell keeps to draw: past, truth and forecast bands of a few windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .regime_windows import TestWindows
from .settings import ForecastStudy

__all__ = ["last_medians", "scored_items", "window_pictures"]

_PICTURED = 3


_BANDS = ("0.1", "0.5", "0.9")


def window_pictures(made: list[Any], windows: TestWindows, study: ForecastStudy) -> dict[str, Any]:
    """Return past, truth and forecast bands of the last window of the first few series."""
    shown = np.arange(study.num_windows - 1, len(made), study.num_windows)[:_PICTURED]
    past = 3 * study.prediction_length
    entries = windows.input
    begin = [max(0, len(entries[i]["target"]) - past) for i in shown]
    return {
        "items": [str(windows.dataset.item_ids[windows.rows[i]]) for i in shown],
        "past": [_plain(entries[i]["target"][b:]) for i, b in zip(shown, begin, strict=True)],
        "truth": [_plain(windows.truth[i]) for i in shown],
        "bands": [[_plain(made[i][level]) for level in _BANDS] for i in shown],
    }


def last_medians(made: list[Any], study: ForecastStudy) -> list[list[float | None]]:
    """Return the median of every series' last window, in the order of the series."""
    last = range(study.num_windows - 1, len(made), study.num_windows)
    return [_plain(made[i]["0.5"]) for i in last]


def scored_items(windows: TestWindows) -> list[str]:
    """Return the ids of the series in the order in which scores are kept."""
    return [str(windows.dataset.item_ids[i]) for i in np.unique(windows.rows)]


def _plain(values: Any) -> list[float | None]:
    """Return values that JSON can say; a missing one is null."""
    return [None if np.isnan(v) else float(f"{v:.6g}") for v in values]
