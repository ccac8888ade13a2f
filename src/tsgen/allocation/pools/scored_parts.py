"""Pairs of more users than memory holds: scored part by part, kept in files, read in blocks."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Indices, Integers, Singles
from tsgen.data import Vocabulary

from ..campaigns import Plan
from ..protocol import CampaignModel
from ..solving import row_blocks
from .base import CampaignPairs, plan_fields
from .pool import Pool, item_columns, unseen_users

__all__ = ["ScoredPool", "score_part", "scoring_settings"]

_KINDS = ("engagements", "values")
_BLOCK = 4_000_000  # pairs to evaluate at a time


def score_part(model: CampaignModel, plan: Plan, *, at: Any, events: Any) -> pd.DataFrame:
    """Return what some users bring to campaigns, whatever filters and limits say.

    Where a value is "spend" it is what the model has learnt, as some users' log says no prices.

    Args:
        model: A fitted model.
        plan: The campaigns.
        at: When the horizon begins.
        events: The users' whole histories.

    Returns:
        One row a user: user_id, present, "unseen K" of each campaign K that excludes who has seen
        its items, and "engagements K" and "values K" of all. `attrs["at"]` is the time.
    """
    pool = Pool.of(model, _bare(plan), at=at, events=events, learnt=True)
    users = pool.candidates
    unseen = unseen_users(plan, users, item_columns(model, users, plan))
    columns = {"user_id": users.users.ids, "present": users.present}
    columns |= {f"unseen {k}": mask for k, mask in unseen.items()}
    blocks = [pool.brought(rows) for rows in row_blocks(pool.shape, _BLOCK)]
    parts = [pd.DataFrame(columns)]
    for kind, numbers in zip(_KINDS, zip(*blocks, strict=True), strict=True):
        parts.append(pd.DataFrame(np.concatenate(numbers), columns=_names(kind, pool.shape[1])))
    table = pd.concat(parts, axis=1)
    table.attrs = {"at": int(users.at)}
    return table


def scoring_settings(plan: Plan) -> list[dict[str, Any]]:
    """Return what `score_part` depends on: limits, lists and filters may change without it."""
    names = ("items", "item_where", "value", "min_probability", "exclude_seen")
    return [{name: getattr(campaign, name) for name in names} for campaign in plan.campaigns]


def _bare(plan: Plan) -> Plan:
    """Return the campaigns without what needs all users at once: filters, lists, costs."""
    nothing: dict[str, Any] = {
        "exclude": None, "where": {}, "exclude_where": {}, "exclude_seen": False, "cost": 0.0,
        "budget": None,
    }  # fmt: skip
    campaigns = tuple(campaign.model_copy(update=nothing) for campaign in plan.campaigns)
    return plan.model_copy(update={"campaigns": campaigns, "budget": None})


def _names(kind: str, num: int) -> list[str]:
    return [f"{kind} {k}" for k in range(num)]


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoredPool(CampaignPairs):
    """Pairs that `score_part` has scored, users in the order of their ids.

    Attributes:
        places: (n,) row of each user in the files.
        numbers: Engagements and values, (n, campaigns) float32 each, in files.
        columns: (m,) column of each list.
    """

    places: Integers
    numbers: tuple[AnyArray, AnyArray]
    columns: Indices

    @classmethod
    def of(
        cls,
        model: CampaignModel,
        plan: Plan,
        parts: Iterable[pd.DataFrame],
        folder: Path,
        *,
        exclude: Any = None,
    ) -> Self:
        """Put parts together: what they bring in files, what is said of users in memory.

        Args:
            model: The fitted model.
            plan: The campaigns, as the parts were scored for.
            parts: What `score_part` returned, of disjoint users.
            folder: Where files are written.
            exclude: Ids of users whom no campaign may contact.

        Raises:
            SettingsError: A filter or a column of costs is not possible.
            DataError: A list or a filter leaves nobody out, or a user has no cost.
        """
        m = len(plan.campaigns)
        files = tuple(folder / f"{kind}.f32" for kind in _KINDS)
        rest = [_filed(part, files, m, first=not k) for k, part in enumerate(parts)]
        users, places = _in_order([table["user_id"] for table in rest])
        masks = {name: np.concatenate([t[name].to_numpy(bool) for t in rest])[places]
                for name in rest[0].columns[1:]}  # fmt: skip
        at = int(rest[0].attrs["at"])
        candidates = model.candidates().of_users(users, masks["present"], at)
        unseen = {k: masks[f"unseen {k}"] for k in range(m) if f"unseen {k}" in masks}
        shape = (len(users), m)
        one, other = (np.memmap(file, np.float32, "r", shape=shape) for file in files)
        return cls(
            **plan_fields(plan, model, candidates, exclude, unseen),
            places=places,
            numbers=(one, other),
            columns=np.arange(m),
        )

    def brought(self, rows: Indices) -> tuple[Singles, Singles]:
        """See `CampaignPairs`."""
        at = self.places[rows]
        engagements, values = (numbers[at] for numbers in self.numbers)
        if len(self.columns) == self.numbers[0].shape[1] == self.shape[1]:
            return np.array(engagements), np.array(values)
        return engagements[:, self.columns], values[:, self.columns]

    def _of_columns(self, campaigns: Indices) -> Self:
        return replace(self, columns=self.columns[campaigns])


def _filed(part: pd.DataFrame, files: tuple[Path, ...], num: int, *, first: bool) -> pd.DataFrame:
    """Write what a part brings to the ends of files; return what it says of users."""
    with ExitStack() as opened:
        for kind, file in zip(_KINDS, files, strict=True):
            target = opened.enter_context(file.open("wb" if first else "ab"))
            numbers = part[_names(kind, num)].to_numpy(np.float32)
            target.write(np.ascontiguousarray(numbers).data)
    rest = part.drop(columns=[name for kind in _KINDS for name in _names(kind, num)])
    rest.attrs = part.attrs
    return rest


def _in_order(parts: list[pd.Series[Any]]) -> tuple[Vocabulary, Integers]:
    """Return all users in the order of their ids, and the row of each among those of the parts."""
    each = [Vocabulary.of(ids, "user", ordered=False)[1] for ids in parts]
    codes, users = Vocabulary.union(each, "user")
    places = np.empty(len(users), np.int64)
    places[np.concatenate(codes)] = np.arange(len(users))
    return users, places
