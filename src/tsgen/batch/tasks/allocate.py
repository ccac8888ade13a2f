"""Campaigns of a log that is larger than memory: scored in partitions, shared out together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tsgen.allocation import (
    Plan,
    ScoredPool,
    allocation_of,
    check_solving,
    item_columns,
    problem_of,
    score_part,
    scoring_settings,
)
from tsgen.errors import SettingsError
from tsgen.rng import resolve_seed

from .base import Merged, PartResults
from .events import EventBatch, partition_of_users

__all__ = ["AllocateBatch"]


_MERGING = {"merging": True}


@dataclass(frozen=True, eq=False)
class AllocateBatch(EventBatch):
    """Who gets which offer; see `tsgen.allocate`, whose solver and messages these are.

    Partitions are scored by the engine, each user with each campaign, and what they bring is kept
    in files. The solver reads these in blocks, as it reads a model's scores otherwise: limits are
    kept exactly, the gap to the optimum counts all pairs, and the result is that of `allocate` but
    for the last digits of scores. In memory are some 100 bytes a user (twice as many while users
    are put together; more where ids are texts), its attributes, and `max_pairs` pairs.

    Attributes:
        campaigns: See `allocate`; a value of "spend" is what the model has learnt: prices of items,
            and factors of the users that it has met (1 for others).
        exclude: See `allocate`.
        contacts: See `allocate`.
        users: See `allocate`.
        solver: See `allocate`.
        tolerance: See `allocate`.
        max_pairs: See `allocate`.
        seed: See `allocate`.
    """

    campaigns: Any = ()
    exclude: tuple[Any, ...] | None = field(default=None, metadata=_MERGING)
    contacts: pd.DataFrame | None = field(default=None, metadata=_MERGING)
    users: pd.DataFrame | None = field(default=None, metadata=_MERGING)
    solver: Any = field(default="auto", metadata=_MERGING)
    tolerance: float = field(default=1e-3, metadata=_MERGING)
    max_pairs: int = field(default=20_000_000, metadata=_MERGING)
    seed: int = field(default=0, metadata=_MERGING)

    @property
    def plan(self) -> Plan:
        """The campaigns, and what holds for all of them."""
        return Plan.of(self.campaigns)

    def settings(self) -> dict[str, Any]:
        """See `BatchTask`."""
        return super().settings() | {"campaigns": scoring_settings(self.plan)}

    def check(self, model: Any) -> None:
        """See `BatchTask`.

        Raises:
            SettingsError: A setting is impossible, or a campaign's value is "spend" and the log of
                training had no values.
            UnknownIdError: A campaign has an item that is not known.
        """
        super().check(model)
        plan = self.plan
        resolve_seed(self.seed)
        check_solving(
            plan,
            users=self.users,
            solver=self.solver,
            tolerance=self.tolerance,
            max_pairs=self.max_pairs,
        )
        for campaign in plan.campaigns:
            if campaign.value == "spend" and model.spend is None:
                raise SettingsError(
                    f"Campaign '{campaign.name}' has value='spend', but the model has learnt from "
                    "a log without values; give it a value in numbers."
                )
        item_columns(model, model.candidates(), plan)

    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """See `BatchTask`; what each user would bring to each campaign."""
        log = self.histories(model, table)
        with partition_of_users():
            return score_part(model, self.plan, at=self.moment(model, end), events=log)

    def merged(self, model: Any, parts: PartResults) -> Merged:
        """Share the users out; the table is that of contacts, the details the `Allocation`.

        Raises:
            SettingsError: The limits cannot be met together.
            DataError: Nobody is left to contact, or a list leaves nobody out.
        """
        pool = ScoredPool.of(model, self.plan, parts, parts.folder, exclude=self.exclude)
        made = allocation_of(
            problem_of(pool, self.contacts),
            users=self.users,
            solver=self.solver,
            tolerance=self.tolerance,
            max_pairs=self.max_pairs,
            seed=self.seed,
        )
        return Merged(iter([made.table.copy(deep=False)]), made)
