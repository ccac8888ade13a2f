"""From a dataset to what training needs: scaled values, embedding indices, conditions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import AnyArray, Integers, Mask, Singles
from tsgen.contracts import TableDescription
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import (
    Calendar,
    DynamicFeatures,
    normalise_freq,
    padded,
    parts_of,
    window_starts,
)
from tsgen.displays import percent
from tsgen.errors import DataError, DataWarning, SettingsError

from ..memory import DataFacts, DynamicFacts, SeriesTable
from ..networks import NetworkSizes
from ..windows import StaticNumbers, WindowConditions, WindowContext

if TYPE_CHECKING:
    from ..settings import PSAGANSettings

__all__ = [
    "NewTraining",
    "TrainingData",
    "conditions_for",
    "prepare",
    "refuse_channels_of_paper",
    "usable_series",
]


@dataclass(frozen=True)
class TrainingData:
    """The training part, scaled, with what conditions need.

    Attributes:
        values: (N,) float32, scaled, or (C, N) for C channels; NaN is missing.
        offsets: (n + 1,), series i is values[..., offsets[i]:offsets[i + 1]].
        starts: (n,), Period ordinal of each first step.
        series: (n,), embedding index of each series.
        static: Of its statics, see `WindowConditions.static_inputs`.
        conditions: How to build conditions.
        context: How to build contexts; None for a model that looks at no past.
        sizes: What the networks must provide for.
        covariates: (K, M) float32, features that change in time, scaled; None without any.
        covariate_offsets: (n + 1,), where those of each series begin.
        covariate_widths: Channels of each feature.
    """

    values: Singles
    offsets: Integers
    starts: Integers
    series: Integers
    static: AnyArray
    conditions: WindowConditions
    sizes: NetworkSizes
    context: WindowContext | None = None
    covariates: Singles | None = None
    covariate_offsets: Integers | None = None
    covariate_widths: tuple[int, ...] = ()


Dataset = SeriesDataset | MultivariateDataset

_LEAST_OBSERVED = 0.1
"""Share of a window's steps under which nobody is advised to train on it."""


def _check_freq(freq: str | None, dataset: Dataset) -> None:
    """Raise DataError unless the dataset has the frequency asked for."""
    if freq is not None and normalise_freq(freq) != dataset.freq:
        raise DataError(
            f"The data have freq '{dataset.freq}', the settings say '{freq}'. Drop the setting or "
            "give data of that frequency."
        )


def refuse_channels_of_paper(settings: PSAGANSettings, dataset: Dataset) -> None:
    """Refuse several channels for the paper's networks, which have one.

    Raises:
        SettingsError: There are several.
    """
    if settings.preset == "paper" and isinstance(dataset, MultivariateDataset):
        raise SettingsError(
            f"preset='paper' is univariate, as published; these data have {len(dataset.channels)} "
            "channels. Use preset='default', or train on dataset.series, which has every channel "
            "as a series of its own."
        )


