"""Do channels that are generated together go together? Cross-correlations beside their floor.

The first `num_channels` series of a table that were observed together are the channels of one
entry; the last 20 % are the test part (`part = "validation"` cuts the same once more off the
training part). An arm says how 1,000 windows are drawn:

- "real": windows of the training part, the floor;
- "together": a PSA-GAN of all channels;
- "apart": a univariate PSA-GAN of the same series, every channel of a window drawn after its own
  series at the same time, so that only the calendar is shared;
- "shuffled": the windows of "together", each channel's put in an order of its own.

The distance is `tsgen.metrics.cross_correlation_distance` to windows of the test part, mean and
standard deviation over 20 draws.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray
from tsgen.data import MultivariateDataset, as_dataset
from tsgen.errors import SettingsError
from tsgen.metrics import cross_correlation_distance
from tsgen.rng import numpy_stream
from tsgen.training import TimeBudget

from ...fidelity import joint_windows
from ..settings import ArmSettings, Count, StudyPart, StudySettings
from ..sources import StudySources
from .training import train_synthesizer

__all__ = ["ChannelsArm", "ChannelsStudy", "channels"]

_COUNT, _DRAWS, _TEST_SHARE = 1000, 20, 0.2
_WAYS = ("real", "together", "apart", "shuffled")


class ChannelsStudy(StudySettings):
    """A study of channels that were observed together."""

    part: StudyPart
    """What is scored."""
    num_channels: Count
    """The first series of the table are the channels."""
    target_length: Count
    """Steps in a window."""
    budget: TimeBudget
    """Processor seconds of each training."""


class ChannelsArm(ArmSettings):
    """How windows are drawn."""

    windows: Literal["real", "together", "apart", "shuffled"]
    """See the module."""


def channels(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Draw windows in the arm's way, and compare their cross-correlations with the test part's."""
    if arm.get("windows") not in _WAYS:
        raise SettingsError(f"An arm has windows = {arm.get('windows')!r}; use one of {_WAYS}.")
    length = study["target_length"]
    train, test = _halves(_panel_of(study, sources), study["part"])
    real = joint_windows(test, length, 2 * _COUNT, seed=seed, name="the test part")
    begin = time.process_time()
    facts: dict[str, Any] = {}
    settings, how = {"target_length": length}, {"budget": study["budget"], "seed": seed}
    if arm["windows"] == "real":
        made = joint_windows(train, length, 2 * _COUNT, seed=seed, name="the training part")
    else:
        model = train_synthesizer("psa-gan", train, settings, **how)
        drawn = model.sample(_COUNT, seed=seed)
        made = drawn.values.reshape(-1, _COUNT, length).transpose(1, 0, 2)
        if arm["windows"] == "shuffled":
            made = _shuffled(made, seed)
        if arm["windows"] == "apart":
            model = train_synthesizer("psa-gan", train.series, settings, **how)
            made = _drawn_apart(model, train.series, drawn.starts, length, seed)
        facts["schedule"] = model.plan["schedule"]
    seconds = round(time.process_time() - begin, 1)
    value, spread = _distances(made, real, seed)
    measure = {"value": round(value, 5), "spread": round(spread, 5)}
    return {"cpu_seconds": seconds, **facts, "measures": {"cross_correlation_distance": measure}}


def _panel_of(study: Mapping[str, Any], sources: StudySources) -> MultivariateDataset:
    table = pd.read_parquet(sources.series_file(study["data"]))
    first = table["item_id"].drop_duplicates()[: study["num_channels"]]
    dataset: Any = as_dataset(table[table["item_id"].isin(first)])
    return MultivariateDataset.of_panel(dataset, item_id=study["data"])


def _halves(panel: MultivariateDataset, part: str) -> tuple[MultivariateDataset, ...]:
    """Return the training part and the part to be compared with."""
    last = round(_TEST_SHARE * panel.lengths[0])
    before, after = panel.split(last=last)
    return (before, after) if part == "test" else before.split(last=last)


def _drawn_apart(model: Any, series: Any, starts: AnyArray, length: int, seed: int) -> AnyArray:
    """Return windows (n, C, L) of a univariate model, the channels at the same times."""
    rows = np.repeat(np.arange(len(series)), _COUNT)
    times, lengths = np.tile(starts, len(series)), np.full(len(rows), length)
    drawn = model.sample_after(series, rows, times, lengths, seed=seed)
    windows: AnyArray = drawn.values.reshape(-1, _COUNT, length).transpose(1, 0, 2)
    return windows


def _shuffled(windows: AnyArray, seed: int) -> AnyArray:
    order = numpy_stream(seed, "shuffled")
    channels = windows.transpose(1, 0, 2)
    return np.stack([c[order.permutation(_COUNT)] for c in channels], axis=1)


def _distances(made: AnyArray, test: AnyArray, seed: int) -> tuple[float, float]:
    """Return mean and deviation over draws of the distance at n = 1,000."""
    distances = []
    for draw in range(_DRAWS):
        random = numpy_stream(seed, "draws", draw)
        trial, check = (w[random.permutation(len(w))[:_COUNT]] for w in (made, test))
        distances.append(cross_correlation_distance(check, trial))
    return float(np.mean(distances)), float(np.std(distances, ddof=1))
