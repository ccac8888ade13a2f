"""RIM's activity as a GluonTS predictor of counts."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from gluonts.itertools import batcher
from gluonts.model import Forecast, Predictor, QuantileForecast, SampleForecast
from safetensors.numpy import load_file, save_file
from scipy.stats import nbinom

from tsgen.arrays import Array, Integers
from tsgen.data import Histories, Interactions, Vocabulary, as_pandas, as_series
from tsgen.data.events import read_span, step_times, to_stamps
from tsgen.data.series import normalise_freq, periods, split_freq
from tsgen.displays import html_facts
from tsgen.errors import DataError, SettingsError
from tsgen.rng import entry_key, keyed_stream, resolve_seed

from .activity import FittedActivity, FittedForecaster, fit_dispersion, shape_of
from .parts import SavedPart
from .scoring import FittedParts
from .settings import RIMSettings

__all__ = ["ActivityPredictor", "predictor_of"]

_QUANTILES = (0.01, 0.05, *(k / 10 for k in range(1, 10)), 0.95, 0.99)
_BATCH = 1000
_LEAST = 1e-12


class ActivityPredictor(Predictor):  # type: ignore[misc]
    """Forecasts counts by an activity model of RIM. Made by `RIMModel.activity_predictor`.

    An entry's target is the number of events in each period; missing ones count as 0. The events of
    a period are taken to happen at its middle, all at once. The activity model expects a number of
    events in one horizon from the end of the entry on; they are spread evenly over time, and after
    the horizon their rate goes on. The count of a step is negative binomial around
    that mean.

    Args:
        activity: The fitted activity model.
        settings: Those of its RIM, whose horizon it has.
        freq: The period.
        prediction_length: Steps to forecast.
        dispersion: (2,) of the counts of one step, see `fit_dispersion`; None gives a step the
            shape that the activity model gives the whole horizon, as if a user's rate were drawn
            once for all its steps.
        seed: Of the samples where none is given; None draws a fresh one each time.
    """

    def __init__(
        self,
        activity: FittedActivity,
        settings: RIMSettings,
        freq: str,
        prediction_length: int,
        *,
        dispersion: Array | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(prediction_length)
        self.activity, self.settings = activity, settings
        self.freq, self.dispersion, self.seed = normalise_freq(freq), dispersion, seed

    def __repr__(self) -> str:
        return (
            f"ActivityPredictor({self.settings.activity!r}, freq={self.freq!r}, "
            f"prediction_length={self.prediction_length})"
        )

    def _repr_html_(self) -> str:
        return html_facts(repr(self), {"settings": self.settings.to_json()})

    def predict(
        self, dataset: Any, num_samples: int | None = None, *, seed: int | None = None
    ) -> Iterator[Forecast]:
        """Forecast each entry.

        Args:
            dataset: A GluonTS dataset of counts, or a long table of them.
            num_samples: None gives the mean and quantiles of the distribution, a number that many
                sample paths, steps drawn one by one.
            seed: Same seed, same paths of an entry, whatever stands beside it, and more of them
                begin with the fewer; None is that of the predictor. The forecasts' `info` says it.

        Raises:
            DataError: A target is not a count, or of another frequency.
            SettingsError: An impossible number of samples.
        """
        _refuse_no_samples(num_samples)
        seed = resolve_seed(self.seed if seed is None else seed)
        dataset = as_pandas(dataset)
        if isinstance(dataset, pd.DataFrame | pd.Series | Mapping):
            dataset = as_series(dataset, freq=self.freq)
        for entries in batcher(dataset, _BATCH):
            means, shapes, starts = self.expected(entries)
            keys = ["mean", *map(str, _QUANTILES)]
            arrays = None if num_samples else _quantiles(means, shapes)
            for k, (entry, start) in enumerate(zip(entries, starts, strict=True)):
                item_id, info = entry.get("item_id"), entry.get("info")
                if arrays is None:
                    samples = _draw(means[k], shapes[k], num_samples, seed, entry)
                    info = {**(info or {}), "seed": seed}
                    yield SampleForecast(samples, start, item_id, info)
                else:
                    yield QuantileForecast(arrays[:, k], start, keys, item_id, info)

    def with_seed(self, seed: int | None) -> Self:
        """Return this predictor with another `seed`, for callers that pass none."""
        seeded = copy.copy(self)
        seeded.seed = None if seed is None else resolve_seed(seed)
        return seeded

    def expected(self, entries: list[dict[str, Any]]) -> tuple[Array, Array, list[pd.Period]]:
        """Return mean and shape of each step's count, (entries, steps), and the first steps."""
        series = as_series([{**entry, "item_id": k} for k, entry in enumerate(entries)])
        if series.freq != self.freq:
            raise DataError(
                f"The entries have freq={series.freq!r}, the predictor {self.freq!r}; count the "
                f"events at freq={self.freq!r}."
            )
        size = split_freq(self.freq)[1]
        ends = series.starts + series.lengths * size
        histories = _histories(series, ends, size)
        whole = self.activity.counts(self.activity.state(histories))
        steps = ends[:, None] + np.arange(self.prediction_length + 1) * size
        lengths = np.diff(step_times(steps, None, self.freq), axis=1)
        means = whole.mean[:, None] * lengths / read_span(self.settings.horizon)
        shapes = np.broadcast_to(whole.shape[:, None], means.shape)
        if self.dispersion is not None:
            shapes = shape_of(means, self.dispersion)
        return means, shapes, periods(ends, self.freq)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ActivityPredictor):
            return NotImplemented
        ours, theirs = self._arrays(), other._arrays()
        return (
            self._facts() == other._facts()
            and ours.keys() == theirs.keys()
            and all(np.array_equal(ours[name], theirs[name]) for name in ours)
        )

    def __hash__(self) -> int:
        return hash((self.freq, self.prediction_length, self.seed))

    def _facts(self) -> dict[str, Any]:
        return {
            "settings": self.settings.to_json(),
            "freq": self.freq,
            "prediction_length": self.prediction_length,
            "dispersion": None if self.dispersion is None else self.dispersion.tolist(),
            "seed": self.seed,
        }

    def _arrays(self) -> dict[str, Array]:
        return {k: np.atleast_1d(v) for k, v in self.activity.arrays().items()}

    def serialize(self, path: Path) -> None:
        """Write the predictor into an existing folder; `Predictor.deserialize` reads it."""
        super().serialize(path)
        text = json.dumps(self._facts(), indent=1)
        (path / "predictor.json").write_text(text, encoding="utf-8")
        arrays = self._arrays()
        save_file(arrays, path / "activity.safetensors")

    @classmethod
    def deserialize(cls, path: Path, **kwargs: Any) -> Self:
        """Read what `serialize` wrote."""
        facts = json.loads((path / "predictor.json").read_text(encoding="utf-8"))
        settings = RIMSettings(**facts.pop("settings"))
        arrays = load_file(path / "activity.safetensors")
        activity = settings.activity_model().from_arrays(arrays, SavedPart())
        if facts["dispersion"] is not None:
            facts["dispersion"] = np.array(facts["dispersion"])
        return cls(activity, settings, **facts)


