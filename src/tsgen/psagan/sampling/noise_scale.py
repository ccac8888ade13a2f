"""The scale of the latent noise at which draws differ as much as they should: set after training.

Training blurs the age of its windows, so a perfect learner of what it is taught draws, for one
series and time, the windows of that series at the same phase of the calendar, those near in time
more often. The scale is the one at which the model's draws spread as those do.

Shape legend: P pairs of a series and a time, D draws of each, L window length.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import parts_of, window_starts
from tsgen.rng import numpy_stream

from ..memory import SeriesTable
from .constraints import Constraints
from .requests import Requests

if TYPE_CHECKING:
    from ..synthesizer import PSAGANSynthesizer

__all__ = ["expected_variance", "noise_scale", "set_noise_scale"]

logger = logging.getLogger(__name__)

_PAIRS, _DRAWS, _ROUNDS = 64, 8, 6
_FEWEST = 4
"""Windows at one phase of a series that tell how much they differ, at the least."""
_LEAST, _MOST = 2 / 3, 1.5
"""Beyond these, more noise costs more fidelity than it gains variety."""


def set_noise_scale(model: PSAGANSynthesizer, dataset: SeriesDataset | MultivariateDataset) -> None:
    """Find the scale of a trained model's noise, and draw with it from now on."""
    model.noise_scale = noise_scale(model, dataset)
    model.drawing = replace(model.drawing, noise_scale=model.noise_scale)


def noise_scale(model: PSAGANSynthesizer, dataset: SeriesDataset | MultivariateDataset) -> float:
    """Return the scale of the latent noise at which draws spread as a perfect learner's would.

    1 for preset="paper", for models with features that change in time (windows at one phase differ
    by those, too), and where series are too short to tell.

    Args:
        model: As it was trained, with a scale of 1.
        dataset: The training part.
    """
    settings = model.settings
    if settings.preset == "paper" or model.data.dynamic is not None:
        return 1.0
    part = parts_of(dataset)[0]
    # A fine-tuned model knows more series than its new data have, in another order.
    table = model.table.rows(model.table.find(list(part.item_ids)))
    random = numpy_stream(model.seed, "noise scale")
    for period in sorted(model.conditions.calendar.cycles, reverse=True):
        chosen = _pairs(model, table, part, period, random)
        if chosen is not None:
            break
    else:
        logger.info("noise scale 1: no series has %d windows at one phase", _FEWEST)
        return 1.0
    rows, starts, wanted = chosen
    if not wanted > 0:
        logger.info("noise scale 1: windows at one phase do not differ")
        return 1.0
    asked = table.rows(np.repeat(rows, _DRAWS)), np.repeat(starts, _DRAWS)
    low, high = _LEAST, _MOST
    for _ in range(_ROUNDS):
        middle = float(np.sqrt(low * high))
        if _variance(model.with_noise_scale(middle), *asked) < wanted:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def _pairs(
    model: PSAGANSynthesizer,
    table: SeriesTable,
    part: SeriesDataset,
    period: int,
    random: np.random.Generator,
) -> tuple[Integers, Integers, float] | None:
    """Return P series, times of theirs, and the variance wanted there; None if weeks are too few.

    Args:
        model: As it was trained.
        table: What it remembers of the series of `part`, in their order.
        part: The training part.
        period: Steps after which a phase comes again.
        random: Chooses.
    """
    length, scale = model.settings.target_length, table.scaler.scale
    begins = window_starts(part.values, part.offsets, length, 1.0)
    owners = np.searchsorted(part.offsets, begins, side="right") - 1
    keys = owners * period + (begins - part.offsets[owners]) % period
    order = np.argsort(keys, kind="stable")
    _, first, sizes = np.unique(keys[order], return_index=True, return_counts=True)
    trained = (table.index > 0) & (scale > 0)
    enough = np.flatnonzero((sizes >= _FEWEST) & trained[owners[order[first]]])
    if not len(enough):
        return None
    deviation = model.age_deviation
    rows, steps, variances = [], [], []
    for group in random.choice(enough, _PAIRS):
        members = order[first[group] : first[group] + sizes[group]]
        at = int(random.integers(len(members)))
        row = int(owners[members[0]])
        windows = part.values[begins[members][:, None] + np.arange(length)] / scale[row]
        distance = (begins[members] - begins[members[at]]).astype(np.float64)
        rows.append(row)
        steps.append(int(begins[members[at]] - part.offsets[row]))
        variances.append(expected_variance(windows, distance, deviation))
    starts = part.starts[rows] + np.array(steps) * model.conditions.calendar.stride
    return np.array(rows), starts, float(np.mean(variances))


def expected_variance(windows: Array, distance: Array, deviation: float) -> float:
    """Return the variance of draws of windows (n, L), those near in time more often.

    Args:
        windows: Of one series, at one phase.
        distance: (n,), steps from the time asked for.
        deviation: Of the noise on ages in training, in steps.
    """
    if deviation <= 0:
        return 0.0
    weights = np.exp(-0.5 * (distance / deviation) ** 2)
    weights = weights / weights.sum()
    mean = weights @ windows
    return float((weights @ (windows - mean) ** 2).mean())


def _variance(model: PSAGANSynthesizer, table: SeriesTable, starts: Integers) -> float:
    """Return the mean variance of the model's draws, in scales of their series.

    Args:
        model: With a scale of the noise.
        table: The P series, each D times.
        starts: (P D,), Period ordinal of each window's first step.
    """
    stride, length = model.conditions.calendar.stride, model.settings.target_length
    requests = Requests.after(table, starts, np.full(len(table), length), stride)
    free = Constraints.resolve(None, table, 0.0)
    channels = [requests] * len(model.tables)
    drawn = model.drawing.values(channels, [free] * len(channels), model.seed)[0]
    scaled = drawn.reshape(-1, _DRAWS, length) / table.scaler.scale.reshape(-1, _DRAWS, 1)
    return float(scaled.var(axis=1, ddof=1).mean())
