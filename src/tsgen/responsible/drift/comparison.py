"""`compare_audiences`: is it still what it was, and does anything call for an alarm?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tsgen.displays import in_points
from tsgen.errors import DataError, SettingsError
from tsgen.results import StudyResult, library_versions

from ..bias import measures_in_points
from ..facets import FacetChoice
from .intervals import COMPARISONS, comparison_intervals
from .measures import LEAST_AGREEMENT, attribution_agreement
from .snapshots import Snapshot, kind_of, snapshot_of

__all__ = ["compare_audiences"]

_SHOWN = 5


def compare_audiences(
    before: Any,
    after: Any,
    *,
    users: pd.DataFrame | None = None,
    facets: FacetChoice | None = None,
    items: list[Any] | None = None,
    size: int | None = None,
    allowed: Mapping[str, tuple[float, float]] | None = None,
    seed: int = 0,
    command: str | None = None,
) -> StudyResult:
    """Compare two models, audiences, logs or reports, and raise an alarm where one is due.

    Who entered and left the list, how scores and activity are distributed, measures of groups, and
    the ranks of attributions. No range is chosen for you but one: an agreement (nDCG) of
    attributions below 0.90 is an alarm, as in Clarify.

    Args:
        before: A model, a table of user_id (an audience), `Interactions`, or a result of
            `bias_report` or `explain_scores`.
        after: Another of the same kind.
        users: Attributes, for measures of groups; None takes what a model knows.
        facets: Groups, as for `bias_report`; None measures none.
        items: Items of the campaign of two models.
        size: Users of their lists.
        allowed: Ranges by the name of a row, {"DI": (0.8, 1.25), "stability of scores": (0, 0.1)}:
            a number after that lies outside is an alarm. Differences of shares are fractions: five
            points are 0.05.
        seed: Draws users anew for the intervals.
        command: What was typed, to be kept with the result.

    Returns:
        A result of the kind "drift": a row a number with `before`, `after`, its interval of 95 %
        over users (`after_low`, `after_high`, NaN without one), `low`, `high` (the range that is
        allowed) and `alarm`; `facts["alarms"]` are sentences.

    Raises:
        DataError: The two are not of one kind, or have nothing to compare.
        SettingsError: A range is of a number that is not there, or a setting is impossible.

    Example:
        >>> import pandas as pd
        >>> from tsgen.responsible import compare_audiences
        >>> march, april = pd.DataFrame({"user_id": [1, 2]}), pd.DataFrame({"user_id": [2, 3]})
        >>> drift = compare_audiences(march, april, allowed={"stayed": (0.9, 1)})
        >>> drift.facts["alarms"]
        ['stayed is 0.5, outside [0.9, 1].']
    """
    options: dict[str, Any] = {"users": users, "facets": facets, "items": items, "size": size}
    kinds = kind_of(before), kind_of(after)
    if kinds[0] != kinds[1]:
        raise DataError(
            f"{kinds[0].capitalize()} and {kinds[1]} cannot be compared; give two of one kind."
        )
    first, second = (snapshot_of(side, **options) for side in (before, after))
    ranges = {"agreement of attributions": (LEAST_AGREEMENT, 1.0)} | dict(allowed or {})
    rows = _rows(first, second, seed)
    if not rows:
        raise DataError("The two have nothing in common that could be compared.")
    alone = _on_one_side(first, second)
    names = {row["metric"] for row in rows} | set(alone.values())
    _check(ranges, names, set(allowed or {}))
    table = pd.DataFrame([row | _judged(row, ranges) for row in rows])
    table = table.assign(better="one", protocol=first.kind, n=len(rows), seed=seed, spread=np.nan)
    points = measures_in_points(table["metric"])
    alarms = [_sentence(row, points) for row in table[table["alarm"]].to_dict("records")]
    lost = [
        f"{text} has a value on one side only." for text, name in alone.items() if name in ranges
    ]
    facts = {
        "study": "drift",
        "of": first.kind,
        "alarms": alarms + lost,
        "entered": _ids(second.listed, first.listed),
        "left": _ids(first.listed, second.listed),
        "not_compared": list(alone),
        "attributions": _attributions(first, second),
        "ranges": {name: list(ends) for name, ends in ranges.items()},
        "points": points,
        "versions": library_versions(),
    }
    if command is not None:
        facts["command"] = command
    arrays = {f"{side}.{name}": numbers for side, shot in (("before", first), ("after", second))
              for name, numbers in shot.numbers.items()}  # fmt: skip
    return StudyResult(table, _answer(table, alarms, lost, list(alone)), facts, arrays)


def _rows(first: Snapshot, second: Snapshot, seed: int) -> list[dict[str, Any]]:
    rows = []
    if first.listed is not None and second.listed is not None:
        both = len(first.listed.intersection(second.listed))
        rows.append(_row("entered", "", np.nan, float(len(second.listed) - both)))
        rows.append(_row("left", "", np.nan, float(len(first.listed) - both)))
        rows.append(_row("stayed", "", np.nan, both / max(len(first.listed), 1)))
    for name in sorted(first.numbers.keys() & second.numbers.keys()):
        old, new = first.numbers[name], second.numbers[name]
        ends = comparison_intervals(old, new, seed=seed)
        for comparison, compare in COMPARISONS.items():
            before = float(old.mean()) if comparison == "mean" else np.nan
            row = f"{comparison} of {name}", "", before, compare(old, new)
            rows.append(_row(*row, ends[comparison]))
    for key in sorted(first.measures.keys() & second.measures.keys()):
        old_value, new_value = first.measures[key], second.measures[key]
        rows.append(_row(key[2], key[1], old_value, new_value, second.intervals.get(key)))
    if first.attributions and second.attributions:
        agreement = attribution_agreement(first.attributions, second.attributions)
        rows.append(_row("agreement of attributions", "", np.nan, agreement))
    return rows


def _row(
    metric: str,
    group: str,
    before: float,
    after: float,
    ends: tuple[float, float] | None = None,
) -> dict[str, Any]:
    low, high = (np.nan, np.nan) if ends is None else ends
    return {"metric": metric, "group": group, "before": before, "after": after, "value": after,
            "after_low": low, "after_high": high}  # fmt: skip


def _attributions(first: Snapshot, second: Snapshot) -> list[dict[str, Any]]:
    """Return what each player moved before and moves after."""
    return [
        {"player": player, "before": before, "after": second.attributions[player]}
        for player, before in first.attributions.items()
        if player in second.attributions
    ]


def _judged(row: Mapping[str, Any], ranges: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """Return the range of a row and whether it raises an alarm; one without a value does."""
    if row["metric"] not in ranges:
        return {"low": np.nan, "high": np.nan, "alarm": False}
    low, high = ranges[row["metric"]]
    return {"low": low, "high": high, "alarm": not low <= row["after"] <= high}


def _check(ranges: Mapping[str, tuple[float, float]], names: set[str], asked: set[str]) -> None:
    if absent := sorted(asked - names):
        raise SettingsError(
            f"A range is given for '{absent[0]}', which is not compared here; there are "
            f"{', '.join(sorted(names))}."
        )
    for name, (low, high) in ranges.items():
        if not low <= high:
            raise SettingsError(f"The range of '{name}', [{low}, {high}], is empty.")
        if measures_in_points([name]) and max(abs(low), abs(high)) > 1:
            raise SettingsError(
                f"The range of '{name}', [{low:g}, {high:g}], goes beyond any difference of "
                "shares, -1 to 1; write five points as 0.05."
            )


def _sentence(row: Any, points: list[str]) -> str:
    group = f" of '{row['group']}'" if row["group"] else ""
    pointed = row["metric"] in points
    low, high = (in_points(row[k], "") if pointed else f"{row[k]:g}" for k in ("low", "high"))
    ends = f"[{low}, {high}]"
    after = in_points(row["after"]) if pointed else f"{row['after']:.3g}"
    if np.isnan(row["after"]):
        return f"{row['metric']}{group} has no value (too few to say), so nothing is within {ends}."
    return f"{row['metric']}{group} is {after}, outside {ends}."


def _ids(these: pd.Index[Any] | None, those: pd.Index[Any] | None) -> list[str]:
    if these is None or those is None:
        return []
    return [str(one) for one in these.difference(those, sort=False)]


def _on_one_side(first: Snapshot, second: Snapshot) -> dict[str, str]:
    """Return what only one of the two has, such as measures of a group that is gone: its metric."""
    alone = sorted(first.measures.keys() ^ second.measures.keys())
    return {f"{metric} of '{group}'": metric for _, group, metric in alone}


def _answer(table: pd.DataFrame, alarms: list[str], lost: list[str], alone: list[str]) -> str:
    watched = int(table["low"].notna().sum()) + len(lost)
    alarms = alarms + lost
    if alarms:
        first = " ".join(alarms[:_SHOWN])
        more = f" {len(alarms) - _SHOWN} more." if len(alarms) > _SHOWN else ""
        said = f"{len(alarms)} of {watched} watched numbers raise an alarm: {first}{more}"
    elif not watched:
        said = f"{len(table)} numbers are compared; no range was given to watch."
    else:
        said = f"None of {watched} watched numbers lies outside its range."
    said += _of_lists(table)
    if not alone:
        return said
    return f"{said} Not compared, as only one side has them: {len(alone)}, such as {alone[0]}."


def _of_lists(table: pd.DataFrame) -> str:
    """Return how many stayed on the list, where lists are compared."""
    after = table.set_index("metric")["after"]
    if not {"stayed", "entered", "left"} <= set(after.index):
        return ""
    stayed, entered, left = (float(after[name]) for name in ("stayed", "entered", "left"))
    return f" {100 * stayed:.0f} % of the list stayed: {entered:.0f} entered, {left:.0f} left."
