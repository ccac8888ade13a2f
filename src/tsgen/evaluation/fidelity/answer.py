"""What a table of fidelity comes down to, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgen.arrays import Array

from .measures import NEAREST, NOISE_SPREAD, measure_title

__all__ = ["fidelity_answer", "floor_gaps", "floor_ratios", "floor_verdicts", "off_ideal"]

_SIGMAS = 2.0
_COPYING = 0.85
_LEAST_OFF = 0.1


def floor_gaps(table: pd.DataFrame) -> Array:
    """Return how far each value is on the bad side of its floor, in standard errors, (rows,).

    0 for a value as good as its floor or better. At "one", the good side is that of 1. The standard
    error is that of the two spreads: draws of n windows from twice as many deviate from each other
    about as much as their mean does from that of other windows.
    """
    gaps: Array = np.maximum(_worse(table) / _errors(table), 0.0)
    return gaps


def floor_ratios(table: pd.DataFrame) -> Array:
    """Return how many times as far from its ideal each value is as its floor, (rows,).

    Infinite where the floor is ideal and the value is not; 1 where both are.
    """
    value, floor = (off_ideal(table, name) for name in ("value", "floor"))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios: Array = np.where(value == floor, 1.0, value / floor)
    return ratios


def floor_verdicts(table: pd.DataFrame) -> list[str]:
    """Return "as good", "worse" or "cannot tell" for each row.

    "worse" by more than two standard errors. "as good" only where two standard errors exclude twice
    the floor's distance from the ideal (or a tenth if more): a noisy floor excuses nothing.
    """
    farthest = _worse(table) + _SIGMAS * _errors(table)
    sure = farthest <= np.maximum(off_ideal(table, "floor"), _LEAST_OFF)
    worse = floor_gaps(table) > _SIGMAS
    words = np.where(worse, "worse", np.where(sure, "as good", "cannot tell"))
    return [str(word) for word in words]


def _worse(table: pd.DataFrame) -> Array:
    """Return how far each value is on the bad side of its floor; never if it is ideal or better."""
    value, floor = (table[name].to_numpy(np.float64) for name in ("value", "floor"))
    better = table["better"].to_numpy()
    worse = np.where(better == "higher", floor - value, value - floor)
    ideal = (better == "lower") & (off_ideal(table, "value") == 0)
    worse = np.where(ideal, np.minimum(worse, 0.0), worse)
    off: Array = np.where(better == "one", np.abs(value - 1) - np.abs(floor - 1), worse)
    return off


def _errors(table: pd.DataFrame) -> Array:
    # Few draws can agree by accident, so a spread counts as at least 1 % of the floor.
    least = 0.01 * np.maximum(np.abs(table["floor"].to_numpy(np.float64)), 0.05)
    spreads = (table[name].to_numpy(np.float64) for name in ("spread", "floor_spread"))
    errors: Array = np.maximum(np.hypot(*spreads), least)
    return errors


def off_ideal(table: pd.DataFrame, name: str) -> Array:
    """Return each number's distance from its ideal; better than the ideal counts as 0."""
    numbers = table[name].to_numpy(np.float64)
    lower = (table["better"] == "lower").to_numpy()
    ideal = table["ideal"].to_numpy(np.float64) if "ideal" in table else np.where(lower, 0.0, 1.0)
    off: Array = np.where(lower, np.maximum(numbers - ideal, 0.0), np.abs(numbers - ideal))
    return off


def fidelity_answer(table: pd.DataFrame, *, searched: bool = False) -> str:
    """Return what the table of a fidelity study says: in plain words, then in figures.

    Args:
        table: Of the measures.
        searched: All training windows are searched for copies, and what was found is said beside
            it; the distance to training windows drawn at random is then left to the table.
    """
    verdicts = floor_verdicts(table)
    n = int(table["n"].iloc[0])
    text = f"{_plainly(table, verdicts)} {verdicts.count('as good')} of {len(table)} measures"
    text += f" are as good as for real windows (n = {n})"
    if unsure := verdicts.count("cannot tell"):
        text += f", {unsure} too noisy to tell"
    if "worse" in verdicts:
        text += f"; furthest off: {_furthest(table)}"
    spread = table[table["metric"] == NOISE_SPREAD]
    if not spread.empty and np.isfinite(spread.get("ceiling", pd.Series([np.nan])).iloc[0]):
        text += (
            f"; draws of one series and time spread {spread['value'].iloc[0]:.2f} times as much as "
            f"real ones (a perfect learner of this training: {spread['ceiling'].iloc[0]:.2f})"
        )
    nearest = table[table["metric"] == NEAREST]
    if nearest.empty:
        return text + "."
    if not searched:
        ratio = float(nearest["value"].iloc[0])
        near = (
            "the samples lie nearer to training windows than real test windows do "
            f"(ratio {ratio:.2f}), which points to copies"
            if ratio < _COPYING
            else "the median sample lies no nearer to training windows than real test windows do "
            f"(ratio {ratio:.2f})"
        )
        text += f"; {near}"
    return text + ". No privacy guarantee follows from these measures."


def _plainly(table: pd.DataFrame, verdicts: list[str]) -> str:
    """Return how like real series the samples are, and how often a judge recognises them."""
    worse, count = verdicts.count("worse"), len(verdicts)
    if 2 * worse > count:
        text = f"Easily told from real series: {worse} of {count} measures are worse."
    elif worse:
        text = f"Near to real series, and told from them by {worse} of {count} measures."
    elif "cannot tell" in verdicts:
        text = "No measure tells the samples from real series for certain."
    else:
        text = "As like real series as others are."
    judge = table[table["metric"] == "judge_trees"]
    if judge.empty:
        return text
    right, usual = (100 * (0.5 + float(judge[name].iloc[0])) for name in ("value", "floor"))
    return (
        f"{text} Boosted trees are right about {right:.0f} of 100 windows, samples or real "
        f"(between real windows about {usual:.0f}; by guessing 50)."
    )


def _furthest(table: pd.DataFrame) -> str:
    """Return the measure that is most standard errors off, and the one with the greatest ratio."""
    gaps, ratios = floor_gaps(table), floor_ratios(table)
    first = int(gaps.argmax())
    # What is clearly off at all; beside an ideal floor there is no ratio to name.
    among = np.where((gaps > _SIGMAS) & np.isfinite(ratios), ratios, -1.0)
    second = int(among.argmax())
    text = _described(table, first, gaps, ratios)
    if second != first and among[second] > 0:
        text += f", and by ratio {_described(table, second, gaps, ratios)}"
    return text


def _described(table: pd.DataFrame, place: int, gaps: Array, ratios: Array) -> str:
    row = table.iloc[place]
    text = f"{measure_title(row['metric'])} {row['value']:.3g}, real {row['floor']:.3g} "
    text += f"({gaps[place]:.1f} standard errors"
    if np.isfinite(ratios[place]):
        text += f", {ratios[place]:.3g} times as far from the ideal"
    return text + ")"
