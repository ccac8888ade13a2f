"""The protocol "audience": from an arm and a seed to measures, at the cuts of a calendar."""

from __future__ import annotations

import time
from collections.abc import Mapping
from inspect import signature
from typing import Annotated, Any, Literal, Self

import numpy as np
import scipy.sparse as sp
from pydantic import Field, field_validator, model_validator

from tsgen.data.events import read_span
from tsgen.metrics import (
    ReselectedPrecision,
    WeightedMeasure,
    bootstrap,
    one_percent,
    without,
)
from tsgen.scores import ScoreBlocks, as_scores, top_columns

from ...audience import of_items, of_users, precision_of, selected_pairs
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

_DRAWS = 200
"""Of users with replacement."""


class AudienceStudy(StudySettings):
    """A study of audiences at the cuts of a calendar."""

    part: StudyPart
    """What is scored."""
    origins: Count = 1
    """Cut-offs, a horizon apart."""
    horizon: str | None = None
    """A length of time, such as "28D"; None is from the last cut-off to the end of the log."""
    user: str = "user_id"
    """The column that counts as the user; events without one are left out."""
    num_items: Count | None = None
    """Candidates: the most frequent items; all by default."""
    exclude_seen: bool = False
    """Whether pairs that had an event before the cut-off are left out of the lists."""
    judged: list[str] = Field(default_factory=list)
    """Arms that are set against those in `against`, pair by pair."""
    against: list[str] = Field(default_factory=list)
    """Arms they are set against."""

    @field_validator("horizon")
    @classmethod
    def _is_a_length(cls, horizon: str | None) -> str | None:
        if horizon is not None:
            read_span(horizon)
        return horizon


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
    """Score each window at 1 % of the users and of the items, a hit once a pair.

    New pairs have lists of their own, selected without the pairs that were seen. Measures of
    `FIELD` are over items, and over users, with something to find.
    """
    begin = time.process_time()
    windows = calendar_windows(study, sources)
    results = [_judge(study, window, k, arm, seed) for k, window in enumerate(windows)]
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
    study: Mapping[str, Any], window: Window, place: int, arm: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    if "row" in arm:
        options = {k: v for k, v in arm.items() if k != "row"}
        scores = ROWS[arm["row"]](window, seed, **options)
    else:
        scores = model_scores(window, seed, arm.get("settings", {}))
    seen = sp.csr_array(window.events.pair_counts() > 0, dtype=float)
    target = sp.csr_array(window.targets > 0, dtype=float)
    excluded = seen if study.get("exclude_seen") else None
    weighted, fixed = _measures(as_scores(scores), without(target, excluded), seen, excluded)
    n = target.shape[0]
    values = {name: float(measure(np.ones((1, n)))[0]) for name, measure in weighted.items()}
    drawn = bootstrap(weighted, n, _DRAWS, place)  # the same users for every arm
    return {
        "facts": window.facts,
        "measures": values | fixed,
        "drawn": {name: " ".join(f"{v:.5f}" for v in draws) for name, draws in drawn.items()},
    }


def _measures(
    scores: ScoreBlocks, target: sp.csr_array, seen: sp.csr_array, excluded: sp.csr_array | None
) -> tuple[dict[str, WeightedMeasure], dict[str, float]]:
    """Return the measures that draws of users apply to, and those that none apply to."""
    users, items = (one_percent(size) for size in scores.shape)
    audiences = ReselectedPrecision.of(scores, target, users, exclude=excluded)
    best_items = top_columns(scores, items, exclude=excluded)[0]
    new = without(target, seen)
    unseen_items = top_columns(scores, items, exclude=seen)[0]
    asked = np.diff(sp.csr_array(target.T).indptr) > 0
    weighted: dict[str, WeightedMeasure] = {
        "user_rec": audiences,
        "user_rec_new": ReselectedPrecision.of(scores, new, users, exclude=seen),
        "item_rec": precision_of(selected_pairs(best_items, scores.shape), target),
        "item_rec_new": precision_of(selected_pairs(unseen_items, scores.shape), new),
        "user_rec_precision_with_targets": audiences.of_items(asked),
        **of_users(best_items, target),
    }
    fixed = of_items(audiences.best, target)
    return weighted, {name: value for name, value in fixed.items() if name not in weighted}
