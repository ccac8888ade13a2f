"""GluonTS entries as the pasts that a forecaster starts from, in scales of their series."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Array, Integers, Mask
from tsgen.data.series import DynamicFeatures, SeriesScaler, normalise_freq, split_freq
from tsgen.errors import DataError, DataWarning
from tsgen.rng import Key, entry_key

from ..memory import DataFacts, Grain, SeriesTable
from .drawing import FrameRows
from .entry_features import entry_features
from .grain_ahead import grain_ahead

__all__ = ["Pasts", "pasts_of_channels"]

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Pasts:
    """R entries up to where their forecasts begin.

    Attributes:
        values: (R, P), the last P values, scaled; NaN where missing or before the first.
        rows: Whose they are, and when the forecast begins.
        scaler: Of each entry: what the model remembers of the series, or else by its own values.
        non_negative: (R,), whether no observed value is below zero.
        counts: (R,), whether all observed values are whole numbers, too.
        last: (R,), the last value of each, in its own units; NaN if it is missing.
        grain: What paths of the R entries should look like from near.
        features: Their features that change in time, as the model orders them; None without any.
        keys: What tells the R entries apart; one without item_id is told by its values.
    """

    values: Array
    rows: FrameRows
    scaler: SeriesScaler
    non_negative: Mask
    counts: Mask
    last: Array
    grain: Grain
    keys: list[Key]
    features: DynamicFeatures | None = None

    @classmethod
    def of(
        cls,
        entries: Sequence[Entry],
        length: int,
        facts: DataFacts,
        table: SeriesTable,
        kind: Any,
        ahead: int = 0,
        channel: str | None = None,
    ) -> Pasts:
        """Read entries.

        Args:
            entries: GluonTS entries; fields the model does not use are not looked at.
            length: P.
            facts: What the model knows of its training data.
            table: What it remembers of each training series.
            kind: How series are scaled.
            ahead: Steps after the end for which features are needed.
            channel: Which of several the targets are, for messages.

        Raises:
            DataError: An entry has another frequency, nothing to start from, or lacks features.
        """
        _refuse_incomplete(entries)
        targets = [_target(entry, i) for i, entry in enumerate(entries)]
        starts = np.array([_start(entry, facts, i) for i, entry in enumerate(entries)])
        steps = np.array([len(target) for target in targets])
        ids = [entry.get(FieldName.ITEM_ID) for entry in entries]
        places = table.places(ids)
        seen = np.array([bool(np.isfinite(target).any()) for target in targets])
        trained = (places >= 0) & (table.scaler.scale[places] > 0)
        if not (trained | seen).all():
            i = int(np.argmin(trained | seen))
            raise DataError(
                f"Entry {i} (item_id {entries[i].get(FieldName.ITEM_ID)!r}) has no observed value"
                f"{_in_channel(channel)}, and the model does not know the series: there is nothing "
                "to forecast from. Leave it out.",
                row=i,
            )
        filled = [t if ok else np.zeros(1) for t, ok in zip(targets, seen, strict=True)]
        offsets = np.concatenate([[0], np.cumsum([len(t) for t in filled])])
        flat = np.concatenate(filled)
        own = SeriesScaler.fit(flat, offsets, kind)
        _warn_of_constant(entries, ~trained & (own.scale <= 0), channel)
        pick = np.where(trained, places, 0)
        scaler = SeriesScaler(
            np.where(trained, table.scaler.location[pick], own.location),
            np.where(trained, table.scaler.scale[pick], own.scale),
        )
        tails = np.full((len(targets), length), np.nan)
        for tail, target in zip(tails, targets, strict=True):
            count = min(length, len(target))
            tail[length - count :] = target[len(target) - count :]
        positive = np.logical_and.reduceat(np.isnan(flat) | (flat >= 0), offsets[:-1])
        positive &= np.where(trained, table.non_negative[pick], True)
        whole = np.logical_and.reduceat(np.isnan(flat) | (flat == np.round(flat)), offsets[:-1])
        whole &= np.where(trained, table.integer[pick], seen)
        begin = np.where(trained, table.starts[pick], starts)
        stride = split_freq(facts.freq)[1]
        following = starts + steps * stride
        return cls(
            scaler.apply(tails, np.arange(len(tails))),
            FrameRows(
                np.where(trained, table.index[pick], 0),
                _static(entries, table, places, facts),
                following,
                (following - begin) // stride,
                np.arange(len(entries)),
                steps,
            ),
            scaler,
            positive,
            positive & whole,
            np.array([target[-1] if len(target) else np.nan for target in targets]),
            grain_ahead(flat, offsets, starts, facts.freq, table, np.where(trained, places, -1)),
            [entry_key(entry) for entry in entries],
            entry_features(entries, steps, facts.dynamic, ahead),
        )


def pasts_of_channels(
    entries: Sequence[Entry],
    length: int,
    facts: DataFacts,
    tables: Sequence[SeriesTable],
    kind: Any,
    ahead: int = 0,
) -> tuple[Pasts, ...]:
    """Read entries, one `Pasts` for each channel; the arguments are those of `Pasts.of`.

    Args:
        entries: With targets (steps,), or (channels, steps) for a model of several.
        length: See `Pasts.of`.
        facts: See `Pasts.of`.
        tables: What the model remembers of each training series, by channel.
        kind: See `Pasts.of`.
        ahead: See `Pasts.of`.

    Raises:
        DataError: An entry has other channels than the model, or breaks a rule of `Pasts.of`.
    """
    if len(tables) == 1:
        return (Pasts.of(entries, length, facts, tables[0], kind, ahead),)
    _refuse_incomplete(entries)
    keys = [entry_key(entry) for entry in entries]
    targets = [_channels(entry, row, facts.channels) for row, entry in enumerate(entries)]
    pasts = []
    for channel, table in enumerate(tables):
        single = [
            {**entry, FieldName.TARGET: target[channel]}
            for entry, target in zip(entries, targets, strict=True)
        ]
        past = Pasts.of(single, length, facts, table, kind, ahead, facts.channels[channel])
        pasts.append(replace(past, keys=keys))
    return tuple(pasts)


def _channels(entry: Entry, row: int, channels: Sequence[str]) -> Array:
    target = np.asarray(entry[FieldName.TARGET], dtype=np.float64)
    if target.ndim != 2 or len(target) != len(channels):
        raise DataError(
            f"Entry {row} has a target of shape {target.shape}; the model forecasts the "
            f"{len(channels)} channels {', '.join(channels)} together: ({len(channels)}, steps) is "
            "expected, missing values as NaN.",
            row=row,
        )
    return target


def _refuse_incomplete(entries: Sequence[Entry]) -> None:
    for row, entry in enumerate(entries):
        for name in (FieldName.START, FieldName.TARGET):
            if name not in entry:
                raise DataError(
                    f"Entry {row} has no '{name}'; a GluonTS entry has start and target, and "
                    "item_id if the model is to know it.",
                    field=name,
                    row=row,
                )


def _warn_of_constant(entries: Sequence[Entry], constant: Mask, channel: str | None) -> None:
    if constant.any():
        first = entries[int(constant.argmax())].get(FieldName.ITEM_ID)
        warnings.warn(
            f"{int(constant.sum())} series have one value only{_in_channel(channel)} (the first is "
            f"{first!r}): they are forecast as that value, without any spread.",
            DataWarning,
            stacklevel=2,
        )


def _in_channel(channel: str | None) -> str:
    return "" if channel is None else f" in channel {channel!r}"


def _target(entry: Entry, row: int) -> Array:
    target = np.asarray(entry[FieldName.TARGET], dtype=np.float64)
    if target.ndim != 1:
        raise DataError(
            f"Entry {row} has a target of {target.ndim} dimensions, 1 is expected: this model was "
            "trained on univariate series; give one entry for each channel, or train a model on "
            "multivariate entries.",
            row=row,
        )
    if np.isinf(target).any():
        raise DataError(f"Entry {row} has an infinite value; make it NaN or leave it out.", row=row)
    return target


def _start(entry: Entry, facts: DataFacts, row: int) -> int:
    start = entry[FieldName.START]
    if not isinstance(start, pd.Period):
        raise DataError(
            f"Entry {row} has the start {start!r}; a pandas Period is expected.", row=row
        )
    freq = normalise_freq(start.freqstr)
    if freq != facts.freq:
        raise DataError(
            f"Entry {row} has freq '{freq}', the model was trained on '{facts.freq}'. Resample "
            "the data or train a model on them.",
            row=row,
        )
    return int(start.ordinal)


def _static(
    entries: Sequence[Entry], table: SeriesTable, places: Integers, facts: DataFacts
) -> Integers:
    """Return embedding indices: remembered ones, or an entry's own codes, 0 where unknown."""
    count = len(facts.static_names)
    codes = np.zeros((len(entries), count), dtype=np.int64)
    new = places < 0
    for i, entry in enumerate(entries):
        given = np.asarray(entry.get(FieldName.FEAT_STATIC_CAT, ()), dtype=np.int64)
        if len(given) == count:
            codes[i] = given + 1
    limits = np.array([len(c) for c in facts.static_categories], dtype=np.int64)
    codes = np.where((codes > 0) & (codes <= limits), codes, 0)
    if unknown := int((codes[new] == 0).any(axis=1).sum()):
        warnings.warn(
            f"{unknown} of {len(entries)} entries are new to the model and lack a code that it "
            f"knows of {', '.join(facts.static_names)}; these count as unknown.",
            DataWarning,
            stacklevel=2,
        )
    return np.where((places >= 0)[:, None], table.static[np.maximum(places, 0)], codes)
