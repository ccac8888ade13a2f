"""What a forecaster of one regime and seed may see, and what it is asked."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from gluonts.time_feature.seasonality import get_seasonality

from tsgen.arrays import Array, Integers
from tsgen.data import SeriesDataset
from tsgen.data.series import normalise_freq, rejoined
from tsgen.errors import DataError
from tsgen.rng import numpy_stream

from .settings import ForecastStudy, Regime

__all__ = ["Scene", "TestWindows", "check_dataset", "gluonts_season", "make_scene"]


@dataclass(frozen=True)
class TestWindows:
    """Forecast tasks; like GluonTS's `TestData`, `input` and `label` go through them in step.

    Attributes:
        dataset: The tested series.
        rows: (n,), series of each window.
        begins: (n,), step of the series at which the forecast begins.
        length: Steps to forecast, L.
    """

    __test__ = False  # the name is GluonTS's kind of word, not a test for pytest

    dataset: SeriesDataset
    rows: Integers
    begins: Integers
    length: int

    @property
    def input(self) -> list[dict[str, Any]]:
        """The entries, each cut where its forecast begins."""
        return self._entries(np.zeros_like(self.begins), self.begins)

    def joint_input(self, channels: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return the entries of all channels, each cut where its forecast begins.

        There is one for each window of the first channel; the others' windows are the same.
        """
        whole = list(rejoined(self.dataset, channels))
        first = self.rows < len(whole)
        return [
            whole[i] | {"target": whole[i]["target"][:, :begin]}
            for i, begin in zip(self.rows[first], self.begins[first], strict=True)
        ]

    @property
    def label(self) -> list[dict[str, Any]]:
        """The entries' next L steps."""
        return self._entries(self.begins, self.begins + self.length)

    @property
    def truth(self) -> Array:
        """What came, NaN = missing, (n, L)."""
        places = self.dataset.offsets[self.rows] + self.begins
        truth: Array = self.dataset.values[places[:, None] + np.arange(self.length)]
        return truth

    def seen_through(self, seen: SeriesDataset) -> TestWindows:
        """Return the same windows over what may be seen of the same series."""
        return replace(self, dataset=seen)

    def _entries(self, begins: Integers, ends: Integers) -> list[dict[str, Any]]:
        whole = list(self.dataset)
        return [
            whole[i] | {"target": whole[i]["target"][b:e], "start": whole[i]["start"] + int(b)}
            for i, b, e in zip(self.rows, begins, ends, strict=True)
        ]


@dataclass(frozen=True)
class Scene:
    """One regime and seed.

    Attributes:
        truth: All series, cut at their beginning if the regime says so.
        seen: The same with what the task hides missing.
        train_ends: (series,), the step at which the training part ends.
        kept: Positions of the series that there are to train on.
        tested: Positions of the series that are scored.
        season: Steps of a season.
        seed: Seed of what makes series.
        channels: Names of the channels that belong together; a series is one of them, all entries'
            first channels before the second ones. Empty for univariate series.
    """

    truth: SeriesDataset
    seen: SeriesDataset
    train_ends: Integers
    kept: Integers
    tested: Integers
    season: int
    seed: int
    channels: tuple[str, ...] = ()

    def training(self, seen: SeriesDataset | None = None) -> SeriesDataset:
        """Return the training part, of what is seen or of a filled copy of it."""
        seen = self.seen if seen is None else seen
        return seen.cut(self.kept, np.zeros_like(self.kept), self.train_ends[self.kept])

    @property
    def training_parts(self) -> SeriesDataset:
        """The training part of every series, kept or not, as far as it is seen."""
        return self.seen.cut(
            np.arange(len(self.seen)), np.zeros_like(self.train_ends), self.train_ends
        )

    def windows(self, study: ForecastStudy) -> TestWindows:
        """Return the rolling windows of every tested series, over the truth."""
        ends = self.train_ends[self.tested][:, None] + study.step * np.arange(study.num_windows)
        rows = np.repeat(self.tested, study.num_windows)
        return TestWindows(self.truth, rows, ends.ravel(), study.prediction_length)


