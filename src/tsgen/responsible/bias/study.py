"""`bias_report`: of an audience, or of all lists of a model, is a group left out?"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.contracts import PartedModel
from tsgen.data.events import read_span
from tsgen.errors import DataWarning, SettingsError, nearest
from tsgen.metrics import bootstrap
from tsgen.results import StudyResult, library_versions
from tsgen.rng import resolve_seed

from ..facets import AttributeTable, Facet, FacetChoice, attributes_of, read_facets
from .answer import bias_answer
from .counts import GroupSums
from .group_table import group_rows
from .measures import GROUP_MEASURES, measures_in_points
from .population import Lists, lists_of_model, lists_of_table
from .rows import MeasureDraws, SplitDraws, measure_rows, split_rows
from .strata import strata_codes

__all__ = ["bias_report"]

CHOICE = (
    "No attribute and no threshold is chosen for you: which groups matter, and what would be "
    "unfair, is yours to say."
)


def bias_report(
    audience: PartedModel | pd.DataFrame,
    users: pd.DataFrame | None = None,
    *,
    facets: FacetChoice,
    items: list[Any] | None = None,
    size: int | None = None,
    outcomes: Any = None,
    at: Any = None,
    horizon: str | None = None,
    events: Any = None,
    strata: str | None = None,
    line: float | None = None,
    draws: int = 500,
    seed: int | None = 0,
    command: str | None = None,
) -> StudyResult:
    """Compare how groups of users are taken into an audience, and what they did later.

    Everybody who could have been listed counts. Users without an attribute are a group of their
    own, "unknown". Each number has an interval of 95 % that draws users anew and keeps the lists;
    one that fewer than 30 users carry is "too few to say" instead.

    Args:
        audience: A table of user_id (and item_id where there are several lists); or a model, whose
            gap is then split into activity, relevance and the pair's own past.
        users: One row a user: user_id and attributes. None takes what the model knows.
        facets: Which groups: "gender", "job=student|artist", "age<25", "gender=F & age<25", or a
            list of these, or a table of columns and values. None is chosen for you.
        items: Items of the campaign. Of a model, None makes a list for each item.
        size: Users of a list of a model; None is 1 % of them.
        outcomes: What users did later: an event log, or the ids of those who acted. Events before
            the cut-off (or `at`) are left out and counted.
        at: When outcomes begin; None is the model's cut-off, or the begin of the log.
        horizon: How long outcomes count, "28D"; None is the model's, or all.
        events: A newer log that a model lists by; see `AudienceModel.scores`.
        strata: A column of the users, or "activity" of a model, within which disparity is looked
            at, too; numbers are cut into quarters.
        line: A ratio that the picture draws a line at, such as 0.8; None draws none.
        draws: Draws of the bootstrap.
        seed: Same seed, same numbers; None draws one, which is recorded.
        command: What was typed, to be kept with the result.

    Returns:
        A result of the kind "bias": a row for each facet, group and measure (`GROUP_MEASURES`, and
        of a model the three parts of DPPL), with `low`, `high`, `support` (users that carry it) and
        `note`.

    Raises:
        SettingsError: A column is not there, or a setting is impossible.
        DataError: A group has nobody in it, or no outcome lies in the window.
        MissingExtraError: fairlearn is not installed.

    Example:
        >>> import pandas as pd
        >>> from tsgen.responsible import bias_report
        >>> users = pd.DataFrame({"user_id": range(1000), "sex": ["f", "m"] * 500})
        >>> listed = users[users["user_id"] % 10 == 0]  # nobody of the other sex
        >>> report = bias_report(listed, users, facets="sex", draws=50)
        >>> report.value("DPPL", group="m")
        0.2
    """
    seed = resolve_seed(seed)
    if draws < 2:
        raise SettingsError(f"draws={draws} is not possible: draw at least twice.")
    if line is not None and not 0 < line < math.inf:
        raise SettingsError(f"line={line} is no ratio; give a number above 0, such as 0.8.")
    lists, table = _population(audience, users, items, size, at, events)
    begin, length = _window(audience, at, horizon)
    if outcomes is not None:
        lists = lists.with_outcomes(outcomes, begin, length)
    groups = read_facets(table, facets)
    codes = _strata(strata, table, lists)
    rows = [row for facet in groups for row in _facet_rows(facet, lists, codes, draws, seed)]
    numbers = pd.DataFrame(rows).assign(protocol="groups", n=len(table), seed=seed)
    facts = {
        "study": "bias",
        "of": "model" if isinstance(lists.split, np.ndarray) else "audience",
        "groups": [row for facet in groups for row in group_rows(facet, lists.selection())],
        "settings": {"facets": [g.name for g in groups], "strata": strata, "line": line,
                     "bootstrap_draws": draws, "items": _texts(items)},
        "counts": lists.facts | {"users": len(table), "without attributes": table.strangers},
        "outcomes": outcomes is not None,
        "choice": CHOICE,
        "measures": {name: measure.meaning for name, measure in GROUP_MEASURES.items()},
        "points": measures_in_points(numbers["metric"]),
        "seed": seed,
        "versions": library_versions(),
    }  # fmt: skip
    if command is not None:
        facts["command"] = command
    return StudyResult(numbers, bias_answer(numbers, facts), facts)


def _population(
    audience: Any, users: pd.DataFrame | None, items: Any, size: int | None, at: Any, events: Any
) -> tuple[Lists, AttributeTable]:
    """Return the lists, and the attributes of everybody who could have been in one."""
    parted = hasattr(audience, "score_parts")
    if users is None:
        users = audience.user_attributes if parted else None
        if users is None:
            raise SettingsError(
                "There is no table of users, and the model has none: give users=, one row a user."
            )
    if parted:
        lists = lists_of_model(audience, items, size, at, events)
    elif size is not None or events is not None:
        raise SettingsError("size and events are of a model; an audience is taken as it is.")
    else:
        lists = lists_of_table(pd.DataFrame(audience), users, items)
    table = attributes_of(lists.user_ids, users)
    if table.strangers:
        warnings.warn(
            f"{table.strangers} of {len(table)} users are not in the table of users; they are "
            "counted as 'unknown'.",
            DataWarning,
            stacklevel=3,
        )
    return lists, table


def _window(audience: Any, at: Any, horizon: str | None) -> tuple[Any, int | None]:
    begin = getattr(audience, "cutoff", None) if at is None else at
    if horizon is None:
        horizon = audience.horizon if hasattr(audience, "score_parts") else None
    return begin, None if horizon is None else read_span(horizon)


def _strata(name: str | None, table: AttributeTable, lists: Lists) -> Integers | None:
    if name is None:
        return None
    if name == "activity" and lists.activity is not None:
        return strata_codes(pd.Series(lists.activity))
    if name not in table.columns:
        raise SettingsError(
            f"strata='{name}' is no column of the users.{nearest(name, table.columns)} They have: "
            f"{', '.join(map(str, table.columns))}; of a model it may be 'activity'."
        )
    return strata_codes(table.columns[name])


def _facet_rows(
    facet: Facet, lists: Lists, strata: Integers | None, draws: int, seed: int
) -> list[dict[str, Any]]:
    """Return the rows of one facet: measures, and the parts of the gap."""
    selection = lists.selection()
    codes = np.zeros(len(selection), np.int64) if strata is None else strata
    sums = GroupSums(facet, selection, codes)
    wanted = [
        m
        for m in GROUP_MEASURES.values()
        if (lists.acted is not None or not m.needs_outcomes)
        and (strata is not None or not m.by_stratum)
    ]
    measured = MeasureDraws(sums, wanted)
    drawn: dict[str, Array] = bootstrap({"": measured}, len(selection), draws, seed)
    rows = measure_rows(measured, drawn[""])
    if lists.split is not None:
        parts = SplitDraws(facet, selection.places, lists.split, selection.selected)
        rows += split_rows(parts, bootstrap({"": parts}, len(selection), draws, seed)[""], rows)
    return rows


def _texts(items: list[Any] | None) -> list[str] | None:
    return None if items is None else [str(item) for item in items]
