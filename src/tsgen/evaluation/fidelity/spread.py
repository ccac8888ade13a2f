"""Do samples of one series at one time differ as much as real days do?"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from tsgen.arrays import Integers
from tsgen.contracts import SeriesSampler
from tsgen.data import SeriesDataset
from tsgen.data.series import split_freq
from tsgen.errors import DataError, SettingsError
from tsgen.metrics import noise_spread
from tsgen.results import StudyResult, library_versions
from tsgen.rng import numpy_stream, resolve_seed

from .measures import NOISE_SPREAD, measure_named
from .published_protocol import Sampler, sample_like, sampler_of
from .windows import WindowIndex, series_bounds

__all__ = ["model_noise_spread", "sampler_noise_spread"]

_STEPS_OF_A_WEEK = {"min": 10_080, "h": 168, "D": 7, "B": 5}
_STEPS_OF_A_YEAR = {"W": 52, "M": 12, "Q": 4}
_DRAWS = (8, 4, 2)


def sampler_noise_spread(
    dataset: SeriesDataset,
    sampler: Sampler,
    *,
    target_length: int,
    period: int,
    pairs: int = 64,
    draws: int = 8,
    repeats: int = 5,
    age_deviation: float | None = None,
    follows: bool = False,
    seed: int | None = None,
) -> StudyResult:
    """Compare the spread over draws of the same series and time with the spread over real days.

    A generator can score well on Context-FID and yet return one answer for each series and time.
    Here, for each pair (series uniform, then time uniform), `draws` samples are set against `draws`
    real windows of the series at the same phase of `period`, all scaled by the series' least and
    greatest value; see `tsgen.metrics.noise_spread`. The floor puts other real windows in the place
    of the samples.

    Args:
        dataset: The real series.
        sampler: Makes fakes; see `Sampler`. One call asks for each pair `draws` times.
        target_length: Steps in a window.
        period: Steps after which the calendar repeats: 24 or 168 for hourly data, 7 for daily.
        pairs: Series and times in a repeat.
        draws: Samples, and real windows, of each pair.
        repeats: Over which mean and standard deviation are taken.
        age_deviation: Deviation, in steps, of the noise that training puts on the age of a window;
            infinite where the sampler knows no age. Then the row has a `ceiling`: what a perfect
            learner of such training would score, who draws the real windows of the same series and
            phase, those near in time more often. At 0, a sharp age, there is none: such a learner
            would draw one window.
        follows: The sampler follows features that change in time. Then each draw is asked for at
            the time of one of the windows that a perfect learner draws, so that features differ on
            both sides; needs `age_deviation`.
        seed: Same seed, same numbers; None draws one, which is recorded.

    Raises:
        DataError: No series has enough complete windows of one phase, or a wrong sampler.
        SettingsError: An impossible setting.
    """
    if min(draws, repeats) < 2 or min(pairs, period) < 1:
        raise SettingsError(
            f"pairs={pairs}, draws={draws}, repeats={repeats}, period={period} is not possible: "
            "use at least 2 draws and repeats, and at least 1 pair and step."
        )
    if follows and not age_deviation:
        raise SettingsError("follows=True needs age_deviation above 0 (infinite without an age).")
    seed = resolve_seed(seed)
    index, bounds = WindowIndex.over(dataset, target_length), series_bounds(dataset)
    groups = _Phases.over(index, period, 2 * draws)
    shape = (pairs, -1, target_length)
    values, floors, ceilings = [], [], []
    for repeat in range(repeats):
        stream = numpy_stream(seed, "spread", repeat)
        chosen = groups.choose(pairs, stream)
        days = index.at(chosen.reshape(-1)).min_max(*bounds).reshape(shape)
        asked = np.repeat(chosen[:, 0], draws)
        if age_deviation:
            near = groups.near(chosen[:, 0], age_deviation, draws, seed, repeat).reshape(-1)
            perfect = index.at(near).min_max(*bounds).reshape(shape)
            ceilings.append(noise_spread(perfect, days[:, :draws]))
            asked = near if follows else asked
        made = sample_like(sampler, dataset, index.at(asked), seed=int(stream.integers(2**31)))
        values.append(noise_spread(made.min_max(*bounds).reshape(shape), days[:, :draws]))
        floors.append(noise_spread(days[:, draws:], days[:, :draws]))
    row = measure_named(NOISE_SPREAD).row(values, floors)
    row |= {"protocol": "same series and time", "n": pairs, "seed": seed}
    best = ""
    if ceilings:
        row["ceiling"] = float(np.mean(ceilings))
        best = f"; a perfect learner of its training: {row['ceiling']:.2f}"
    whose = " and phase, with the features of real ones," if follows else " and time"
    answer = (
        f"Samples of one series{whose} spread {row['value']:.2f} times as much as real days do "
        f"(real windows: {row['floor']:.2f}{best})."
    )
    settings = {"target_length": target_length, "period": period, "draws": draws}
    facts = {
        "study": "spread over noise",
        "settings": settings | {"pairs": pairs, "repeats": repeats, "follows": follows},
        "data": {"real": dataset.facts() | {"fingerprint": dataset.fingerprint()}},
        "seed": seed,
        "versions": library_versions(),
    }
    return StudyResult(pd.DataFrame([row]), answer, facts)


def model_noise_spread(
    dataset: SeriesDataset, model: SeriesSampler, *, target_length: int, seed: int
) -> StudyResult | None:
    """Compare the spread over a model's draws with that over real weeks, days or years.

    As `sampler_noise_spread`, over the longest cycle of the calendar, and with the most draws, that
    the series are long enough for. Draws of a model with features have those of real windows.

    Returns:
        The result; None if the series are too short for any cycle.
    """
    sampler = sampler_of(model, dataset, target_length)
    deviation = getattr(model, "age_deviation", None)
    follows = bool(deviation) and getattr(model, "features", None) is not None
    for period, draws in product(_periods(dataset.freq), _DRAWS):
        asked = {"target_length": target_length, "period": period, "draws": draws}
        try:
            return sampler_noise_spread(
                dataset, sampler, **asked, age_deviation=deviation, follows=follows, seed=seed
            )
        except DataError:  # too few weeks, or weeks that never differ
            continue
    return None


def _periods(freq: str) -> list[int]:
    """Return the steps of the calendar's cycles, the longest first."""
    base, step = split_freq(freq)
    name = base.split("-")[0]
    steps = [_STEPS_OF_A_WEEK.get(name, 0), _STEPS_OF_A_YEAR.get(name, 0)]
    if name in ("min", "h"):
        steps.append(steps[0] // 7)
    return [whole // step for whole in steps if whole and whole % step == 0 and whole > step]


class _Phases:
    """Complete windows grouped by series and phase, where a group has enough of them.

    Args:
        order: (W,) places in the index, group after group.
        first: (g,) where each kept group begins in `order`.
        sizes: (g,) windows of each kept group.
        series: (g,) whose they are, ascending.
        size: Windows wanted of a group.
        begins: (W,) where each window of the index begins.
    """

    def __init__(
        self,
        order: Integers,
        first: Integers,
        sizes: Integers,
        series: Integers,
        size: int,
        begins: Integers,
    ) -> None:
        self._order, self._first, self._sizes = order, first, sizes
        self._series, self._size, self._begins = series, size, begins

    @classmethod
    def over(cls, index: WindowIndex, period: int, size: int) -> _Phases:
        phases = (index.begins - index.dataset.offsets[index.owners]) % period
        order = np.lexsort((phases, index.owners))
        keys = index.owners[order] * period + phases[order]
        _, first, sizes = np.unique(keys, return_index=True, return_counts=True)
        enough = sizes >= size
        if not enough.any():
            raise DataError(
                f"No series has {size} complete windows at one phase of {period} steps (at most "
                f"{int(sizes.max())}); give longer series, or lower draws, period or target_length."
            )
        first, sizes = first[enough], sizes[enough]
        return cls(order, first, sizes, index.owners[order[first]], size, index.begins)

    def near(
        self, asked: Integers, deviation: float, draws: int, seed: int, repeat: int
    ) -> Integers:
        """Return places (pairs, draws) of the groups of `asked`, those near in time more often."""
        random = numpy_stream(seed, "ceiling", repeat)
        at = np.argsort(self._order)[asked]
        groups = np.searchsorted(self._first, at, side="right") - 1
        rows = []
        for place, group in zip(asked, groups, strict=True):
            first = self._first[group]
            members = self._order[first : first + self._sizes[group]]
            distance = (self._begins[members] - self._begins[place]) / max(deviation, 1e-9)
            weights = np.exp(-0.5 * distance.astype(np.float64) ** 2)
            rows.append(random.choice(members, draws, p=weights / weights.sum()))
        return np.array(rows)

    def choose(self, pairs: int, draw: np.random.Generator) -> Integers:
        """Return places in the index, (pairs, size): series uniform, then phase, no repeats."""
        series = draw.choice(np.unique(self._series), pairs)
        begin = np.searchsorted(self._series, series)
        group = begin + draw.integers(0, np.searchsorted(self._series, series, "right") - begin)
        keys = draw.random((pairs, int(self._sizes.max())))
        keys[np.arange(keys.shape[1]) >= self._sizes[group, None]] = np.inf
        within = keys.argsort(axis=1)[:, : self._size]
        places: Integers = self._order[self._first[group, None] + within]
        return places