def gluonts_season(freq: str) -> int:
    """Return GluonTS's number of steps in a season of this frequency, 1 if there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas renames its frequencies
        return int(get_seasonality(freq))


def check_dataset(dataset: SeriesDataset, study: ForecastStudy) -> SeriesDataset:
    """Return the part of a dataset that a study may read, every series long enough for it.

    Raises:
        DataError: Synthetic entries, another frequency, or too short a series.
    """
    if dataset.synthetic.any():
        i = int(dataset.synthetic.argmax())
        raise DataError(
            f"{int(dataset.synthetic.sum())} of {len(dataset)} series are synthetic, the first "
            f"{dataset.item_ids[i]!r}; a forecaster is tested on real ones only. Give the real "
            "dataset; the study makes its own synthetic series.",
            item_id=dataset.item_ids[i],
        )
    if study.freq is not None and normalise_freq(study.freq) != dataset.freq:
        raise DataError(
            f"The study is about freq={study.freq!r}, the data have {dataset.freq!r}; give the "
            "data of the study, or change its freq (and prediction_length)."
        )
    tested = study.tested_steps
    needed = tested + study.prediction_length + 1 + (study.part == "validation") * tested
    if (dataset.lengths < needed).any():
        i = int(dataset.lengths.argmin())
        part = " twice (the test part is cut off first)" if study.part == "validation" else ""
        raise DataError(
            f"Series {dataset.item_ids[i]!r} has {dataset.lengths[i]} steps: {study.num_windows} "
            f"windows of {study.prediction_length}, {study.step} apart, take {tested}{part}, and "
            f"training at least {study.prediction_length + 1} before them. Lower num_windows, or "
            f"leave out the {int((dataset.lengths < needed).sum())} series under {needed} steps.",
            item_id=dataset.item_ids[i],
        )
    if study.part == "test":
        return dataset
    ends = dataset.lengths - tested
    return dataset.cut(np.arange(len(dataset)), np.zeros_like(ends), ends)


def make_scene(
    dataset: SeriesDataset,
    study: ForecastStudy,
    regime: Regime,
    seed: int,
    *,
    draw: int = 0,
    generator: int | None = None,
    channels: tuple[str, ...] = (),
) -> Scene:
    """Draw what one regime and seed of a study see of a dataset that `check_dataset` gave.

    Args:
        dataset: The series.
        study: The study.
        regime: How much of them is kept.
        seed: Of what the task hides.
        draw: Which series are kept.
        generator: Seed of what makes series; None is `seed`.
        channels: Of which `dataset` holds the series, one channel after another; whole entries are
            kept and tested.

    Raises:
        DataError: The regime or the task leaves nothing to train on.
    """
    whole = np.arange(len(dataset))
    dropped = np.floor((dataset.lengths - study.tested_steps) * (1 - regime.history))
    truth = dataset.cut(whole, dropped.astype(np.int64), dataset.lengths)
    train_ends = truth.lengths - study.tested_steps
    if (train_ends <= study.prediction_length).any():
        i = int(train_ends.argmin())
        raise DataError(
            f"{100 * regime.history:g} % of the history leaves series {truth.item_ids[i]!r} "
            f"{train_ends[i]} steps to train on; more than prediction_length="
            f"{study.prediction_length} are needed. Raise the regime's history.",
            item_id=truth.item_ids[i],
        )
    num_entries = len(truth) // max(len(channels), 1)
    count = round(regime.series * num_entries)
    if count == 0:
        raise DataError(
            f"{100 * regime.series:g} % of {num_entries} series is no series; raise the regime's "
            "share."
        )
    # Both draws are the study's, so that all seeds and arms can be compared series by series.
    kept = np.sort(numpy_stream(draw, "kept series").permutation(num_entries)[:count])
    tested = kept if study.test_on == "kept" else np.arange(num_entries)
    if study.num_test_series is not None:
        tested = numpy_stream(0, "tested series").permutation(tested)[: study.num_test_series]
        tested = np.sort(tested)
    first = num_entries * np.arange(max(len(channels), 1))  # of each channel's series
    kept, tested = ((first[:, None] + rows).ravel() for rows in (kept, tested))
    seen, tested = _hide(truth, train_ends, tested, study, seed)
    making = seed if generator is None else generator
    season = gluonts_season(truth.freq)
    return Scene(truth, seen, train_ends, kept, tested, season, making, channels)


def _hide(
    truth: SeriesDataset, train_ends: Integers, tested: Integers, study: ForecastStudy, seed: int
) -> tuple[SeriesDataset, Integers]:
    """Return what the task leaves to see, and the series that it scores."""
    if study.task in {"augment", "direct"}:
        return truth, tested
    ends = np.repeat(train_ends, truth.lengths)
    step = np.arange(truth.values.size) - np.repeat(truth.offsets[:-1], truth.lengths)
    draw = numpy_stream(seed, study.task)
    if study.task == "far":
        hidden = step >= ends
    elif study.task == "cold_start":
        tested = np.sort(draw.permutation(tested)[: max(1, round(study.cold_share * len(tested)))])
        cold = np.isin(np.arange(len(truth)), tested)
        hidden = np.repeat(cold, truth.lengths) & (step < ends - study.cold_length)
    else:
        halves = train_ends // 2
        room = train_ends - halves - study.gap_length
        if (room < 1).any():
            i = int(room.argmin())
            raise DataError(
                f"Series {truth.item_ids[i]!r} has {train_ends[i]} steps of training; the second "
                f"half has no room for a gap of {study.gap_length}. Lower gap_length.",
                item_id=truth.item_ids[i],
            )
        hidden = np.zeros(truth.values.size, dtype=bool)
        for _ in range(study.num_gaps):
            begin = np.repeat(halves + draw.integers(0, room + 1), truth.lengths)
            hidden |= (step >= begin) & (step < begin + study.gap_length)
    return replace(truth, values=np.where(hidden, np.nan, truth.values)), tested
