"""What a study of fidelity adds for channels observed together: do they go together?"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import window_starts
from tsgen.errors import DataError, DataWarning
from tsgen.grids import unrounded
from tsgen.metrics import cross_correlation, cross_correlation_distance
from tsgen.results import StudyResult
from tsgen.rng import numpy_stream

from .answer import fidelity_answer
from .measures import CROSS_CORRELATION, control_columns, measure_named
from .windows import WindowIndex

__all__ = [
    "ChannelsModel",
    "Dataset",
    "as_univariate",
    "joint_windows",
    "refuse_other_channels",
    "with_cross_correlation",
]

Dataset = SeriesDataset | MultivariateDataset

_MIN_WINDOWS = 16
_MIN_OBSERVED = 0.5


def as_univariate(dataset: Dataset) -> SeriesDataset:
    """Return a dataset whose every channel is a series of its own."""
    return dataset.series if isinstance(dataset, MultivariateDataset) else dataset


def refuse_other_channels(real: Dataset, *others: Dataset | None) -> tuple[str, ...]:
    """Return the channels that all datasets have, none for univariate ones.

    Raises:
        DataError: The datasets differ in their channels.
    """
    names = [_channels(dataset) for dataset in (real, *others) if dataset is not None]
    for other in names[1:]:
        if other != names[0]:
            ours, theirs = (", ".join(n) if n else "univariate series" for n in (names[0], other))
            raise DataError(
                f"The datasets to be compared differ in their channels: {ours}, and {theirs}. Read "
                "both with the same target columns, in the same order."
            )
    return names[0]


def joint_windows(
    dataset: MultivariateDataset, length: int, num: int, *, seed: int, name: str
) -> Array:
    """Draw up to `num` different windows (n, C, L), as evenly over the entries as they allow.

    Half of the steps at the least are observed in every channel of a window.

    Args:
        dataset: The entries.
        length: L.
        num: Windows wanted; fewer come back if the dataset has fewer.
        seed: Same seed, same windows.
        name: What to call the dataset in a message.

    Raises:
        DataError: The dataset has no such window.
    """
    values, offsets = dataset.values, dataset.offsets
    begins = window_starts(values, offsets, length, _MIN_OBSERVED)
    if not len(begins):
        raise DataError(
            f"No window of {length} steps in {name} has half of its steps observed in every "
            "channel. Lower target_length, or give longer series or ones with fewer gaps."
        )
    # The windows are drawn of step numbers, so that all channels are read at the same places.
    steps = replace(dataset.parts[0], values=np.arange(values.shape[1], dtype=np.float64))
    owners = np.searchsorted(offsets, begins, side="right") - 1
    index = WindowIndex(steps, length, begins, owners, 0)
    drawn = index.spread_evenly(num, numpy_stream(seed, "joint windows", name)).values
    return values[:, drawn.astype(np.int64)].transpose(1, 0, 2)


def with_cross_correlation(
    result: StudyResult,
    datasets: tuple[Any, Any, Any],
    *,
    train_until: Any,
    length: int,
    num_windows: int,
    draws: int,
    seed: int,
) -> StudyResult:
    """Return a study of fidelity with the distance of cross-correlations beside its floor.

    In each draw, n synthetic windows of all channels, and n real training windows for the floor,
    are set against n real test windows; see `tsgen.metrics.cross_correlation_distance`. The control
    is the training windows of the floor without their rounding.

    Args:
        result: The study.
        datasets: The real, the synthetic and the test dataset (None if there is none), of the same
            channels.
        train_until: As in `evaluate_fidelity`.
        length: Steps in a window.
        num_windows: n at most.
        draws: Over which mean and spread are taken.
        seed: Same seed, same numbers.

    Raises:
        DataError: Too few windows.
    """
    sets = _window_sets(*datasets, train_until, length, num_windows, seed)
    train, test, made = sets
    n = min(num_windows, *map(len, sets))
    if n < _MIN_WINDOWS:
        raise DataError(
            f"Too few windows of all channels to compare: {len(train)} real for training, "
            f"{len(test)} for the test, {len(made)} synthetic; at least {_MIN_WINDOWS} of each are "
            "needed. Give more or longer entries, or lower target_length."
        )
    control = unrounded(train.reshape(-1, length), seed).reshape(train.shape)
    values, floors, controls = [], [], []
    for draw in range(draws):
        random = numpy_stream(seed, "channels", draw)
        training, testing, making = (random.permutation(len(rows))[:n] for rows in sets)
        check = test[testing]
        values.append(cross_correlation_distance(check, made[making]))
        floors.append(cross_correlation_distance(check, train[training]))
        controls.append(cross_correlation_distance(check, control[training]))
    row = measure_named(CROSS_CORRELATION).row(values, floors) | control_columns(controls)
    row |= {"protocol": result.table["protocol"].iloc[0], "n": n, "seed": seed}
    table = pd.concat([result.table, pd.DataFrame([row])], ignore_index=True)
    arrays = {"real": test, "synthetic": made}
    return replace(
        result,
        table=table,
        answer=fidelity_answer(table),
        facts=result.facts | {"channels": list(datasets[0].channels)},
        arrays=dict(result.arrays)
        | {f"{role}_cross_correlation": cross_correlation(w) for role, w in arrays.items()},
    )


@dataclass(frozen=True)
class ChannelsModel:
    """A model of channels, asked for one channel at a time, as a model of `entries.series`."""

    model: Any
    entries: MultivariateDataset

    @property
    def age_deviation(self) -> float | None:
        """Deviation of the noise on ages in the model's training, in steps; None if unknown."""
        return getattr(self.model, "age_deviation", None)

    @property
    def features(self) -> Any:
        """The model's features that change in time; None without any."""
        return getattr(self.model, "features", None)

    def sample_after(
        self,
        like: SeriesDataset,
        rows: Integers,
        starts: Integers,
        lengths: Integers,
        *,
        constraints: Any = None,
        seed: int | None = None,
    ) -> SeriesDataset:
        """Draw all channels after the entries, and return of each the channel asked for."""
        channel, entry = np.divmod(rows, len(self.entries))
        drawn: MultivariateDataset = self.model.sample_after(
            self.entries, entry, starts, lengths, constraints=constraints, seed=seed
        )
        picked = drawn.values[np.repeat(channel, lengths), np.arange(int(lengths.sum()))]
        return replace(drawn.parts[0], values=picked)


def _channels(dataset: Dataset) -> tuple[str, ...]:
    return dataset.channels if isinstance(dataset, MultivariateDataset) else ()


def _window_sets(
    real: MultivariateDataset,
    synthetic: MultivariateDataset,
    test: MultivariateDataset | None,
    train_until: Any,
    length: int,
    num: int,
    seed: int,
) -> tuple[Array, Array, Array]:
    """Return the windows of training, test and sample, by the rules of `evaluate_fidelity`."""
    made = joint_windows(synthetic, length, 2 * num, seed=seed, name="the synthetic dataset")
    if train_until is not None:
        with warnings.catch_warnings():  # said when the series were cut
            warnings.simplefilter("ignore", DataWarning)
            real, test = real.split(until=train_until)
    if test is None:
        both = joint_windows(real, length, 4 * num, seed=seed, name="the real dataset")
        half = len(both) // 2
        return both[:half], both[half:], made
    train = joint_windows(real, length, 2 * num, seed=seed, name="the real training part")
    return train, joint_windows(test, length, 2 * num, seed=seed, name="the real test part"), made
