"""`series_bias`: is a group of series under-represented in generated ones, or made worse?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.errors import DataError, SettingsError
from tsgen.metrics import (
    autocorrelation_distance,
    marginal_distance,
    percentile_interval,
    step_distance,
)
from tsgen.results import StudyResult, library_versions
from tsgen.rng import numpy_stream, resolve_seed

from ..facets import OTHER_GROUP, AttributeTable, Facet, FacetChoice, read_facets
from .counts import divide
from .measures import FEWEST
from .rows import TOO_FEW

__all__ = ["series_bias"]

_DISTANCES = {
    "values": marginal_distance,
    "steps": step_distance,
    "autocorrelation": autocorrelation_distance,
}


@dataclass(frozen=True, eq=False)
class _Sides:
    """Windows of both sides, each scaled by its own least and greatest value, and their groups."""

    real: Array
    synthetic: Array
    of_real: Integers
    of_synthetic: Integers


def series_bias(
    real: SeriesDataset,
    synthetic: SeriesDataset,
    *,
    facets: FacetChoice,
    window_length: int = 32,
    draws: int = 200,
    seed: int | None = 0,
    command: str | None = None,
) -> StudyResult:
    """Compare groups of series by their static categories, real against generated.

    Is a group's share of the generated series that of the real ones, and is its fidelity worse than
    the others'? Distances are between windows, one drawn from each series, at equal counts for the
    group and the others: distances of few windows are larger. Intervals of 95 % draw series anew.

    Args:
        real: Series with static categories.
        synthetic: Series made of them.
        facets: Which groups, as for `bias_report`, of the static categories.
        window_length: Steps of the windows.
        draws: Draws of series.
        seed: Same seed, same numbers; None draws one, which is recorded.
        command: What was typed, to be kept with the result.

    Returns:
        A result of the kind "bias": for each group "representation" (its share of the generated
        series over its share of the real), and for each distance "worse in ..." (its distance less
        the others').

    Raises:
        SettingsError: A category is not there, or a setting is impossible.
        DataError: No series is long enough, or a group has nobody.
    """
    seed = resolve_seed(seed)
    if window_length < 4 or draws < 2:
        raise SettingsError(
            f"window_length={window_length}, draws={draws} is not possible: use windows from 4 "
            "steps and draw at least twice."
        )
    tables = [_attributes(side) for side in (real, synthetic)]
    both = pd.concat(tables, ignore_index=True)
    groups = read_facets(AttributeTable(pd.RangeIndex(len(both)), both), facets)
    random = numpy_stream(seed, "series bias")
    windows = [_windows(side, window_length, random) for side in (real, synthetic)]
    rows = []
    for facet in groups:
        codes = np.split(facet.codes, [len(real)])
        kept = [c[w[1]] for c, w in zip(codes, windows, strict=True)]
        sides = _Sides(windows[0][0], windows[1][0], *kept)
        rows += _rows(facet, codes[0], codes[1], sides, draws, random)
    table = pd.DataFrame(rows).assign(protocol="series", n=len(synthetic), seed=seed)
    facts = {
        "study": "bias",
        "of": "series",
        "groups": [row for f in groups for row in _sizes(f, len(real))],
        "settings": {"facets": [f.name for f in groups], "window_length": window_length,
                     "draws": draws, "line": None, "strata": None},
        "counts": {f"{name} series without a whole window": int((~side[1]).sum())
                   for name, side in zip(("real", "generated"), windows, strict=True)},
        "outcomes": False,
        "seed": seed,
        "versions": library_versions(),
    }  # fmt: skip
    if command is not None:
        facts["command"] = command
    return StudyResult(table, _answer(table), facts)


def _attributes(dataset: SeriesDataset) -> pd.DataFrame:
    """Return the static categories of each series, a row each."""
    columns: Mapping[str, Sequence[Any]] = {
        name: [categories[code] for code in dataset.static_cat[:, place]]
        for place, (name, categories) in enumerate(
            zip(dataset.static_names, dataset.static_categories, strict=True)
        )
    }
    return pd.DataFrame(columns, index=range(len(dataset)))


def _windows(dataset: SeriesDataset, length: int, random: Any) -> tuple[Array, Mask]:
    """Return a window of each series that has one without gaps, scaled to [0, 1], and which do."""
    windows, whole = [], np.zeros(len(dataset), bool)
    for place in range(len(dataset)):
        values = dataset.series(place)
        missing = np.concatenate([[0], np.cumsum(~np.isfinite(values))])
        begins = np.flatnonzero(missing[length:] == missing[:-length])
        if len(values) >= length and len(begins):
            begin = random.choice(begins)
            windows.append(_scaled(values[begin : begin + length]))
            whole[place] = True
    if not windows:
        raise DataError(f"No series has {length} steps without a gap; use a shorter window_length.")
    return np.array(windows), whole


def _scaled(window: Array) -> Array:
    low, high = window.min(), window.max()
    return np.asarray((window - low) / (high - low if high > low else 1.0), np.float64)


def _rows(
    facet: Facet, real: Integers, made: Integers, sides: _Sides, draws: int, random: Any
) -> list[dict[str, Any]]:
    rows = []
    for code, group in enumerate(facet.groups):
        present = (facet.codes == code).any()
        if group == OTHER_GROUP or not present:
            continue
        base = {"facet": facet.name, "group": group}
        rows.append(base | _representation(real == code, made == code, draws, random))
        rows += [base | row for row in _fidelity(code, sides, draws, random)]
    return rows


def _representation(real: Mask, made: Mask, draws: int, random: Any) -> dict[str, Any]:
    """Return the group's share of generated series over its share of real ones."""
    shares = [
        random.binomial(len(side), side.mean(), size=draws) / len(side) for side in (made, real)
    ]
    value = float(divide(made.mean(), real.mean()))
    return {"metric": "representation", "support": float(len(made) * real.mean())} | _numbers(
        value, divide(*shares), len(made) * real.mean(), "one"
    )


def _fidelity(code: int, sides: _Sides, draws: int, random: Any) -> list[dict[str, Any]]:
    """Return how much farther from real series the group's generated ones are than the others'."""
    pools = [
        sides.real[sides.of_real == code],
        sides.synthetic[sides.of_synthetic == code],
        sides.real[sides.of_real != code],
        sides.synthetic[sides.of_synthetic != code],
    ]
    count = min(map(len, pools))
    gaps: dict[str, list[float]] = {name: [] for name in _DISTANCES}
    for _ in range(draws if count >= FEWEST else 0):
        drawn = [pool[random.integers(0, len(pool), count)] for pool in pools]
        for name, distance in _DISTANCES.items():
            gaps[name].append(distance(*drawn[:2]) - distance(*drawn[2:]))
    return [
        {"metric": f"worse in {name}", "support": float(count)}
        | _numbers(
            float(np.mean(drawn_gaps)) if drawn_gaps else np.nan,
            np.array(drawn_gaps),
            count,
            "lower",
        )
        for name, drawn_gaps in gaps.items()
    ]


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else np.nan


def _numbers(value: float, drawn: Array, support: float, better: str) -> dict[str, Any]:
    if support < FEWEST:
        few = dict.fromkeys(("value", "spread", "low", "high"), np.nan)
        return few | {"note": TOO_FEW, "better": better}
    low, high = percentile_interval(drawn)
    return {"value": value, "spread": float(drawn.std(ddof=1)), "low": low,
            "high": high, "note": "", "better": better}  # fmt: skip


def _sizes(facet: Facet, num_real: int) -> list[dict[str, Any]]:
    parts = np.split(facet.codes, [num_real])
    counts = [np.bincount(part, minlength=len(facet.groups)) for part in parts]
    return [
        {"facet": facet.name, "group": group, "real": int(r), "generated": int(s)}
        for group, r, s in zip(facet.groups, *counts, strict=True)
        if r + s
    ]


def _answer(table: pd.DataFrame) -> str:
    said = table[table["metric"].eq("representation") & table["value"].notna()]
    if said.empty:
        return "All groups have too few series to say anything of them."
    row = said.iloc[int((said["value"] - 1).abs().argmax())]
    worse = table[table["metric"].str.startswith("worse") & (table["low"] > 0)]
    groups = ", ".join(f"'{group}'" for group in worse["group"].unique())
    fidelity = (
        f"Made worse than the others: {groups}."
        if groups
        else ("No group is surely made worse than the others.")
    )
    return (
        f"Series of '{row['group']}' are generated at {row['value']:.2f} "
        f"[{row['low']:.2f}, {row['high']:.2f}] of their share of the real ones. {fidelity}"
    )
