"""The protocol "audience": an arm and a seed to the hits of one cell, at the cuts of a calendar."""

from __future__ import annotations

import time
from collections.abc import Mapping
from inspect import signature
from typing import Annotated, Any, Literal, Self

import numpy as np
import scipy.sparse as sp
from pydantic import Field, model_validator

from tsgen.metrics import select_items, select_users, without

from ..audience_rows import ROWS, model_scores
from ..calendar import Window, calendar_windows
from ..settings import ArmSettings, Count, StudyPart, StudySettings, refuse_idle
from ..sources import StudySources

__all__ = ["AudienceArm", "AudienceStudy", "audience"]


RowName = Literal[
    "random", "popularity", "decayed-pairs", "neighbours", "factors", "ranker", "oracle",
    "oracle-relevance",
]  # fmt: skip
"""The keys of `ROWS`."""


class AudienceStudy(StudySettings):
    """A study of audiences at the cuts of a calendar."""

    part: StudyPart
    """What is scored."""
    origins: Count = 1
    """Cut-offs, a horizon apart."""
    num_items: Count | None = None
    """Candidates: the most frequent items; all by default."""
    exclude_seen: bool = False
    """Whether pairs that had an event before the cut-off are left out of the lists."""
    judged: list[str] = Field(default_factory=list)
    """Arms that are set against those in `against`, pair by pair."""
    against: list[str] = Field(default_factory=list)
    """Arms they are set against."""


class AudienceArm(ArmSettings):
    """A RIM by its settings, or a simple rule by its name and options (see `ROWS`)."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of RIM; all others are the default."""
    row: RowName | None = None
    """A simple rule in the place of RIM."""
    scale: Annotated[float, Field(gt=0)] | None = None
    """Of "decayed-pairs" and "neighbours": horizons in which an event fades to a third."""
    num: Count | None = None
    """Of "neighbours": how many."""
    users: Annotated[float, Field(gt=0)] | None = None
    """Of "popularity": horizons in which events of users fade."""
    items: Annotated[float, Field(gt=0)] | None = None
    """Of "popularity": horizons in which events of items fade."""
    kind: Literal["als", "bpr"] | None = None
    """Of "factors"."""
    activity: bool | None = None
    """Of "factors": whether they are multiplied with the user's activity."""
    relevance: Literal["popularity", "model"] | None = None
    """Of "oracle"."""

    @model_validator(mode="after")
    def _only_its_own_options(self) -> Self:
        refuse_idle(self, "row", "settings")
        taken = {} if self.row is None else signature(ROWS[self.row]).parameters
        for name in self.model_fields_set - {"settings", "row", *taken}:
            whose = "RIM" if self.row is None else f"the row '{self.row}'"
            raise ValueError(f"{whose} has no option '{name}'; leave it out")
        return self


def audience(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Score each window; precision at 1 % of the users and of the items, a hit once a pair.

    New pairs have lists of their own, selected without the pairs that were seen.
    """
    begin = time.process_time()
    results = [_judge(study, window, arm, seed) for window in calendar_windows(study, sources)]
    names = results[0]["measures"]
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "measures": {
            name: {"value": round(float(np.mean([r["measures"][name] for r in results])), 5)}
            for name in names
        },
        "windows": results,
    }


def _judge(
    study: Mapping[str, Any], window: Window, arm: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    if "row" in arm:
        options = {k: v for k, v in arm.items() if k != "row"}
        scores = ROWS[arm["row"]](window, seed, **options)
    else:
        scores = model_scores(window, seed, arm.get("settings", {}))
    seen = sp.csr_array(window.events.pair_counts() > 0, dtype=float)
    target = sp.csr_array(window.targets > 0, dtype=float)
    new = without(target, seen)
    result: dict[str, Any] = {"facts": window.facts, "measures": {}, "hits": {}, "selected": {}}
    excluded = seen if study.get("exclude_seen") else None
    for side, select in (("user_rec", select_users), ("item_rec", select_items)):
        for name, wanted, exclude in ((side, target, excluded), (f"{side}_new", new, seen)):
            selected = select(scores, exclude=exclude)
            hit = sp.csr_array(selected.multiply(wanted))
            result["measures"][name] = hit.sum() / selected.sum()
            result["hits"][name] = _compact(hit)
            result["selected"][name] = float(selected.sum())
    return result


def _compact(hits: sp.csr_array) -> str:
    """Return "user:hits user:hits ..." of the users that have any."""
    counts = np.asarray(hits.sum(axis=1)).ravel().astype(int)
    return " ".join(f"{user}:{counts[user]}" for user in np.flatnonzero(counts))
