"""What is compared of a model, an audience, a log or a report: listed users, numbers, measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.data import Interactions
from tsgen.data.events import Vocabulary
from tsgen.errors import DataError, SettingsError
from tsgen.results import StudyResult

from ..bias import bias_report, campaign_scores
from ..facets import FacetChoice

__all__ = ["Snapshot", "kind_of", "snapshot_of"]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One side of a comparison.

    Attributes:
        kind: "model", "audience", "log" or "report".
        listed: Ids of the users listed, or None.
        numbers: Distributions over users, by name.
        measures: (facet, group, metric) -> value, those that were said.
        attributions: Player -> mean absolute attribution.
        intervals: Ends of the 95 % intervals of measures.
    """

    kind: str
    listed: pd.Index[Any] | None = None
    numbers: Mapping[str, Array] = field(default_factory=dict)
    measures: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    attributions: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[tuple[str, str, str], tuple[float, float]] = field(default_factory=dict)


def kind_of(side: Any) -> str:
    """Return what a side is: "model", "audience", "log" or "report".

    Raises:
        DataError: It is nothing that can be compared.
    """
    if isinstance(side, StudyResult):
        return "report"
    if isinstance(side, Interactions):
        return "log"
    if hasattr(side, "score_parts"):
        return "model"
    if isinstance(side, pd.DataFrame) and "user_id" in side:
        return "audience"
    raise DataError(
        f"{type(side).__name__} cannot be compared; give a model, a table of user_id, "
        "Interactions, or a result of bias_report or explain_scores."
    )


def snapshot_of(
    side: Any,
    *,
    users: pd.DataFrame | None = None,
    facets: FacetChoice | None = None,
    items: list[Any] | None = None,
    size: int | None = None,
) -> Snapshot:
    """Return what can be compared of a model, a list, a log, or the result of a report.

    Args:
        side: A model, a table of user_id (an audience), `Interactions`, or a `StudyResult` of the
            kind "bias" or "explanation".
        users: Attributes, for measures of groups.
        facets: Groups; None measures none.
        items: Items of the campaign of a model.
        size: Users of its list.

    Raises:
        SettingsError: A model is given without items and size, or something has no effect.
        DataError: It is nothing that can be compared.
    """
    asked = {"users": users, "facets": facets, "items": items, "size": size}
    kind = kind_of(side)
    if kind == "report":
        _refuse_idle(asked, "a report", asked)
        return _of_report(side)
    if kind == "log":
        _refuse_idle(asked, "a log", asked)
        return Snapshot("log", None, {"activity": side.lengths.astype(np.float64)})
    if kind == "model":
        snapshot = _of_model(side, items, size)
    else:
        _refuse_idle(asked, "an audience", ("items", "size"))
        snapshot = _of_audience(side)
    if facets is None:
        _refuse_idle(asked, "a comparison without facets", ("users",))
        return snapshot
    options: dict[str, Any] = {"items": items, "size": size} if snapshot.kind == "model" else {}
    report = bias_report(side, users, facets=facets, draws=200, **options)
    return replace(snapshot, measures=_measures(report), intervals=_intervals(report))


def _refuse_idle(asked: Mapping[str, Any], what: str, names: Iterable[str]) -> None:
    if idle := [name for name in names if asked[name] is not None]:
        raise SettingsError(f"{idle[0]} has no effect on {what}; leave it out.")


_NAMES = {"intensity": "scores", "activity": "activity"}


def _of_model(model: Any, items: list[Any] | None, size: int | None) -> Snapshot:
    if items is None or size is None:
        raise SettingsError("The lists of models are compared for items and a size: give both.")
    parts = model.score_parts()
    columns = Vocabulary(parts.item_ids, "item").find(items)
    scores, allowed = campaign_scores(parts, columns)
    order = np.argsort(-np.where(allowed, scores, -np.inf), kind="stable")[:size]
    numbers = {"scores": scores[allowed], "activity": parts.activity}
    return Snapshot("model", parts.user_ids[order], numbers)


def _of_audience(listed: pd.DataFrame) -> Snapshot:
    names = [name for name in ("intensity", "activity") if name in listed]
    numbers = {_NAMES[name]: listed[name].to_numpy(float) for name in names}
    return Snapshot("audience", pd.Index(listed["user_id"]), numbers)


def _of_report(result: StudyResult) -> Snapshot:
    if result.kind == "bias":
        return Snapshot("report", measures=_measures(result), intervals=_intervals(result))
    if result.kind == "explanation":
        rows = result.table[result.table["metric"] == "mean absolute"]
        return Snapshot(
            "report", attributions=dict(zip(rows["player"], rows["value"], strict=True))
        )
    raise DataError(
        f"A result of the kind '{result.kind}' cannot be compared; give one of bias_report or "
        "explain_scores."
    )


def _measures(report: StudyResult) -> dict[tuple[str, str, str], float]:
    stated = report.table[report.table["value"].notna()]
    keys = zip(stated["facet"], stated["group"], stated["metric"], strict=True)
    return dict(zip(keys, stated["value"], strict=True))


def _intervals(report: StudyResult) -> dict[tuple[str, str, str], tuple[float, float]]:
    stated = report.table[report.table["value"].notna()]
    keys = zip(stated["facet"], stated["group"], stated["metric"], strict=True)
    return dict(zip(keys, zip(stated["low"], stated["high"], strict=True), strict=True))
