"""What allocation needs of a model; `tsgen.RIMModel` has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

import pandas as pd

from tsgen.arrays import AnyIntegers, Array, Floats, Indices, Mask
from tsgen.data import Vocabulary
from tsgen.data.events import Spend
from tsgen.scores import ScoreMatrix

__all__ = ["CampaignModel", "CandidateUsers", "Listable"]


class Listable(Protocol):
    """Who may be listed, and what came of a list of ids to leave out."""

    @property
    def allowed(self) -> Mask:
        """Who may be, (n,)."""
        ...

    @property
    def excluded(self) -> int:
        """Users that the list leaves out."""
        ...

    @property
    def unknown(self) -> int:
        """Its entries that nobody fits."""
        ...


class CandidateUsers(Protocol):
    """The users at a time, and who of them may be listed."""

    @property
    def users(self) -> Vocabulary:
        """Ids of the users (n)."""
        ...

    @property
    def items(self) -> Vocabulary:
        """Ids of the items."""
        ...

    @property
    def at(self) -> int:
        """The time, in microseconds since 1970 UTC."""
        ...

    @property
    def user_table(self) -> pd.DataFrame | None:
        """Attributes of the users, (n, columns), or None."""
        ...

    @property
    def spend(self) -> Spend | None:
        """What the model has learnt of an event's worth; None if its log had no values."""
        ...

    @property
    def present(self) -> Mask:
        """Who is known to exist, (n,)."""
        ...

    def of_users(self, users: Vocabulary, present: Mask, at: int) -> CandidateUsers:
        """Return other users, of whom ids and attributes are known: to filter, not to score.

        Args:
            users: Their ids (k).
            present: (k,) who is known to exist.
            at: The time.
        """
        ...

    def columns(self, items: list[Any]) -> Indices:
        """Return the columns of these items in the scores; refuse unknown ones."""
        ...

    def eligible(
        self,
        exclude: Iterable[Any] | None,
        where: Mapping[str, Any] | None,
        exclude_where: Mapping[str, Any] | None,
        on_unknown: Literal["error", "warn"] = "error",
    ) -> Listable:
        """Return who may be listed."""
        ...

    def unseen(self, columns: AnyIntegers, like: bool | str | Sequence[str]) -> Mask:
        """Return who has not engaged with these items, or with one like them, (n,)."""
        ...


class CampaignModel(Protocol):
    """A fitted model of who engages with what."""

    @property
    def horizon(self) -> str:
        """Length of time that engagements are counted over."""
        ...

    @property
    def timezone(self) -> str | None:
        """The zone of naive times."""
        ...

    def candidates(self, *, at: Any = None, events: Any = None) -> CandidateUsers:
        """Return the users at a time, by the saved histories or those of a newer log."""
        ...

    def scores_of(self, candidates: Any) -> ScoreMatrix:
        """Return the expected engagements of all pairs, lazily."""
        ...

    def items_where(self, conditions: Mapping[str, Any]) -> list[Any]:
        """Return the ids of the items with these attributes."""
        ...

    def probability(
        self,
        intensity: Floats,
        num_items: int = 1,
        largest: Floats | None = None,
    ) -> Array:
        """Return the chance of at least one engagement."""
        ...
