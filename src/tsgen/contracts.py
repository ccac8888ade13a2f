"""What rooms ask of each other's models, as protocols; and synthesizers by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from tsgen.data import SeriesDataset
from tsgen.errors import SettingsError, nearest
from tsgen.training import TrainingOptions

__all__ = [
    "SYNTHESIZERS",
    "SeriesSampler",
    "Synthesizer",
    "SynthesizerFactory",
    "synthesizer_factory",
]


class SeriesSampler(Protocol):
    """A fitted synthesizer, such as `PSAGANSynthesizer`."""

    def sample_after(
        self,
        like: SeriesDataset,
        rows: npt.NDArray[np.int64],
        starts: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
        *,
        constraints: Any = None,
        seed: int | None = None,
    ) -> SeriesDataset:
        """Draw series after the entries `rows` of `like`, from `starts`, of `lengths` steps."""
        ...


class Synthesizer(Protocol):
    """A synthesizer with its settings, such as `PSAGANEstimator`."""

    def train(self, dataset: SeriesDataset, /, *, options: TrainingOptions) -> SeriesSampler:
        """Fit it to a dataset."""
        ...


SynthesizerFactory = Callable[..., Synthesizer]
"""Its settings, by name -> a synthesizer; the class itself will do."""

SYNTHESIZERS: dict[str, str | SynthesizerFactory] = {
    "psa-gan": "tsgen.psagan:PSAGANEstimator",
    "psa-gan-c": "tsgen.psagan:PSAGANForecastEstimator",
}
"""Name -> factory, or the "module:name" it is imported from when it is first asked for."""


def synthesizer_factory(name: str) -> SynthesizerFactory:
    """Return the synthesizer class of a name.

    Raises:
        SettingsError: There is no such synthesizer.
    """
    if name not in SYNTHESIZERS:
        raise SettingsError(
            f"There is no synthesizer '{name}'.{nearest(name, SYNTHESIZERS)} There are "
            f"{', '.join(SYNTHESIZERS)}."
        )
    factory = SYNTHESIZERS[name]
    if isinstance(factory, str):
        module, _, attribute = factory.partition(":")
        factory = cast(SynthesizerFactory, getattr(importlib.import_module(module), attribute))
    return factory
