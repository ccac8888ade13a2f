"""Activity by any GluonTS forecaster: each user's events a period, forecast over the horizon."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from gluonts.core.component import equals
from gluonts.model import Estimator, Predictor

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories, SeriesDataset
from tsgen.data.events import count_panel, event_steps, mark_skipped, series_ids
from tsgen.data.series import normalise_freq, split_freq
from tsgen.errors import ModelFormatError, SettingsError
from tsgen.rng import global_seed
from tsgen.storage import check_files
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import ActivityPart, Dispersed, FittedActivity
from .gluonts_steps import mean_forecasts, steps_in_horizon, time_weights

__all__ = ["FittedForecaster", "ForecasterActivity"]


@dataclass(frozen=True, eq=False)
class ForecasterActivity(ActivityPart):
    """A GluonTS forecaster of each user's events a period as the activity model of RIM.

    The activity of a user is the sum of the mean forecast over the horizon. The forecaster sees the
    whole periods before a request, as `interactions.activity_dataset(freq)` has them, without
    static features. Of a period that the horizon cuts, the share of its time counts; after the last
    step of the forecast, its mean goes on.

    A model is saved with its forecaster (by `Predictor.serialize`), which is read back when newer
    histories are scored: GluonTS then imports the class that the folder names.

    Attributes:
        forecaster: An `Estimator`, trained on the users' series up to the cut-off (and once more, a
            horizon earlier, to learn what intensities mean as chances); or a `Predictor`, taken as
            it is.
        freq: The period, which is the forecaster's.
        start: Series begin with the "log", or with each user's "first" event; a user without a
            whole period has one of no events.
        seed: Of GluonTS's random numbers; the global generators are put back afterwards.

    Raises:
        SettingsError: The frequency is impossible, or not that of the estimator.

    Example:
        >>> from gluonts.model.seasonal_naive import SeasonalNaivePredictor
        >>> from tsgen.intensity import ForecasterActivity, RIMEstimator
        >>> forecaster = SeasonalNaivePredictor(prediction_length=14, season_length=7)
        >>> estimator = RIMEstimator(horizon="14D", activity=ForecasterActivity(forecaster))
        >>> estimator.to_json()["activity"]["freq"]
        'D'
    """

    forecaster: Any = None
    freq: str = "D"
    start: Literal["log", "first"] = "log"
    seed: int = 0
    expensive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "freq", normalise_freq(self.freq))
        if self.start not in ("log", "first"):
            raise SettingsError(f"start={self.start!r} is not possible: use 'log' or 'first'.")
        own = getattr(self.forecaster, "freq", None)
        if own is not None and normalise_freq(own) != self.freq:
            raise SettingsError(
                f"The forecaster works at freq={own!r}, the activity at {self.freq!r}; say "
                f"ForecasterActivity(..., freq={own!r})."
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ForecasterActivity):
            return NotImplemented
        alike: bool = equals(self.forecaster, other.forecaster)
        return alike and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.freq, self.start, self.seed))

    @property
    def __init_passed_kwargs__(self) -> dict[str, Any]:  # what gluonts.core.serde asks for
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values, the forecaster by the name of its class."""
        name = self.forecaster
        if not isinstance(name, str | None):
            name = f"{type(name).__module__}.{type(name).__qualname__}"
        return {"forecaster": name, "freq": self.freq, "start": self.start, "seed": self.seed}

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Train the forecaster, if it is an estimator, on the users' series up to the requests.

        Raises:
            SettingsError: There is no forecaster, or it does not reach as far as the horizon.
        """
        if not isinstance(self.forecaster, Estimator | Predictor):
            raise SettingsError(
                f"forecaster={self.forecaster!r} is no GluonTS Estimator or Predictor (a saved "
                "model has only its name); pass the object itself."
            )
        events = histories.events
        steps = event_steps(np.append(events.time, histories.at.max()), events.timezone, self.freq)
        fitted = FittedForecaster(
            replace(self, forecaster=None),
            horizon=float(horizon),
            origin=float(steps.min()),
        )
        predictor: Predictor = self.forecaster
        if isinstance(predictor, Estimator):
            with global_seed(self.seed):  # a copy, for GluonTS's samplers remember what they saw
                predictor = deepcopy(predictor).train(fitted.series(histories))
        needed = steps_in_horizon(predictor, int(steps[-1]), self.freq, events.timezone, horizon)
        parts = np.array([needed, max(needed, predictor.prediction_length)], np.float64)
        return replace(fitted, parts=parts, source=predictor)

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what `FittedForecaster.arrays` and `write` kept."""
        return FittedForecaster(
            self,
            horizon=float(arrays["horizon"].item()),
            origin=float(arrays["origin"].item()),
            parts=arrays["parts"],
            source=saved.folder,
            sums=saved.sums,
        )


