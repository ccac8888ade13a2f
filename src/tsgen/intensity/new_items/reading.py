"""A table of new items, read and held against what the model knows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tsgen.arrays import Integers, Mask
from tsgen.data import Vocabulary, plain_value
from tsgen.data.events import as_table, table_ids
from tsgen.errors import DataError

__all__ = ["NewItemTable", "read_new_items"]


class NewItemTable(NamedTuple):
    """Items without events. Attributes: ids not of training; table (c, columns); columns (c,)."""

    ids: Vocabulary
    table: pd.DataFrame
    columns: Integers


def read_new_items(
    given: Any,
    name: str,
    items: Vocabulary,
    attributes: pd.DataFrame,
    warm: Mask,
) -> NewItemTable:
    """Read a table of items, and add those of training that have no event.

    Args:
        given: A table with a column of ids and the attributes of training; None adds nothing.
        name: The column of ids.
        items: The items of training.
        attributes: Theirs, (items, columns).
        warm: (items,) whether an item has events.

    Raises:
        DataError: There is no item; an id is missing, there twice, of an item with events, or a
            number where training had its digits; or a column is not there, or twice.
    """
    old = np.flatnonzero(~warm)
    if not len(old) and (given is None or (isinstance(given, pd.DataFrame) and given.empty)):
        raise DataError(
            "There is no new item: no row is given, and all items of training have events."
        )
    if given is None:
        return NewItemTable(Vocabulary(items.ids[:0], "item"), attributes.iloc[old], old)
    table = as_table(given, "attributes of new items", f"{name} and the columns of training")
    table_ids(table, name, "item")
    codes = items.codes(table[name])
    _refuse_other_spelling(table[name][codes < 0], items)
    if (codes >= 0).any() and warm[codes[codes >= 0]].any():
        both = codes[(codes >= 0) & warm[np.maximum(codes, 0)]]
        raise DataError(
            f"{len(both)} of {len(table)} new items have events already (the first: "
            f"{plain_value(items.ids[both[0]])!r}), which tell more than attributes; leave them "
            "out of the table.",
            item_id=plain_value(items.ids[both[0]]),
        )
    if absent := [c for c in attributes.columns if c not in table.columns]:
        raise DataError(
            f"The table of new items has no column '{absent[0]}', which the items of training "
            f"have; it has: {', '.join(map(str, table.columns[:20]))}. Add it, with missing values "
            "where nothing is known.",
            field=str(absent[0]),
        )
    rows = table.drop(columns=name)
    joined = pd.concat([attributes, rows[list(attributes.columns)]], ignore_index=True)
    place = np.arange(len(items))
    given_again = np.flatnonzero(codes >= 0)
    place[codes[given_again]] = len(items) + given_again
    new = np.flatnonzero(codes < 0)
    ids = pd.Index(table[name].iloc[new].to_numpy(object), tupleize_cols=False)
    chosen = np.concatenate([place[old], len(items) + new])
    columns = np.concatenate([old, len(items) + np.arange(len(new))])
    return NewItemTable(Vocabulary(ids, "item"), joined.iloc[chosen], columns)


def _refuse_other_spelling(new: pd.Series[Any], items: Vocabulary) -> None:
    """Refuse 7 where '7' is known, as a CSV reads it: one item would be there twice."""
    trained = {str(plain_value(i)): plain_value(i) for i in items.ids}
    again = [i for i in map(plain_value, new) if str(i) in trained]
    if again:
        raise DataError(
            f"{len(again)} of {len(new)} new items are known in another spelling (the first: "
            f"{again[0]!r}, in training {trained[str(again[0])]!r}); write ids as in training, as "
            "text or numbers.",
            item_id=again[0],
        )
