"""The one sentence that a table of fidelity comes down to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgen.arrays import Array

from .measures import NEAREST, NOISE_SPREAD

__all__ = ["fidelity_answer", "floor_gaps"]

_SIGMAS = 2.0
_COPYING = 0.85


def floor_gaps(table: pd.DataFrame) -> Array:
    """Return how far each value is on the bad side of its floor, in spreads of the two, (rows,).

    0 for a value as good as its floor or better. At "one", the good side is that of 1.
    """
    value, floor = (table[name].to_numpy(np.float64) for name in ("value", "floor"))
    better = table["better"].to_numpy()
    worse = np.where(better == "higher", floor - value, value - floor)
    worse = np.where(better == "one", np.abs(value - 1) - np.abs(floor - 1), worse)
    # Few draws can agree by accident, so a spread counts as at least 1 % of the floor.
    least = 0.01 * np.maximum(np.abs(floor), 0.05)
    both = np.hypot(
        table["spread"].to_numpy(np.float64), table["floor_spread"].to_numpy(np.float64)
    )
    gaps: Array = np.maximum(worse / np.maximum(both, least), 0.0)
    return gaps


def fidelity_answer(table: pd.DataFrame) -> str:
    """Return what the table of a fidelity study says, in one sentence."""
    gaps = floor_gaps(table)
    good = int((gaps <= _SIGMAS).sum())
    n = int(table["n"].iloc[0])
    text = f"{good} of {len(table)} measures are as good as for real windows (n = {n})"
    if good < len(table):
        worst = table.iloc[int(gaps.argmax())]
        text += f"; furthest off: {worst['metric']} {worst['value']:.3g}, real {worst['floor']:.3g}"
    spread = table[table["metric"] == NOISE_SPREAD]
    if not spread.empty and np.isfinite(spread.get("ceiling", pd.Series([np.nan])).iloc[0]):
        text += (
            f"; draws of one series and time spread {spread['value'].iloc[0]:.2f} times as much as "
            f"real ones (a perfect learner of this training: {spread['ceiling'].iloc[0]:.2f})"
        )
    nearest = table[table["metric"] == NEAREST]
    if not nearest.empty:
        ratio = float(nearest["value"].iloc[0])
        if ratio < _COPYING:
            text += (
                f"; the samples lie nearer to training windows than real test windows do "
                f"(ratio {ratio:.2f}), which points to copies"
            )
        else:
            text += f"; half of the samples are no copies (nearest-distance ratio {ratio:.2f})"
        return text + ". No privacy guarantee follows from these measures."
    return text + "."