def usable_series(dataset: Dataset, settings: PSAGANSettings) -> Mask:
    """Return which series can be trained on: observed enough and, if one is, not constant.

    A series shorter than a window has one, which goes on with missing values. Of several channels,
    each must be observed enough in the same window, and one must vary.

    Raises:
        DataError: None can.

    Warns:
        DataWarning: Some cannot; says how many and why.
    """
    length = settings.target_length
    values, offsets = padded(dataset.values, dataset.offsets, length)
    begins = window_starts(values, offsets, length, settings.min_observed)
    has_window = np.zeros(len(dataset), dtype=bool)
    has_window[np.searchsorted(offsets, begins, side="right") - 1] = True
    channels = np.atleast_2d(dataset.values)
    low = np.fmin.reduceat(channels, dataset.offsets[:-1], axis=1)
    high = np.fmax.reduceat(channels, dataset.offsets[:-1], axis=1)
    varies: Mask = np.logical_or.reduce(high > low)
    short = dataset.lengths < length
    if short.all():
        raise DataError(_why_none(dataset, length, settings.min_observed, short))
    if not varies.any() and has_window.any():
        warnings.warn(
            "Every series is constant; all that can be learned is that they stay as they are. "
            "Check the target column.",
            DataWarning,
            stacklevel=5,
        )
        return has_window
    if not (has_window & varies).any():
        raise DataError(_why_none(dataset, length, settings.min_observed, short))
    reasons = {
        f"shorter than target_length={length}": short & ~has_window,
        f"without a window {percent(settings.min_observed)} observed": ~short & ~has_window,
        "constant": has_window & ~varies,
    }
    left_out = [f"{int(which.sum())} {reason}" for reason, which in reasons.items() if which.any()]
    if left_out:
        first = dataset.item_ids[int(np.argmax(~(has_window & varies)))]
        warnings.warn(
            f"Of {len(dataset)} series, {', '.join(left_out)} (the first is {first!r}): nothing is "
            "learned from them. They can be sampled: constant ones as they are, the others as "
            "series the model does not know.",
            DataWarning,
            stacklevel=5,
        )
    if count := int((short & has_window & varies).sum()):
        warnings.warn(
            f"{count} of {len(dataset)} series are shorter than target_length={length}: each "
            f"teaches one window, missing after its end (min_observed={settings.min_observed:g}).",
            DataWarning,
            stacklevel=5,
        )
    return has_window & varies


def _why_none(
    dataset: Dataset,
    length: int,
    min_observed: float,
    short: Mask,
) -> str:
    if short.all():
        longest, typical = int(dataset.lengths.max()), int(np.median(dataset.lengths))
        fits = f"target_length={max(min(typical, longest) // 2, 8)} fits these data"
        return (
            f"The longest series, {dataset.item_ids[int(dataset.lengths.argmax())]!r}, has "
            f"{longest} steps; target_length={length} needs at least that many. "
            f"{'Lower target_length or give' if longest >= 8 else 'Give'} longer series"
            f"{f': {fits}' if longest >= 8 else ''}."
        )
    where = " in every channel" if isinstance(dataset, MultivariateDataset) else ""
    most = _most_observed(dataset, length)
    advice = (
        "Closed hours and other gaps count as missing: "
        f"min_observed={int(100 * most) / 100:g} takes the fullest window as it is"
        if most >= _LEAST_OBSERVED
        else "Lower target_length, or give series with fewer gaps"
    )
    return (
        f"No series has a window of {length} steps with {percent(min_observed)} of them observed"
        f"{where}; the fullest has {percent(most)}. {advice}."
    )


def _most_observed(dataset: Dataset, length: int) -> float:
    """Return the greatest share of a window's steps that are observed in every channel."""
    observed = np.logical_and.reduce(np.isfinite(np.atleast_2d(dataset.values)))
    counts = np.concatenate([[0], observed.cumsum()])
    windows = counts[length:] - counts[:-length]
    last = np.repeat(dataset.offsets[1:] - length, dataset.lengths)[: len(windows)]
    inside = np.arange(len(windows)) <= last
    return float(windows[inside].max(initial=0) / length)


def prepare(
    dataset: Dataset,
    settings: PSAGANSettings,
    tables: Sequence[SeriesTable],
    conditions: WindowConditions,
    cardinalities: tuple[int, ...],
    num_series: int,
    dynamic: DynamicFacts | None = None,
) -> TrainingData:
    """Scale the usable series (`index` > 0) and put their training data together.

    Args:
        dataset: The training part.
        settings: What is trained.
        tables: Facts of the series, one table for each channel.
        conditions: What windows are generated for.
        cardinalities: Categories of each static column.
        num_series: Series that the embedding provides for.
        dynamic: What is known of features that change in time.
    """
    chosen = np.flatnonzero(tables[0].index > 0)
    part = dataset.subset(chosen)
    rows = tables[0].rows(chosen)
    owner = np.repeat(np.arange(len(part)), part.lengths)
    scaled = [
        table.rows(chosen).scaler.apply(channel.values, owner).astype(np.float32)
        for table, channel in zip(tables, parts_of(part), strict=True)
    ]
    features = part.dynamic if dynamic is not None else None
    values, offsets = padded(
        scaled[0] if len(scaled) == 1 else np.stack(scaled), part.offsets, settings.target_length
    )
    return TrainingData(
        values=values,
        offsets=offsets,
        starts=part.starts,
        series=rows.index,
        static=conditions.static_inputs(rows.static, rows.static_real),
        conditions=conditions,
        sizes=NetworkSizes(
            conditions.num_features,
            num_series,
            cardinalities,
            num_channels=len(tables),
            static_width=conditions.static_width,
        ),
        covariates=None if features is None or dynamic is None else dynamic.channels(features),
        covariate_offsets=None if features is None else features.offsets,
        covariate_widths=() if dynamic is None else dynamic.widths,
    )


