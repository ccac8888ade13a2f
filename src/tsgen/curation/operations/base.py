"""The one contract of all ways to make series, and the transforms by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.data import SeriesDataset, as_series
from tsgen.errors import SettingsError, nearest
from tsgen.memory import check_steps
from tsgen.rng import numpy_stream, resolve_seed

from .resampling import block_bootstrap, mixing
from .simulation import fit_and_simulate
from .sources import Sources, draw_sources, season_of, synthetic_after
from .spectral import frequency_masking, phase_randomisation
from .strangers import named_errors
from .transforms import jitter, magnitude_warp, scaling, time_warp, trend_change, window_slice

__all__ = ["TRANSFORMS", "AlignedOperation", "Operation", "Transform", "make_series"]

TRANSFORMS: dict[str, Callable[..., Array]] = {
    "block_bootstrap": block_bootstrap,
    "fit_and_simulate": fit_and_simulate,
    "frequency_masking": frequency_masking,
    "jitter": jitter,
    "magnitude_warp": magnitude_warp,
    "mixing": mixing,
    "phase_randomisation": phase_randomisation,
    "scaling": scaling,
    "time_warp": time_warp,
    "trend_change": trend_change,
    "window_slice": window_slice,
}


@runtime_checkable
class Operation(Protocol):
    """A way to make series: a dataset in, new entries out, the same for the same seed."""

    @property
    def name(self) -> str:
        """What tables and `info` call it."""
        ...

    def __call__(self, dataset: SeriesDataset, ratio: float, *, seed: int) -> SeriesDataset:
        """Return round(ratio * series) new series, which say in `info` that they are synthetic."""
        ...


@runtime_checkable
class AlignedOperation(Operation, Protocol):
    """An operation whose series each have the length and calendar of one source."""

    def after(self, dataset: SeriesDataset, rows: Integers, *, seed: int) -> SeriesDataset:
        """Return a new series after each of the series `rows` of `dataset`, which may repeat."""
        ...


@dataclass(frozen=True)
class Transform:
    """One of `TRANSFORMS`, or a function like them, with its settings.

    Attributes:
        name: Its name; that of the transform, unless `function` is given.
        settings: Arguments of the transform.
        season: Steps of a season; None is the usual one at the data's frequency.
        function: What makes the values: Sources, a generator and settings in, (T,) out.

    Example:
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=3, length=48, seed=1)
        >>> warped = Transform("time_warp", {"sigma": 0.1})(real, 2.0, seed=5)
        >>> len(warped), warped.info[0]["model"]
        (6, 'time_warp')
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    season: int | None = None
    function: Callable[..., Array] | None = None

    def __post_init__(self) -> None:
        if self.function is None and self.name not in TRANSFORMS:
            raise SettingsError(
                f"There is no operation '{self.name}'.{nearest(self.name, TRANSFORMS)} There are "
                f"{', '.join(TRANSFORMS)}."
            )

    def __call__(self, dataset: SeriesDataset, ratio: float, *, seed: int) -> SeriesDataset:
        """Return round(ratio * series) new series; see `Operation`."""
        return self.after(dataset, draw_sources(len(dataset), ratio, seed), seed=seed)

    def after(self, dataset: SeriesDataset, rows: Integers, *, seed: int) -> SeriesDataset:
        """Return a new series after each of `rows`.

        Raises:
            SettingsError: An impossible setting.
            DataError: The dataset does not suit the transform, or a function of yours failed.
        """
        season = season_of(dataset.freq) if self.season is None else self.season
        sources = Sources.of(dataset, rows, season)
        draw = numpy_stream(seed, self.name)
        if self.function is not None:
            with named_errors(self.name):
                values = self.function(sources, draw, **self.settings)
            return synthetic_after(dataset, rows, values, self.name)
        try:
            values = TRANSFORMS[self.name](sources, draw, **self.settings)
        except TypeError as error:
            raise SettingsError(f"'{self.name}': {error}.") from None
        return synthetic_after(dataset, rows, values, self.name)


def make_series(
    data: Any, operation: Operation, ratio: float = 1.0, *, seed: int | None = None
) -> SeriesDataset:
    """Make new series by any operation, of a GluonTS dataset or a long table.

    Args:
        data: Univariate series; synthetic ones among them are not copied from.
        operation: A `Transform`, or any other `Operation`.
        ratio: New series / real series, above 0.
        seed: Same seed, same series.

    Returns:
        The new series alone, a GluonTS dataset.

    Raises:
        SettingsError: An impossible ratio.
        DataError: The data are multivariate, empty, or do not suit the operation.

    Example:
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=4, length=48, seed=1)
        >>> len(make_series(real.to_frame(), Transform("mixing"), 0.5, seed=5))
        2
    """
    dataset = as_series(data)
    if not 0 < ratio < np.inf:
        raise SettingsError(f"ratio={ratio!r} is not possible; give a number above 0.")
    real = dataset.subset(~dataset.synthetic)
    check_steps(ratio * real.lengths.sum(), f"ratio={ratio:g}")
    return operation(real, ratio, seed=resolve_seed(seed))
