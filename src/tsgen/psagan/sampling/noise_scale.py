"""The scale of the latent noise at which draws differ as much as they should: set after training.

Training blurs the age of its windows, so a perfect learner of what it is taught draws, for one
series and time, the windows of that series at the same phase of the calendar, those near in time
more often. The scale is the one at which the model's draws spread as those do.

What of a series is closed or missing counts on neither side, and all channels count alike. Features
that change in time are those of the windows that are compared.

Shape legend: P pairs of a series and a time, D draws of each, C channels, L window length.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import parts_of, window_starts
from tsgen.rng import numpy_stream

from .changes import Changes
from .constraints import Constraints
from .features import with_features
from .requests import Requests

if TYPE_CHECKING:
    from ..synthesizer import PSAGANSynthesizer

__all__ = ["at_bound", "expected_variance", "noise_scale", "set_noise_scale"]

logger = logging.getLogger(__name__)

_PAIRS, _DRAWS, _ROUNDS = 64, 8, 6
_FEWEST = 4
"""Windows at one phase of a series that tell how much they differ, at the least."""
_OBSERVED = (1.0, 0.5)
"""Complete windows are taken; where there are none, those of which half the steps are observed."""
_LEAST, _MOST = 2 / 3, 1.5
"""Beyond these, more noise costs more fidelity than it gains variety."""


def set_noise_scale(model: PSAGANSynthesizer, dataset: SeriesDataset | MultivariateDataset) -> None:
    """Find the scale of a trained model's noise, and draw with it from now on."""
    model.noise_scale = noise_scale(model, dataset)
    model.drawing = replace(model.drawing, noise_scale=model.noise_scale)


def noise_scale(model: PSAGANSynthesizer, dataset: SeriesDataset | MultivariateDataset) -> float:
    """Return the scale of the latent noise at which draws spread as a perfect learner's would.

    1 for preset="paper", and where series are too short to tell.

    Args:
        model: As it was trained, with a scale of 1.
        dataset: The training part.
    """
    if model.settings.preset == "paper":
        return 1.0
    random = numpy_stream(model.seed, "noise scale")
    cycles = sorted(model.conditions.calendar.cycles, reverse=True)
    for observed, period in product(_OBSERVED, cycles):
        chosen = _Pairs.of(model, dataset, period, observed, random)
        if chosen is not None:
            break
    else:
        logger.info("noise scale 1: no series has %d windows at one phase", _FEWEST)
        return 1.0
    if not chosen.wanted > 0:
        logger.info("noise scale 1: windows at one phase do not differ")
        return 1.0
    low, high = _LEAST, _MOST
    for _ in range(_ROUNDS):
        middle = float(np.sqrt(low * high))
        if _variance(model.with_noise_scale(middle), chosen) < chosen.wanted:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def at_bound(scale: float) -> str:
    """Say that a scale found in training is as far as it is let go; "" where it is not."""
    step = (_MOST / _LEAST) ** (0.5**_ROUNDS)  # of the last halving
    if scale > _MOST / step:
        return f"noise scale {scale:.2f}, the greatest: draws vary less than the training data"
    if scale < _LEAST * step:
        return f"noise scale {scale:.2f}, the least: draws vary more than the training data"
    return ""


