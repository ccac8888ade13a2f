"""How wide forecasts must be that their intervals hold: set after training.

What training has seen is forecast too surely. So a small share of the steps, the ends of some
series, is hidden from training (and from the scales of these series, which would tell of them),
forecast, and compared.

Two widths are found, of how paths lie about their centre (see `Paths`): of their means over the
horizon, at which the 80 % band of sums holds; then of their steps about these means, at which the
80 % band of single steps holds. The centre stays where it is.

Shape legend: G windows, S draws of each, H steps ahead, C channels.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Array, Integers
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import joined, parts_of
from tsgen.errors import DataWarning
from tsgen.rng import numpy_stream

from ..conditional_settings import PSAGANContextSettings
from ..learning import NewTraining
from ..settings import PSAGANSettings
from .paths import widened

if TYPE_CHECKING:
    from .predictor import PSAGANPredictor

__all__ = ["HeldOut"]

logger = logging.getLogger(__name__)

Dataset = SeriesDataset | MultivariateDataset

_DRAWS, _BEYOND, _WANTED = 39, 3, 0.8
"""Of 39 draws, a value of their own kind lies within all but the three least and the three greatest
32 times in 40."""
_FEWEST, _MOST_WINDOWS = 24, 96
"""Fewer windows would not tell, and are not hidden; more are not looked at."""
_OF_A_SERIES = 4
"""Of a series, no more than one step in so many is hidden; two windows are left to learn from."""
_LEAST, _MOST, _ROUNDS = 2 / 3, 1.5, 8
"""What follows is seldom further out: the year before the forecasts of 767 monthly series asked for
2.3, the year of the forecasts for 1.1."""


@dataclass(frozen=True)
class HeldOut:
    """Windows at the ends of series that training does not learn from.

    Attributes:
        rows: (G,), whose they are; none if there are too few.
        ends: (G,), steps of the series before each.
        steps: H.
    """

    rows: Integers
    ends: Integers
    steps: int

    @classmethod
    def of(cls, dataset: Dataset, settings: PSAGANContextSettings, seed: int) -> HeldOut:
        """Choose windows: the last of each series, in turns, then those before.

        Args:
            dataset: The training part.
            settings: Their `held_out_share` bounds the steps.
            seed: Of the training.
        """
        steps, lengths = settings.horizon, dataset.lengths
        left = lengths - 2 * settings.target_length
        seen = np.isfinite([part.values for part in parts_of(dataset)]).all(axis=0)
        enough = np.add.reduceat(seen, dataset.offsets[:-1], dtype=np.int64) >= lengths / 2
        room = np.minimum(lengths // _OF_A_SERIES, left).clip(0) // steps * enough
        allowed = int(settings.held_out_share * lengths.sum() / steps)
        count = min(allowed, _MOST_WINDOWS, int(room.sum()))
        if count < _FEWEST:
            none = np.zeros(0, np.int64)
            return cls(none, none, steps)
        order = numpy_stream(seed, "held out").permutation(len(lengths))
        turns = [order[room[order] > turn] for turn in range(min(count, int(room.max())))]
        turn = np.repeat(np.arange(len(turns)), [len(rows) for rows in turns])[:count]
        rows = np.concatenate(turns)[:count]
        return cls(rows, lengths[rows] - (turn + 1) * steps, steps)

    def hidden(self, dataset: Dataset) -> Dataset:
        """Return the data without the values of these windows."""
        if not len(self.rows):
            return dataset
        place = (dataset.offsets[self.rows] + self.ends)[:, None] + np.arange(self.steps)
        parts = []
        for part in parts_of(dataset):
            values = part.values.copy()
            values[place] = np.nan
            parts.append(replace(part, values=values))
        channels = dataset.channels if isinstance(dataset, MultivariateDataset) else ()
        return joined(parts, channels)

    def left_out(
        self, whole: NewTraining, dataset: Dataset, settings: PSAGANSettings
    ) -> NewTraining:
        """Return what training is given: these values are neither in it nor in its scales.

        Args:
            whole: Of the data as they are; what a model remembers of them stays.
            dataset: The same data.
            settings: Of the training.
        """
        if not len(self.rows):
            return whole
        with warnings.catch_warnings():  # said of the data as they are
            warnings.simplefilter("ignore", DataWarning)
            seen = NewTraining.on(self.hidden(dataset), settings)
        tables = tuple(
            replace(table, scaler=part.scaler, index=part.index)
            for table, part in zip(whole.tables, seen.tables, strict=True)
        )
        return replace(whole, tables=tables, data=seen.data)

    def width(self, predictor: PSAGANPredictor, dataset: Dataset) -> tuple[float, float]:
        """Return the widths of means over the horizon and of steps about them.

        (1, 1), as paths are drawn, where nothing was hidden.

        Args:
            predictor: As it was trained.
            dataset: The training part, with the values of these windows.
        """
        if not len(self.rows):
            return 1.0, 1.0
        rows, whose = np.unique(self.rows, return_inverse=True)
        given = list(dataset.cut(rows, np.zeros_like(rows), dataset.lengths[rows]))
        pairs = [(given[i], end) for i, end in zip(whose, self.ends.tolist(), strict=True)]
        pasts = [self._before(entry, end) for entry, end in pairs]
        truth = np.stack([_ahead(entry, end, self.steps) for entry, end in pairs])
        there = np.isfinite(truth)
        if not there.any():
            return 1.0, 1.0
        paths, centre = _drawn(predictor, pasts, 1.0, _DRAWS), _drawn(predictor, pasts, 0.0, 1)
        observed = np.where(there.any(axis=1), np.where(there, truth, 0.0).sum(axis=1), np.nan)

        def sums_within(width: float) -> float:
            wide = widened(paths, centre, (width, 1.0))
            return _within(np.where(there[:, None], wide, 0.0).sum(axis=2), observed)

        means = _width_at(sums_within)
        steps = _width_at(lambda width: _within(widened(paths, centre, (means, width)), truth))
        logger.info("width of forecasts: means %.2f, steps %.2f", means, steps)
        return means, steps

    def _before(self, entry: dict[str, Any], end: int) -> dict[str, Any]:
        """Return an entry as it was before a window, with what is known of the steps ahead."""
        ends = {
            FieldName.TARGET: end,
            FieldName.PAST_FEAT_DYNAMIC_REAL: end,
            FieldName.FEAT_DYNAMIC_REAL: end + self.steps,
            FieldName.FEAT_DYNAMIC_CAT: end + self.steps,
        }
        cut = {name: entry[name][..., :last] for name, last in ends.items() if name in entry}
        return {**entry, **cut}


def _ahead(entry: dict[str, Any], end: int, steps: int) -> Array:
    """Return what followed, (H,) or (H, C)."""
    values: Array = np.asarray(entry[FieldName.TARGET][..., end : end + steps], np.float64)
    return values.T


def _drawn(
    predictor: PSAGANPredictor, pasts: list[dict[str, Any]], width: float, count: int
) -> Array:
    """Return paths (G, S, H) or (G, S, H, C) of a width; of width 0 all are the centre."""
    trial = predictor.with_seed(predictor.seed)
    trial.forecast_width = width, width
    with warnings.catch_warnings():  # of new series and closed hours, to be said in use
        warnings.simplefilter("ignore", DataWarning)
        paths = trial.predict(pasts, count, constraints=None)
        return np.stack([path.samples for path in paths]).astype(np.float64)


def _within(drawn: Array, truth: Array) -> float:
    """Return the share of known values that lie within all but the outermost draws."""
    drawn = np.sort(drawn, axis=1)
    hits = (drawn[:, _BEYOND] <= truth) & (truth <= drawn[:, -1 - _BEYOND])
    return float(hits[np.isfinite(truth)].mean())


def _width_at(within: Callable[[float], float]) -> float:
    """Return the width at which the wanted share lies within, nearly."""
    low, high = _LEAST, _MOST
    for _ in range(_ROUNDS):
        middle = float(np.sqrt(low * high))
        if within(middle) < _WANTED:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))
