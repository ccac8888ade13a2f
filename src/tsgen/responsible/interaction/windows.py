"""Stretches that a forecaster is asked about, with parts of what it sees absent.

An absent part is that of another, random stretch of the training part, of the same channels: it has
the right level and shape, and says nothing of the stretch in question.

Shapes: C channels, P steps of the past, H of the horizon, W windows, K draws of what is absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.errors import DataError
from tsgen.rng import numpy_stream

__all__ = ["CONTROL", "PLAYERS", "STATICS", "PanelEntry", "PanelWindows", "with_control"]

PanelEntry = dict[str, Any]
"""A GluonTS entry, its target (C, T)."""

CONTROL = "random series"
STATICS = "statics"
PLAYERS = ("own past", "other series", CONTROL, "calendar", STATICS)
"""Parts of what a forecaster sees; statics where entries differ in them."""

_STATIC = ("feat_static_cat", "feat_static_real")
_AHEAD = ("feat_dynamic_real", "feat_dynamic_cat")
_PAST = "past_feat_dynamic_real"


@dataclass(frozen=True, eq=False)
class PanelWindows:
    """W stretches of entries.

    Attributes:
        entries: The entries, the last channel a random series.
        rows: (W,) the entry of each window.
        begins: (W,) the first step of its horizon.
        past: Steps before it that a forecaster sees.
        horizon: Steps to forecast.
        train: (entries,) steps of the training part of each.
    """

    entries: Sequence[PanelEntry]
    rows: Integers
    begins: Integers
    past: int
    horizon: int
    train: Integers

    @classmethod
    def spread(
        cls, entries: Sequence[PanelEntry], past: int, horizon: int, test_share: float, num: int
    ) -> PanelWindows:
        """Return windows evenly spread over the last parts of the entries.

        Raises:
            DataError: An entry is too short.
        """
        lengths = np.array([entry["target"].shape[1] for entry in entries])
        train = np.floor((1 - test_share) * lengths).astype(np.int64)
        if (short := np.flatnonzero(train < past + 2 * horizon)).size:
            place = int(short[0])
            raise DataError(
                f"The entry '{entries[place].get('item_id', place)}' has {lengths[place]} steps, "
                f"of which {train[place]} are for training; {past} of the past and twice {horizon} "
                "of the horizon are needed. Give longer series, or a smaller context."
            )
        each = max(-(-num // len(entries)), 1)
        rows, begins = [], []
        for place, (length, first) in enumerate(zip(lengths, train, strict=True)):
            inside = np.unique(np.linspace(first, length - horizon, each).astype(np.int64))
            rows.append(np.full(len(inside), place))
            begins.append(inside)
        return cls(entries, np.concatenate(rows), np.concatenate(begins), past, horizon, train)

    def __len__(self) -> int:
        return len(self.rows)

    def futures(self, channel: int) -> Array:
        """Return what came, (W, H), NaN = missing."""
        spans = zip(self.rows, self.begins, strict=True)
        return np.stack([self.entries[row]["target"][channel, at : at + self.horizon]
                         for row, at in spans])  # fmt: skip

    def pasts(self, channel: int) -> Array:
        """Return what was before, (W, P)."""
        spans = zip(self.rows, self.begins, strict=True)
        return np.stack([self.entries[row]["target"][channel, at - self.past : at]
                         for row, at in spans])  # fmt: skip

    def strangers(self, players: Sequence[str], draws: int, seed: int) -> Mapping[str, Integers]:
        """Return for each part an (entry, step) of the training part in its place, (W, K, 2)."""
        places = {}
        for player in players:
            random = numpy_stream(seed, "absent", player)
            row = random.integers(0, len(self.entries), (len(self), draws))
            if player == STATICS:  # of another entry
                step = random.integers(1, len(self.entries), row.shape)
                row = (self.rows[:, None] + step) % len(self.entries)
            low, high = self.past, self.train[row] - self.horizon + 1
            places[player] = np.stack([row, random.integers(low, high)], axis=-1)
        return places

    def entry(self, window: int, target: int, absent: Mapping[str, Integers]) -> PanelEntry:
        """Return what a forecaster sees of a window.

        Args:
            window: Which.
            target: The channel that is judged.
            absent: Part -> (entry, step) that stands in its place.
        """
        here = np.array([self.rows[window], self.begins[window]])

        def source(player: str) -> tuple[PanelEntry, int]:
            row, at = absent.get(player, here)
            return self.entries[row], int(at)

        own, others, control = (self._past(*source(player)) for player in PLAYERS[:3])
        values = others["target"].copy()
        values[target], values[-1] = own["target"][target], control["target"][-1]
        calendar = self._ahead(*source("calendar"))
        statics, _ = source(STATICS)
        kept = {name: statics[name] for name in _STATIC if name in statics}
        past = {_PAST: others[_PAST]} if _PAST in others else {}
        return {"item_id": f"window {window}", "target": values, **calendar, **past, **kept}

    def _past(self, entry: PanelEntry, at: int) -> PanelEntry:
        span = slice(at - self.past, at)
        return {name: entry[name][:, span] for name in ("target", _PAST) if name in entry}

    def _ahead(self, entry: PanelEntry, at: int) -> PanelEntry:
        span = slice(at - self.past, at + self.horizon)
        features = {name: entry[name][:, span] for name in _AHEAD if name in entry}
        return {"start": entry["start"] + (at - self.past), **features}


def with_control(entries: Sequence[PanelEntry], like: int, seed: int) -> list[PanelEntry]:
    """Return the entries with a random series as one more channel.

    It is an autoregression with the mean, the spread and the memory of a channel, and says nothing
    of any: what a forecaster seems to gain from it is noise.

    Args:
        entries: Of C channels.
        like: The channel.
        seed: Same seed, same series.
    """
    made = []
    for place, entry in enumerate(entries):
        values = np.asarray(entry["target"])
        random = numpy_stream(seed, "random series", place)
        noise = _autoregression(values[like].astype(np.float64), random)
        made.append({**entry, "target": np.vstack([values, noise]).astype(values.dtype)})
    return made


def _autoregression(values: Array, random: np.random.Generator) -> Array:
    centred = values - np.nanmean(values)
    both = np.isfinite(centred[1:]) & np.isfinite(centred[:-1])
    spread = float(np.nanstd(values)) or 1.0
    memory = float(np.mean(centred[1:][both] * centred[:-1][both]) / spread**2) if both.any() else 0
    memory = float(np.clip(memory, 0.0, 0.99))
    noise = random.normal(size=len(values)) * np.sqrt(1 - memory**2)
    noise[0] = random.normal()
    for step in range(1, len(noise)):
        noise[step] += memory * noise[step - 1]
    return np.asarray(np.nanmean(values) + spread * noise)