@dataclass(frozen=True)
class FittedForecaster(Dispersed):
    """A predictor of the users' events a period.

    The state of a request is what its forecast expects in equal parts of time from the request on.
    Its counts are Poisson: no dispersion is learnt, which would take more forecasts.

    Attributes:
        settings: The model it was fitted by.
        horizon: Microseconds.
        origin: The step that series begin with if they begin with the log.
        parts: (2,) how many parts a horizon and a state have.
        source: The predictor, or the folder it is in.
        sums: Digests of the folder's files.
    """

    settings: ForecasterActivity
    horizon: float
    origin: float
    parts: Array = field(default_factory=lambda: np.ones(2))
    source: Predictor | Path | None = None
    sums: dict[str, str] = field(default_factory=dict)
    has_folder: ClassVar[bool] = True

    @property
    def predictor(self) -> Predictor:
        """The forecaster, read from its folder if need be.

        Raises:
            ModelFormatError: It cannot be read, or is no longer what was loaded.
        """
        if not isinstance(self.source, Path):
            return self.source
        check_files(self.source, self.sums)
        try:
            return Predictor.deserialize(self.source)
        except Exception as error:
            raise ModelFormatError(
                f"The forecaster in {self.source} cannot be read ({type(error).__name__}: "
                f"{error}). Install what it was made with, copy the model again, or train it anew."
            ) from error

    def series(self, histories: Histories) -> SeriesDataset:
        """Return the events of each request in the whole periods before it, as a dataset."""
        events, freq = histories.events, self.settings.freq
        requests, rows = histories.flat()
        steps = event_steps(events.time[rows], events.timezone, freq)
        ends = event_steps(histories.at, events.timezone, freq)
        before = steps < ends[requests]
        requests, steps = requests[before], steps[before]
        firsts = np.minimum(ends - split_freq(freq)[1], int(self.origin))
        if self.settings.start == "first":
            firsts = ends - split_freq(freq)[1]
        np.minimum.at(firsts, requests, steps)
        values, offsets = count_panel(requests, steps, firsts, ends, freq)
        mark_skipped(values, offsets, firsts, freq, events.timezone)
        ids: tuple[str | int, ...] = tuple(range(len(histories)))
        if len(np.unique(histories.users)) == len(histories):
            ids = series_ids(events.users.ids[histories.users])
        return SeriesDataset(values, offsets, firsts, freq, ids, timezone=events.timezone)

    def state(self, histories: Histories) -> Array:
        """Return the expected events of each request in each part of time, shape (r, parts)."""
        if not len(histories):
            return np.zeros((0, int(self.parts[1])))
        means = mean_forecasts(self.predictor, self.series(histories), self.settings.seed)
        zone, freq = histories.events.timezone, self.settings.freq
        means_of = np.zeros((len(histories), int(self.parts[1])))
        grid = np.arange(means_of.shape[1] + 1) * self.horizon / self.parts[0]
        times, which = np.unique(histories.at, return_inverse=True)
        firsts = event_steps(times, zone, freq)
        for k, (at, first) in enumerate(zip(times, firsts, strict=True)):
            weights = time_weights(first, means.shape[1], freq, zone, at + np.rint(grid))
            means_of[which == k] = means[which == k] @ weights
        return means_of

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return the expected events in the horizon that begins `elapsed` horizons later.

        After the last part of the state, its mean goes on.
        """
        begin = np.broadcast_to(np.asarray(elapsed, np.float64) * self.parts[0], len(state))
        totals = np.concatenate([np.zeros((len(state), 1)), np.cumsum(state, axis=1)], axis=1)
        return _until(totals, begin + self.parts[0]) - _until(totals, begin)

    def arrays(self) -> dict[str, Any]:
        """Return arrays and numbers; the predictor is written by `write`."""
        return {"horizon": self.horizon, "origin": self.origin, "parts": self.parts}

    def write(self, folder: Path) -> None:
        """Write the predictor into an empty folder, as GluonTS does.

        Raises:
            SettingsError: It cannot be written.
        """
        predictor = self.predictor
        try:
            predictor.serialize(folder)
        except Exception as error:
            raise SettingsError(
                f"The forecaster {type(predictor).__name__} cannot be saved "
                f"({type(error).__name__}: {error}); use one whose `serialize` works."
            ) from error


def _until(totals: Array, place: Array) -> Array:
    """Return each row's running total at a place between its columns, or beyond the last."""
    rows, last = np.arange(len(totals)), totals.shape[1] - 1
    left = np.minimum(place.astype(np.int64), last - 1)
    within = np.minimum(place, last) - left
    inside = totals[rows, left] + within * (totals[rows, left + 1] - totals[rows, left])
    return np.asarray(inside + np.maximum(place - last, 0.0) * totals[:, last] / last)
