"""Where candidates are judged: rolling windows inside the training part, never at its end's future.

|------------------ what a dataset has ------------------|
|-- learnt from, by generators and forecasters --|stop|w1|w2|w3|
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from tsgen.arrays import Mask
from tsgen.data import SeriesDataset
from tsgen.errors import DataError, DataWarning

from ..operations import season_of
from ..reference import ForecastWindows, rolling_windows, training_windows

__all__ = ["Validation"]

_MOST_WINDOWS = 3
_LEAST_SERIES = 3
_LEAST_ROOM = 3
"""Prediction lengths of history that must be left before the stopping window."""


@dataclass(frozen=True)
class Validation:
    """A dataset cut for the choice.

    Attributes:
        usable: The series that are long enough, whole.
        learning: The same, up to where generators and forecasters learn.
        stopping: One window of each series after it, which stops the training.
        judging: `num_windows` windows of each series after that, which decide.
        context_length: Steps that the reference forecasters see.
        prediction_length: Steps to forecast.
        num_windows: Windows of each series that decide.
        left_out: How many series were too short.
    """

    usable: SeriesDataset
    learning: SeriesDataset
    stopping: ForecastWindows
    judging: ForecastWindows
    context_length: int
    prediction_length: int
    num_windows: int
    left_out: int

    @classmethod
    def of(
        cls, dataset: SeriesDataset, prediction_length: int, most_windows: int = _MOST_WINDOWS
    ) -> Validation:
        """Cut a dataset of real series.

        Args:
            dataset: The series.
            prediction_length: Steps to forecast.
            most_windows: Windows of each series that decide, at most.

        Raises:
            DataError: Fewer than three series are long enough, or none varies.

        Warns:
            DataWarning: Some series are too short to be judged by.
        """
        length = prediction_length
        _check_varies(dataset)
        windows, usable = _num_windows(dataset, length, most_windows)
        if left_out := int((~usable).sum()):
            warnings.warn(
                f"{left_out} of {len(dataset)} series are shorter than "
                f"{(windows + 1 + _LEAST_ROOM) * length} steps and were left out of the choice; "
                "they are in the augmented dataset.",
                DataWarning,
                stacklevel=4,
            )
        chosen = dataset.subset(usable)
        zeros, whole = np.zeros(len(chosen), np.int64), np.arange(len(chosen))
        ends = chosen.lengths - windows * length
        season = season_of(dataset.freq)
        context = min(max(2 * length, 2 * season), int(ends.min()) - 2 * length)
        before = chosen.cut(whole, zeros, ends)
        stopping = rolling_windows(before, context, length, 1)
        judging = rolling_windows(chosen, context, length, windows)
        _check_observed(stopping, "the window that stops training")
        _check_observed(judging, f"the last {windows * length} steps, by which ways are judged")
        return cls(
            chosen,
            chosen.cut(whole, zeros, ends - length),
            stopping,
            judging,
            context,
            length,
            windows,
            left_out,
        )

    def windows_of(self, dataset: SeriesDataset) -> ForecastWindows:
        """Return the training windows of series that were made after `learning`."""
        return training_windows(dataset, self.context_length, self.prediction_length)

    def before(self, window: int) -> SeriesDataset:
        """Return the usable series up to the beginning of one judging window, counted from 0."""
        ends = self.usable.lengths - (self.num_windows - window) * self.prediction_length
        return self.usable.cut(np.arange(len(ends)), np.zeros_like(ends), ends)


def _num_windows(dataset: SeriesDataset, length: int, most: int) -> tuple[int, Mask]:
    """Return the judging windows that most series have room for, and which series those are."""
    for windows in range(most, 0, -1):
        usable = dataset.lengths >= (windows + 1 + _LEAST_ROOM) * length
        enough = usable.sum() >= _LEAST_SERIES
        if enough and (usable.mean() >= 0.8 or windows == 1):
            return windows, usable
    needed = (2 + _LEAST_ROOM) * length
    if len(dataset) < _LEAST_SERIES:
        raise DataError(
            f"The data have {len(dataset)} series; whether more help is judged series by series "
            f"and needs at least {_LEAST_SERIES}. With fewer, compare on your own test part."
        )
    longest = int(dataset.lengths.max())
    raise DataError(
        f"Too short to judge inside the data: prediction_length={length} needs at least "
        f"{_LEAST_SERIES} series of {needed} steps (learning, a stopping window, one judging "
        f"window); the longest has {longest}. Lower prediction_length or give longer series."
    )


def _check_observed(windows: ForecastWindows, what: str) -> None:
    """Refuse windows of which nothing can be said."""
    _, future, _ = windows.read()
    if np.isnan(future).all():
        raise DataError(
            f"No series has an observed value in {what}; cut the series where their values end, or "
            "choose another prediction_length."
        )


def _check_varies(dataset: SeriesDataset) -> None:
    """Refuse data in which nothing can be learnt."""
    parts = [dataset.series(i) for i in range(len(dataset))]
    varies = [np.nanmax(p) > np.nanmin(p) for p in parts if not np.isnan(p).all()]
    if not any(varies):
        raise DataError(
            f"All {len(dataset)} series are constant or empty; there is nothing to learn, and no "
            "augmentation can help."
        )
