"""Which features the series to draw have: their source's, with what the caller changes.

Shape legend: R series to draw, M steps of all of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Integers, Mask
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import DynamicFeatures
from tsgen.errors import DataError, DataWarning

from ..memory import DynamicFacts
from .changes import Changes
from .requests import Requests
from .window_means import say_unusual_means

if TYPE_CHECKING:
    from ..sampler import DrawsSeries

__all__ = ["FeatureSource", "with_features"]


@dataclass(frozen=True)
class FeatureSource:
    """Features of n series, from which those of drawn ones are read.

    Attributes:
        features: Of the n series, as the model orders them.
        starts: (n,), Period ordinal of each first step.
        facts: What the model knows of features.
        stride: Period ordinals from one step to the next.
        trained: The features of the training series.
        window: Steps of a training window.
        turns: Features that are drawn in turns where they hold longer than in any of these.
    """

    features: DynamicFeatures
    starts: Integers
    facts: DynamicFacts
    stride: int
    trained: DynamicFeatures
    window: int
    turns: Collection[str] = ()

    def of(
        self, requests: Requests, rows: Integers, changes: Changes, *, hold: bool = False
    ) -> DynamicFeatures:
        """Return the features of the requested series.

        Args:
            requests: What is drawn.
            rows: (R,), the series whose features each has.
            changes: What the caller wants instead.
            hold: Whether the last values stay where nothing is known, instead of an error.

        Raises:
            DataError: Features are not known at some steps and nobody gives them.

        Warns:
            DataWarning: Values held, unknown, or beyond those of the training part; means over a
                window beyond those of its windows, of features that are not drawn in turns.
        """
        drawn, inside = self._read(requests, rows, hold)
        drawn, given = changes.applied(drawn, requests, self.facts, self.stride)
        self._say_beyond(drawn, given)
        whole = {name: steps for name, steps in given.items() if name not in self.turns}
        say_unusual_means(drawn, self.trained, whole, self.window)
        self._check_features(requests, inside, given, hold)
        return drawn

    def _read(self, requests: Requests, rows: Integers, hold: bool) -> tuple[DynamicFeatures, Mask]:
        """Return the source's features at the steps of each series, and which steps it has."""
        lengths, offsets = requests.lengths, requests.offsets
        position = (requests.starts - self.starts[rows]) // self.stride
        steps = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - position, lengths)
        end = np.repeat(self.features.lengths[rows], lengths)
        inside = (steps >= 0) & (steps < end)
        place = np.repeat(self.features.offsets[:-1][rows], lengths) + np.clip(steps, 0, end - 1)
        read = self.features.read(place, offsets)
        if hold:
            return read, inside
        real, past = (np.where(inside, numbers, np.nan) if len(numbers) else numbers
                      for numbers in (read.real, read.past))  # fmt: skip
        cat = np.where(inside, read.cat, -1) if len(read.cat) else read.cat
        return replace(read, real=real, cat=cat, past=past), inside

    def _check_features(
        self, requests: Requests, inside: Mask, given: dict[str, Mask], hold: bool
    ) -> None:
        ahead = (*self.facts.real_names, *self.facts.cat_names)
        lacking = {name: ~inside & ~given[name] for name in ahead}
        short = np.logical_or.reduce(list(lacking.values())) if ahead else np.zeros(0, bool)
        if short.any():
            unknown = [name for name, steps in lacking.items() if steps.any()]
            names = ", ".join(unknown)
            first = int(np.searchsorted(requests.offsets, short.argmax(), side="right")) - 1
            where = f"at {int(short.sum())} of {len(short)} steps to draw (the first of series "
            where += f"{requests.table.item_ids[first]!r})"
            if not hold:
                raise DataError(
                    f"{names} {'is' if len(unknown) == 1 else 'are'} not known {where}. Give them "
                    f"with dynamic=, for example dynamic={self.facts.example(unknown)} or a table "
                    "with item_id, timestamp and these columns."
                )
            warnings.warn(
                f"{names} not known {where}: the nearest values known count there.",
                DataWarning,
                stacklevel=5,
            )
        past = [name for name in self.facts.past_names if (~inside & ~given[name]).any()]
        if past and not hold:
            warnings.warn(
                f"{', '.join(past)} not known at {int((~inside).sum())} of {len(inside)} steps to "
                "draw; they count as unknown there.",
                DataWarning,
                stacklevel=5,
            )

    def _say_beyond(self, drawn: DynamicFeatures, given: dict[str, Mask]) -> None:
        """Warn of given numbers that are beyond all that the model was trained on."""
        names = (*self.facts.real_names, *self.facts.past_names)
        rows = (*drawn.real, *drawn.past)
        for name, row, low, high in zip(names, rows, self.facts.low, self.facts.high, strict=True):
            count = int(((row < low) | (row > high))[given[name]].sum())
            if count:
                warnings.warn(
                    f"'{name}' is given beyond its training range [{low:g}, {high:g}] at {count} "
                    "steps; what is drawn there is a guess.",
                    DataWarning,
                    stacklevel=6,
                )


def with_features(
    model: DrawsSeries,
    requests: list[Requests],
    like: SeriesDataset | MultivariateDataset | None,
    changes: Changes,
    *,
    hold: bool = False,
) -> list[Requests]:
    """Return requests with the features of their sources, for a model that has some.

    Args:
        model: What is drawn from.
        requests: One for each channel.
        like: The entries they are drawn after, features as the model orders them; None for series
            of the model's own memory.
        changes: What the caller wants instead.
        hold: Whether the last values stay where nothing is known, instead of an error.

    Raises:
        DataError: Features are lacking.
    """
    facts, first = model.data.dynamic, requests[0]
    if facts is None or model.features is None:
        return requests
    stride, window = model.conditions.calendar.stride, model.settings.target_length
    grid = facts, stride, model.features, window, model.drawing.turns.names
    if like is not None and like.dynamic is not None:
        source, rows = FeatureSource(like.dynamic, like.starts, *grid), first.rows
    else:
        rows = _remembered(model, facts, first, like, changes)
        source = FeatureSource(model.features, model.table.starts, *grid)
    features = source.of(first, rows, changes, hold=hold)
    return [replace(request, features=features) for request in requests]


def _remembered(
    model: DrawsSeries,
    facts: DynamicFacts,
    requests: Requests,
    like: SeriesDataset | MultivariateDataset | None,
    changes: Changes,
) -> Integers:
    """Return the rows of the model's memory whose features the requested series have.

    Raises:
        DataError: Entries without features, of series that the model does not know.
    """
    rows = model.table.places(list(requests.table.item_ids))
    lacking = [name for name in facts.names if name not in changes.names]
    if like is None or not lacking:
        return np.maximum(rows, 0)
    if (rows < 0).any():
        raise facts.lacking(lacking)
    warnings.warn(
        f"These data lack the features {', '.join(lacking)}; those of the same series in training "
        "are used.",
        DataWarning,
        stacklevel=4,
    )
    return rows