def _refuse_no_samples(num_samples: Any) -> None:
    whole = isinstance(num_samples, int | np.integer) and not isinstance(num_samples, bool)
    if num_samples is not None and not (whole and num_samples >= 1):
        raise SettingsError(
            f"num_samples={num_samples!r} is not possible; give a whole number from 1, or None for "
            "mean and quantiles."
        )


def _quantiles(means: Array, shapes: Array) -> Array:
    """Return mean and quantiles, shape (1 + quantiles, entries, steps)."""
    pairs = np.stack([np.maximum(means, _LEAST), shapes], axis=-1).reshape(-1, 2)
    distinct, place = np.unique(pairs, axis=0, return_inverse=True)
    mean, shape = distinct.T
    quantiles = nbinom.ppf(np.array(_QUANTILES)[:, None], shape, shape / (shape + mean))
    return np.concatenate([means[None], quantiles[:, place.reshape(means.shape)]])


def _draw(means: Array, shapes: Array, num_samples: Any, seed: int, entry: dict[str, Any]) -> Array:
    """Return paths (num_samples, steps): a rate of each step, and its count."""
    key = entry_key(entry)
    rates = keyed_stream(seed, "activity rates", key).gamma(
        shapes, means / shapes, (num_samples, len(means))
    )
    return keyed_stream(seed, "activity counts", key).poisson(rates).astype(np.float64)


def _histories(series: Any, ends: Integers, size: int) -> Histories:
    """Return entries of counts as users with events in the middle of their periods."""
    counts = np.nan_to_num(series.values)
    wrong = (counts < 0) | (counts != np.round(counts))
    if wrong.any():
        place = int(wrong.argmax())
        row = int(np.searchsorted(series.offsets, place, side="right")) - 1
        raise DataError(
            f"Entry {row} has the target {series.values[place]:g} at step "
            f"{place - series.offsets[row]}; the number of events of a period is a whole number "
            "from 0."
        )
    rows = np.repeat(np.arange(len(series)), series.lengths)
    steps = series.starts[rows] + (np.arange(len(rows)) - series.offsets[rows]) * size
    active = np.flatnonzero(counts)
    edges = [step_times(steps[active] + shift, None, series.freq) for shift in (0, size)]
    middles = edges[0] + (edges[1] - edges[0]) // 2
    number = counts[active].astype(np.int64)
    per_row = np.bincount(rows[active], number, minlength=len(series)).astype(np.int64)
    events = Interactions(
        users=Vocabulary(pd.RangeIndex(len(series)), "user"),
        items=Vocabulary(pd.Index(["any"]), "item"),
        offsets=np.append(0, np.cumsum(per_row)),
        item=np.zeros(int(number.sum()), np.int32),
        time=np.repeat(middles, number),
    )
    return Histories.of(events, step_times(ends, None, series.freq))


def predictor_of(
    parts: FittedParts,
    settings: RIMSettings,
    freq: str,
    prediction_length: int | None,
    events: Interactions | None,
    at: int,
) -> ActivityPredictor:
    """Return the predictor of a RIM; see `RIMModel.activity_predictor`."""
    if not parts.activity.expects_counts:
        raise SettingsError("activity='none' expects no number of events; train another activity.")
    if isinstance(parts.activity, FittedForecaster):
        raise SettingsError(
            "The activity of this model is a GluonTS predictor: model.parts.activity.predictor."
        )
    freq = normalise_freq(freq)
    if prediction_length is None:
        step = np.diff(step_times(np.array([0, split_freq(freq)[1]]), None, freq))[0]
        prediction_length = int(np.ceil(settings.span / step))
    predictor = ActivityPredictor(parts.activity, settings, freq, prediction_length)
    if events is not None:
        until = to_stamps(np.array([at]), events.timezone)[0]
        counts = events.activity_dataset(freq, until=until, incomplete="drop", static=())
        past, future = counts.split(last=prediction_length)
        seen = np.add.reduceat(np.nan_to_num(past.values), past.offsets[:-1]) > 0
        means, _, _ = predictor.expected(list(past.subset(seen)))  # newcomers were not known then
        happened = np.nan_to_num(future.subset(seen).values)
        predictor.dispersion = fit_dispersion(means.ravel(), happened)
    return predictor
