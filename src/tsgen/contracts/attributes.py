"""What models ask of attributes: which items a new one goes with, and tables as numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Singles
from tsgen.errors import SettingsError

from .registry import registered

__all__ = [
    "ITEM_RULES",
    "TABLE_DESCRIBERS",
    "FittedItemRule",
    "ItemRule",
    "TableDescriber",
    "TableDescription",
    "check_handed",
    "digest_of",
    "item_rule",
    "table_describer",
]

ITEM_RULES: dict[str, str | Callable[..., Any]] = {
    "student": "tsgen.features:DistilledItems",
    "encoder": "tsgen.features:EncodedItems",
    "neighbours": "tsgen.features:ContentNeighbours",
    "equal": "tsgen.features:EqualAttributes",
}
"""Name -> class of an `ItemRule`, or the "module:name" it is imported from when asked for."""


class FittedItemRule(Protocol):
    """A rule that has learnt from a table of items, and from who has seen which."""

    def check(self, table: pd.DataFrame) -> None:
        """Say what is new in a table of new items, and refuse what does not fit."""
        ...

    def weights(self, table: pd.DataFrame, num: int) -> sp.csr_array:
        """Return the `num` items that rows of attributes go with most, adding up to 1 or 0."""
        ...


class ItemRule(Protocol):
    """Which items with events an item without them goes with."""

    def fit(self, table: pd.DataFrame, seen: sp.csr_array, seed: int) -> FittedItemRule:
        """Learn from attributes (items, columns) and from who has seen what (users, items)."""
        ...

    def contribution(self, table: pd.DataFrame, seen: sp.csr_array, num: int, seed: int) -> float:
        """Return the share of what events tell of items that attributes tell, NaN if unknown."""
        ...


def item_rule(name: str, **settings: Any) -> ItemRule:
    """Return the rule of a name, with settings of its own.

    Raises:
        SettingsError: There is no such rule.
    """
    return cast(ItemRule, registered(ITEM_RULES, name, "rule for new items")(**settings))


TABLE_DESCRIBERS: dict[str, Any] = {
    "columns": "tsgen.features:PlainColumns",
    "encoder": "tsgen.features:TabularEncoderEstimator",
}
"""Name -> class of a `TableDescriber`, or the "module:name" it is imported from."""


class TableDescription(Protocol):
    """What makes numbers of attributes; it has learnt from a table, without labels."""

    def categories(self) -> dict[str, tuple[str, ...]]:
        """Return the categories that it knows, as text, by column."""
        ...

    def transform(self, table: pd.DataFrame) -> Singles:
        """Return the numbers of rows, (n, d), no NaN."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return facts that `restored` takes back."""
        ...

    def arrays(self) -> dict[str, AnyArray]:
        """Return arrays that `restored` takes back."""
        ...


class TableDescriber(Protocol):
    """Learns how to describe the rows of a table; asked as a class."""

    @classmethod
    def learnt(cls, table: pd.DataFrame, seed: int) -> TableDescription:
        """Learn from attributes, (n, columns)."""
        ...

    @classmethod
    def restored(cls, facts: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> TableDescription:
        """Return what `to_json` and `arrays` came from."""
        ...


def table_describer(name: str) -> type[TableDescriber]:
    """Return the class of a name.

    Raises:
        SettingsError: There is no such describer.
    """
    return cast("type[TableDescriber]", registered(TABLE_DESCRIBERS, name, "describer of tables"))


def check_handed(encoder: Any, argument: str, asked: str, setting: str) -> None:
    """Refuse an encoder that no setting asks for, or something else.

    Args:
        encoder: What was handed over; None is nothing.
        argument: As what.
        asked: What the setting says.
        setting: How it is called.

    Raises:
        SettingsError: It is refused.
    """
    if encoder is None:
        return
    if asked != "encoder":
        raise SettingsError(
            f"An encoder ({argument}=) is read with {setting}='encoder', which is '{asked}' here; "
            "set that, or leave the encoder out."
        )
    if not all(hasattr(encoder, name) for name in ("transform", "categories", "to_json")):
        raise SettingsError(
            f"{argument} is a {type(encoder).__name__}, not a fitted TabularEncoder; make one with "
            "TabularEncoderEstimator().train(table)."
        )


def digest_of(description: TableDescription) -> str:
    """Return a digest of all that a description has learnt."""
    facts = json.dumps(description.to_json(), sort_keys=True, default=str)
    digest = hashlib.sha256(facts.encode())
    for name, array in sorted(description.arrays().items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()