def _refuse_unobserved(dataset: Dataset) -> None:
    """Refuse a channel without a value in an entry: it has no scale to be drawn in."""
    if not isinstance(dataset, MultivariateDataset):
        return
    for name, part in zip(dataset.channels, dataset.parts, strict=True):
        seen = np.logical_or.reduceat(~np.isnan(part.values), part.offsets[:-1])
        if not seen.all():
            item_id = part.item_ids[int(seen.argmin())]
            raise DataError(
                f"Channel '{name}' of entry {item_id!r} has no observed value in these data; leave "
                "the entry or the channel out, or train on a longer part.",
                item_id=item_id,
                field=name,
            )


@dataclass(frozen=True)
class NewTraining:
    """A dataset made ready for a model that starts anew."""

    tables: tuple[SeriesTable, ...]  # one for each channel
    facts: DataFacts
    conditions: WindowConditions
    data: TrainingData
    features: DynamicFeatures | None = None  # as the model orders them

    @property
    def table(self) -> SeriesTable:
        """Facts of the series in their first channel."""
        return self.tables[0]

    @classmethod
    def on(
        cls,
        dataset: Dataset,
        settings: PSAGANSettings,
        encoder: TableDescription | None = None,
    ) -> NewTraining:
        """Look at a dataset: its usable series, their facts and scaled values.

        Raises:
            DataError: The data have another frequency than asked for, or teach nothing.
        """
        _check_freq(settings.freq, dataset)
        _refuse_unobserved(dataset)
        usable = usable_series(dataset, settings)
        index = np.where(usable, np.cumsum(usable), 0)
        tables = tuple(SeriesTable.of(part, settings.scaling, index) for part in parts_of(dataset))
        facts = DataFacts.of(dataset)
        if encoder is not None:  # which may know more of them than these series have
            facts = facts.with_categories(encoder.categories())
        conditions = conditions_for(dataset, settings, facts.dynamic)
        if settings.statics != "embedded":
            seen = tables[0].static, tables[0].static_real
            named = facts.static_names, facts.static_categories
            statics = StaticNumbers.learnt(settings.statics, *seen, *named, encoder)
            conditions = replace(conditions, statics=statics)
        features = None
        if facts.dynamic is not None:
            dataset = facts.with_features(dataset)
            features = dataset.dynamic
        cardinalities = tuple(len(c) for c in facts.static_categories)
        data = prepare(
            dataset, settings, tables, conditions, cardinalities, int(usable.sum()), facts.dynamic
        )
        return cls(tables, facts, conditions, data, features)


def conditions_for(
    dataset: Dataset, settings: PSAGANSettings, dynamic: DynamicFacts | None = None
) -> WindowConditions:
    """Choose the calendar features and the range of ages from the training part."""
    longest = int(dataset.lengths.max())
    calendar = Calendar.for_span(dataset.freq, longest, settings.calendar, settings.holidays)
    if (
        settings.calendar == "peaks"
        and calendar.names == Calendar.for_span(dataset.freq, longest).names
    ):
        warnings.warn(
            "calendar='peaks' is for daily and weekly series of two years or more and adds nothing "
            f"here (at most {longest} steps of freq='{dataset.freq}').",
            DataWarning,
            stacklevel=4,
        )
    covariates = 0 if dynamic is None else settings.num_covariates(dynamic)
    return WindowConditions(calendar, settings.lengths, settings.age, longest, covariates)