@dataclass(frozen=True)
class _Pairs:
    """Series and times of theirs, with the spread of the windows around.

    Attributes:
        rows: (P,), places in the model's memory.
        starts: (P, D), Period ordinal of the first step of each draw.
        scales: (P, C), by which the values of each channel are divided.
        counted: (P, C, L), which steps have enough values to tell.
        wanted: The mean variance there of what a perfect learner draws.
    """

    rows: Integers
    starts: Integers
    scales: Array
    counted: Mask
    wanted: float

    @classmethod
    def of(
        cls,
        model: PSAGANSynthesizer,
        dataset: SeriesDataset | MultivariateDataset,
        period: int,
        observed: float,
        random: np.random.Generator,
    ) -> _Pairs | None:
        """Choose P series and times of theirs; None if no series has enough windows.

        Args:
            model: As it was trained.
            dataset: The training part.
            period: Steps after which a phase comes again.
            observed: Share of a window's steps that must be observed.
            random: Chooses.
        """
        parts, length = parts_of(dataset), model.settings.target_length
        head, offsets = parts[0], parts[0].offsets
        # A fine-tuned model knows more series than its new data have, in another order.
        places = model.table.find(list(head.item_ids))
        scales = np.stack([table.scaler.scale[places] for table in model.tables], axis=1)
        scales = np.where(scales > 0, scales, np.nan)
        values = np.stack([part.values for part in parts])
        begins = window_starts(values, offsets, length, observed)
        owners = np.searchsorted(offsets, begins, side="right") - 1
        keys = owners * period + (begins - offsets[owners]) % period
        order = np.argsort(keys, kind="stable")
        _, first, sizes = np.unique(keys[order], return_index=True, return_counts=True)
        trained = (model.table.index[places] > 0) & np.isfinite(scales).any(axis=1)
        enough = np.flatnonzero((sizes >= _FEWEST) & trained[owners[order[first]]])
        if not len(enough):
            return None
        deviation, follows = model.age_deviation, model.data.dynamic is not None
        series, steps, variances = [], [], []
        for group in random.choice(enough, _PAIRS):
            members = order[first[group] : first[group] + sizes[group]]
            at = int(random.integers(len(members)))
            row = int(owners[members[0]])
            place = begins[members][:, None] + np.arange(length)
            windows = values[:, place].swapaxes(0, 1) / scales[row][:, None]
            distance = (begins[members] - begins[members[at]]).astype(np.float64)
            series.append(row)
            # With features each draw has those of one of the windows, by the same chance.
            weights = _weights(distance, deviation)
            whose = random.choice(len(members), _DRAWS, p=weights) if follows else [at] * _DRAWS
            steps.append(begins[members[whose]] - offsets[row])
            variances.append(expected_variance(windows, distance, deviation))
        spread = np.array(variances)
        counted = np.isfinite(spread)
        if not counted.any():
            return None
        starts = head.starts[series][:, None] + np.array(steps) * model.conditions.calendar.stride
        wanted = float(spread[counted].mean())
        return cls(places[series], starts, scales[series], counted, wanted)


def expected_variance(windows: Array, distance: Array, deviation: float) -> Array:
    """Return the variance, by step, of draws of windows, those near in time more often.

    Args:
        windows: (n, ...), of one series, at one phase; NaN is missing.
        distance: (n,), steps from the time asked for.
        deviation: Of the noise on ages in training, in steps.

    Returns:
        Of the shape of one window; NaN where too few windows have a value.
    """
    there = np.isfinite(windows)
    weights = _weights(distance, deviation).reshape(-1, *(1,) * (windows.ndim - 1)) * there
    total = weights.sum(axis=0)
    steady = np.where(total > 0, total, 1.0)
    observed = np.where(there, windows, 0.0)
    mean = (weights * observed).sum(axis=0) / steady
    variance = (weights * (observed - mean) ** 2).sum(axis=0) / steady
    enough: Mask = there.sum(axis=0) >= min(_FEWEST, len(windows))
    spread: Array = np.where(enough, variance, np.nan)
    return spread


def _weights(distance: Array, deviation: float) -> Array:
    """Return the chances (n,) of windows at such distances in time; they add up to 1."""
    here = np.asarray(distance == 0, np.float64)
    weights = here if deviation <= 0 else np.exp(-0.5 * (distance / deviation) ** 2)
    return np.asarray(weights / weights.sum(), np.float64)


def _variance(model: PSAGANSynthesizer, pairs: _Pairs) -> float:
    """Return the mean variance of the model's draws, with a scale of its noise, where counted."""
    stride, length = model.conditions.calendar.stride, model.settings.target_length
    rows, starts = np.repeat(pairs.rows, _DRAWS), pairs.starts.reshape(-1)
    lengths = np.full(len(rows), length)
    requests = [Requests.after(t.rows(rows), starts, lengths, stride) for t in model.tables]
    requests = with_features(model, requests, None, Changes({}))
    free = [Constraints.resolve(None, request.table, 0.0) for request in requests]
    drawn = np.asarray(model.drawing.values(requests, free, model.seed))  # (C, P D L)
    drawn = drawn.reshape(len(drawn), -1, _DRAWS, length).transpose(1, 2, 0, 3)
    spread = (drawn / pairs.scales[:, None, :, None]).var(axis=1, ddof=1)
    return float(spread[pairs.counted].mean())
