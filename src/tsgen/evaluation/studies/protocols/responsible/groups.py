"""Is a group left out of an audience, where does the gap come from, and what does repair cost?

A model that is given no attribute of users is trained on the events before `share` of all; the
audience of the items whose `column` has the word `word` (parts of a text are divided by "|") is the
best `size` of the users, and outcomes are what they did in the rest of the log. Each facet has its
ratio of shares taken (DI), the gap and its parts, the gap of outcomes (DPL), and the audience
repaired to a ratio of `min_ratio`: the ratio then, precision before and after, and the loss.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from tsgen.contracts import audience_estimator
from tsgen.data import Interactions
from tsgen.errors import DataError
from tsgen.responsible import bias_report, rebalance
from tsgen.results import StudyResult
from tsgen.training import TrainingOptions

from ...settings import ArmSettings, StudySettings
from ...sources import StudySources

__all__ = ["GroupsArm", "GroupsStudy", "groups"]

_PARTS = ("activity", "relevance", "own past")
Part = Annotated[float, Field(gt=0, lt=1)]


class GroupsStudy(StudySettings):
    """A study of who is targeted."""

    column: str
    """Column of the table of items."""
    word: str
    """What it holds for items of the campaign."""
    facets: Annotated[list[str], Field(min_length=1)]
    """Groups of users that are looked at."""
    share: Part = 0.8
    """Events before the cut-off."""
    size: Part = 0.2
    """Users in the audience."""
    min_ratio: Part = 0.8
    """What repair asks for."""


class GroupsArm(ArmSettings):
    """A model that lists."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of RIM; all others are the default."""


def groups(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Train the arm's model, report on its audience by each facet, and repair it."""
    table = sources.events(study["data"]).sort_values("timestamp", kind="stable")
    log = Interactions.from_frame(
        table[["user_id", "item_id", "timestamp"]].assign(
            timestamp=pd.to_datetime(table["timestamp"], unit="s")
        ),
        on_duplicate="keep",
    )
    cut = int(np.quantile(log.time, study.get("share", 0.8)))
    horizon = f"{int(log.time.max()) + 1 - cut}us"
    begin = time.process_time()
    estimator = audience_estimator("rim")(horizon=horizon, **arm.get("settings", {}))
    options = TrainingOptions(seed=seed, device="cpu", progress=False)
    stamp = pd.Timestamp(cut, unit="us")
    past = log.where(log.time < cut).present()
    model = estimator.train(past, at=stamp, options=options)
    listed: dict[str, Any] = {
        "users": sources.users(study["data"]),
        "items": _items(study, sources.items(study["data"]), model),
        "size": round(study.get("size", 0.2) * len(model.states)),
        "outcomes": log,
    }
    report = bias_report(model, facets=study["facets"], seed=seed, **listed)
    measures: dict[str, Any] = {}
    for facet in study["facets"]:
        measures |= _measured(report, facet)
        ratio = study.get("min_ratio", 0.8)
        measures |= _repaired(model, facet, ratio, listed, seed)
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "items": len(listed["items"]),
        "size": listed["size"],
        "answer": report.answer,
        "measures": measures,
    }


def _items(study: Mapping[str, Any], table: pd.DataFrame, model: Any) -> list[Any]:
    """Return the items of the campaign that have a score.

    Raises:
        DataError: There is no such column, or no such item.
    """
    if study["column"] not in table:
        raise DataError(f"The table of items has no column '{study['column']}'.")
    words = table[study["column"]].astype("string").fillna("").str.split("|")
    fitting = table.index[[study["word"] in parts for parts in words]]
    parts = model.score_parts()
    scored = set(parts.item_ids[~np.isneginf(parts.shares.item_bias)])
    items = [item for item in fitting if item in scored]
    if not items:
        raise DataError(f"No item of the log has '{study['word']}' as its {study['column']}.")
    return items


def _measured(report: StudyResult, facet: str) -> dict[str, Any]:
    """Return ratio, gap, parts and outcomes of each group of a facet, those that are said."""
    names = {"DI": "ratio", "DPPL": "gap", "DPL": "gap of outcomes"}
    names |= {f"DPPL from {part}": f"gap by {part}" for part in _PARTS}
    rows = report.table[(report.table["facet"] == facet) & report.table["metric"].isin(names)]
    return {
        f"{row['group']}: {names[row['metric']]}": _rounded(row)
        for row in rows.to_dict("records")
        if row["value"] == row["value"]
    }


def _rounded(row: Mapping[Any, Any]) -> dict[str, float]:
    return {name: round(float(row[name]), 4) for name in ("value", "low", "high")}


def _repaired(
    model: Any, facet: str, ratio: float, listed: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """Return what the audience is after repair, and what it costs."""
    fair = rebalance(model, facet=facet, min_ratio=ratio, seed=seed, **listed)
    price, size = fair.price, listed["size"]
    before = max(price["realised before"], 1)
    low, high = price["realised difference"]
    realised = (price["realised after"] - price["realised before"]) / before
    interval = {"value": realised, "low": low / before, "high": high / before}
    numbers = {
        "users swapped": int(fair.audience["swapped"].sum()),
        "precision before": price["realised before"] / size,
        "precision after": price["realised after"] / size,
        "expected lost": price["lost_share"],
    }
    repaired = {f"{facet} repaired: {name}": {"value": round(float(value), 4)}
                for name, value in numbers.items()}  # fmt: skip
    shares = fair.groups.set_index("group")["share_after"]
    others = shares.drop(index=[facet, "unknown"], errors="ignore")
    if facet in shares.index and len(others) == 1:
        least = {"value": round(float(shares[facet] / others.iloc[0]), 4)}
        repaired[f"{facet} repaired: ratio"] = least
    return repaired | {f"{facet} repaired: precision changed by": _rounded(interval)}
