"""GluonTS entries as rows of a table, and back: so that entries go through partitions whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tsgen.data import MultivariateDataset, SeriesDataset, to_dataset
from tsgen.errors import DataError

from .base import InputBlock

__all__ = ["are_entries", "entry_blocks", "read_entries", "read_entry"]

_COLUMNS = ("entry", "freq")
_BYTES = 1 << 26  # of text, in one block


def are_entries(table: pd.DataFrame) -> bool:
    """Return whether a block's table holds entries, and not steps of series."""
    return set(_COLUMNS) <= set(table.columns)


def entry_blocks(
    entries: Iterable[Any], key: str = "item_id", freq: str | None = None
) -> Iterator[InputBlock]:
    """Return entries as tables of one row each: its id, itself as JSON, and the frequency.

    A block's `end` is 1 where a lone static code is not 0, so that codes of 0 elsewhere are codes.

    Args:
        entries: Of GluonTS; without `item_id` they are called "0", "1", ... by position.
        key: What the column of ids is called.
        freq: What a folder says of all.

    Raises:
        DataError: One is no entry, or holds what JSON cannot.
    """
    rows: list[tuple[str, str, str | None]] = []
    size = coded = 0
    for place, entry in enumerate(entries):
        if not isinstance(entry, Mapping) or "target" not in entry:
            raise DataError(
                f"Entry {place} is {entry!r:.60}; GluonTS entries are dictionaries with start and "
                "target.",
                row=place,
            )
        whole = {"item_id": str(place)} | dict(entry)
        text = _as_text(whole, place)
        rows.append((str(whole["item_id"]), text, freq))
        size, coded = size + len(text), coded | _has_code(whole)
        if size > _BYTES:
            yield _block(rows, key, coded)
            rows, size = [], 0
    if rows:
        yield _block(rows, key, coded)


def _block(rows: list[tuple[str, str, str | None]], key: str, coded: int) -> InputBlock:
    table = pd.DataFrame(rows, columns=[key, *_COLUMNS]).astype({"freq": "string"})
    return InputBlock(table, coded)


def _has_code(entry: dict[str, Any]) -> int:
    codes = np.ravel(entry.get("feat_static_cat", 0))
    return int(len(codes) == 1 and codes[0] != 0)


def _as_text(entry: dict[str, Any], place: int) -> str:
    try:
        return json.dumps(entry, default=_plain)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"Entry {place} ({entry['item_id']!r}) holds what cannot be written: {error}.",
            row=place,
        ) from None


def _plain(value: Any) -> Any:
    """Return what JSON has no word for: arrays as lists, a period as its first time and step."""
    if isinstance(value, pd.Period):
        return {"period": [value.start_time.isoformat(), value.freqstr]}
    if isinstance(value, np.datetime64 | pd.Timestamp | date):
        return pd.Timestamp(value).isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__}")


def read_entries(
    table: pd.DataFrame, model: Any, coded: int | None, **read: Any
) -> SeriesDataset | MultivariateDataset:
    """Return the entries of a table as a dataset for a model.

    Args:
        table: Of `entry_blocks`.
        model: A fitted PSA-GAN-C.
        coded: The greatest `end` of all blocks.
        **read: Arguments of `to_dataset`.
    """
    stated = table["freq"].iloc[0]
    options: dict[str, Any] = {"freq": model.data.freq if pd.isna(stated) else stated}
    if model.data.channels:
        options["target"] = model.data.channels
    entries = [read_entry(text) for text in table["entry"]]
    dataset = to_dataset(entries, **options | read)
    names = model.data.static_names
    if coded and len(names) == 1 and isinstance(dataset, SeriesDataset):
        return _with_codes(dataset, names, model.data.static_categories)
    return dataset


def _with_codes(
    dataset: SeriesDataset, names: tuple[str, ...], categories: tuple[tuple[Any, ...], ...]
) -> SeriesDataset:
    """Return series with a static column where all codes are 0, which elsewhere are not."""
    if dataset.static_names:
        return dataset
    codes = np.zeros((len(dataset), 1), np.int64)
    return replace(dataset, static_cat=codes, static_names=names, static_categories=categories)


def read_entry(text: str) -> dict[str, Any]:
    """Return the entry that a row's text is."""
    entry: dict[str, Any] = json.loads(text)
    start = entry.get("start")
    if isinstance(start, dict):
        entry["start"] = pd.Period(start["period"][0], start["period"][1])
    return entry
