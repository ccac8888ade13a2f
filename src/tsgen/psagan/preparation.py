"""From a dataset to what training needs: scaled values, embedding indices, conditions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tsgen.data import SeriesDataset
from tsgen.data.calendar import Calendar
from tsgen.data.windows import window_starts
from tsgen.errors import DataError, DataWarning

from .building import NetworkSizes
from .conditions import WindowConditions
from .context import WindowContext
from .data_facts import DataFacts
from .series_table import SeriesTable

if TYPE_CHECKING:
    from .settings import PSAGANSettings

__all__ = ["NewTraining", "TrainingData", "conditions_for", "prepare", "usable_series"]


@dataclass(frozen=True)
class TrainingData:
    """The training part, scaled, with what conditions need.

    Attributes:
        values: (N,) float32, scaled; NaN is missing.
        offsets: (n + 1,), series i is values[offsets[i]:offsets[i + 1]].
        starts: (n,), Period ordinal of each first step.
        series: (n,), embedding index of each series.
        static: (n, k), embedding indices of its static categories.
        conditions: How to build conditions.
        context: How to build contexts; None for a model that looks at no past.
        sizes: What the networks must provide for.
    """

    values: npt.NDArray[np.float32]
    offsets: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    series: npt.NDArray[np.int64]
    static: npt.NDArray[np.int64]
    conditions: WindowConditions
    sizes: NetworkSizes
    context: WindowContext | None = None


def _check_freq(freq: str | None, dataset: SeriesDataset) -> None:
    """Raise DataError unless the dataset has the frequency asked for."""
    from tsgen.data.frequency import normalise_freq

    if freq is not None and normalise_freq(freq) != dataset.freq:
        raise DataError(
            f"The data have freq '{dataset.freq}', the settings say '{freq}'. Drop the setting or "
            "give data of that frequency."
        )


def usable_series(dataset: SeriesDataset, settings: PSAGANSettings) -> npt.NDArray[np.bool_]:
    """Return which series can be trained on: long enough, observed enough, not constant.

    Raises:
        DataError: None can.

    Warns:
        DataWarning: Some cannot; says how many and why.
    """
    length = settings.target_length
    begins = window_starts(dataset.values, dataset.offsets, length, settings.min_observed)
    has_window = np.zeros(len(dataset), dtype=bool)
    has_window[np.searchsorted(dataset.offsets, begins, side="right") - 1] = True
    low = np.fmin.reduceat(dataset.values, dataset.offsets[:-1])
    high = np.fmax.reduceat(dataset.values, dataset.offsets[:-1])
    varies = high > low
    short = dataset.lengths < length
    if not (has_window & varies).any():
        raise DataError(_why_none(dataset, length, settings.min_observed, short, varies))
    reasons = {
        f"shorter than target_length={length}": short,
        f"without a window {settings.min_observed:.0%} observed": ~short & ~has_window,
        "constant": has_window & ~varies,
    }
    told = [f"{int(which.sum())} {reason}" for reason, which in reasons.items() if which.any()]
    if told:
        first = dataset.item_ids[int(np.argmax(~(has_window & varies)))]
        warnings.warn(
            f"Of {len(dataset)} series, {', '.join(told)} (the first is {first!r}): nothing is "
            "learned from them. They can be sampled: constant ones as they are, the others as "
            "series the model does not know.",
            DataWarning,
            stacklevel=5,
        )
    return has_window & varies


def _why_none(
    dataset: SeriesDataset,
    length: int,
    min_observed: float,
    short: npt.NDArray[np.bool_],
    varies: npt.NDArray[np.bool_],
) -> str:
    if short.all():
        return (
            f"The longest series, {dataset.item_ids[int(dataset.lengths.argmax())]!r}, has "
            f"{dataset.lengths.max()} steps; target_length={length} needs at least that many. "
            "Lower target_length or give longer series."
        )
    if not varies.any():
        return "Every series is constant; there is nothing to learn. Check the target column."
    return (
        f"No series has a window of {length} steps with {min_observed:.0%} of them observed. Lower "
        "target_length or min_observed, or give series with fewer gaps."
    )


def prepare(
    dataset: SeriesDataset,
    settings: PSAGANSettings,
    table: SeriesTable,
    conditions: WindowConditions,
    cardinalities: tuple[int, ...],
    num_series: int,
) -> TrainingData:
    """Scale the usable series (`table.index` > 0) and put their training data together."""
    chosen = np.flatnonzero(table.index > 0)
    part = dataset.subset(chosen)
    rows = table.rows(chosen)
    owner = np.repeat(np.arange(len(part)), part.lengths)
    return TrainingData(
        values=rows.scaler.apply(part.values, owner).astype(np.float32),
        offsets=part.offsets,
        starts=part.starts,
        series=rows.index,
        static=rows.static,
        conditions=conditions,
        sizes=NetworkSizes(conditions.num_features, num_series, cardinalities),
    )


@dataclass(frozen=True)
class NewTraining:
    """A dataset made ready for a model that starts anew."""

    table: SeriesTable
    facts: DataFacts
    conditions: WindowConditions
    data: TrainingData

    @classmethod
    def on(cls, dataset: SeriesDataset, settings: PSAGANSettings) -> NewTraining:
        """Look at a dataset: its usable series, their facts and scaled values.

        Raises:
            DataError: The data have another frequency than asked for, or teach nothing.
        """
        _check_freq(settings.freq, dataset)
        usable = usable_series(dataset, settings)
        index = np.where(usable, np.cumsum(usable), 0)
        table = SeriesTable.of(dataset, settings.scaling, index)
        conditions = conditions_for(dataset, settings)
        facts = DataFacts.of(dataset)
        cardinalities = tuple(len(c) for c in facts.static_categories)
        data = prepare(dataset, settings, table, conditions, cardinalities, int(usable.sum()))
        return cls(table, facts, conditions, data)


def conditions_for(dataset: SeriesDataset, settings: PSAGANSettings) -> WindowConditions:
    """Choose the calendar features and the range of ages from the training part."""
    longest = int(dataset.lengths.max())
    calendar = Calendar.for_span(dataset.freq, longest, settings.calendar)
    return WindowConditions(calendar, settings.lengths, settings.age, longest)
