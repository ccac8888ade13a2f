"""Trained synthesizers as operations: draws after each series, or other futures of its past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.data import SeriesDataset
from tsgen.errors import DataError, SettingsError
from tsgen.rng import global_seed, numpy_stream, seed_argument
from tsgen.training import TrainingOptions

from .sources import draw_sources, synthetic_after
from .strangers import named_errors

__all__ = ["Draws", "Futures", "SynthesizerTraining", "as_operation"]


@dataclass(frozen=True)
class Draws:
    """Draws of a fitted synthesizer, each with the length and calendar of its source.

    Attributes:
        model: What has `sample_after`, such as `PSAGANSynthesizer`.
        name: What tables and `info` call it.
        constraints: As `sample_after` takes them; "infer" keeps to what holds for each series.
    """

    model: Any
    name: str = "psa-gan"
    constraints: Any = "infer"

    def __call__(self, dataset: SeriesDataset, ratio: float, *, seed: int) -> SeriesDataset:
        """Return round(ratio * series) new series; see `Operation`."""
        return self.after(dataset, draw_sources(len(dataset), ratio, seed), seed=seed)

    def after(self, dataset: SeriesDataset, rows: Integers, *, seed: int) -> SeriesDataset:
        """Return a draw after each of `rows`."""
        with named_errors(self.name):
            drawn = self.model.sample_after(
                dataset,
                rows,
                dataset.starts[rows],
                dataset.lengths[rows],
                constraints=self.constraints,
                seed=seed,
            )
        return synthetic_after(dataset, rows, drawn.values, self.name)


@dataclass(frozen=True)
class Futures:
    """Other futures of a known past, by a fitted GluonTS predictor that draws samples.

    A new series is its source up to a random step; from there on every prediction_length steps are
    one sample path given the real values before them.

    Attributes:
        predictor: Such as `PSAGANPredictor` (PSA-GAN-C), or a trained DeepAR.
        name: What tables and `info` call it.
    """

    predictor: Any
    name: str = "psa-gan-c"

    def __call__(self, dataset: SeriesDataset, ratio: float, *, seed: int) -> SeriesDataset:
        """Return round(ratio * series) new series; see `Operation`."""
        return self.after(dataset, draw_sources(len(dataset), ratio, seed), seed=seed)

    def after(self, dataset: SeriesDataset, rows: Integers, *, seed: int) -> SeriesDataset:
        """Return a series with other futures after each of `rows`.

        Raises:
            DataError: A series is no longer than the predictor's prediction_length.
        """
        length = self.predictor.prediction_length
        lengths = dataset.lengths[rows]
        if (lengths <= length).any():
            short = dataset.item_ids[rows[int(lengths.argmin())]]
            raise DataError(
                f"Series {short!r} has {lengths.min()} steps; {self.name} needs more than its "
                f"prediction_length={length}.",
                item_id=short,
            )
        draw = numpy_stream(seed, self.name)
        first = length + (draw.random(len(rows)) * np.minimum(length, lengths - length)).astype(int)
        cuts = [np.arange(f, n, length) for f, n in zip(first, lengths, strict=True)]
        values = [dataset.series(r).copy() for r in rows]
        owner = np.repeat(np.arange(len(rows)), [len(c) for c in cuts])
        whole = list(dataset)
        places = np.concatenate(cuts)
        asked = [
            whole[rows[r]] | {"target": whole[rows[r]]["target"][:cut]}
            for r, cut in zip(owner, places, strict=True)
        ]
        for r, cut, path in zip(owner, places, self._paths(asked, seed), strict=True):
            values[r][cut : cut + length] = path[: len(values[r]) - cut]
        return synthetic_after(dataset, rows, np.concatenate(values), self.name)

    def _paths(self, entries: list[Any], seed: int) -> list[Array]:
        """Return one sample path of each entry's future."""
        seeded = seed_argument(self.predictor.predict, seed)
        with named_errors(self.name), global_seed(seed):
            made = list(self.predictor.predict(entries, num_samples=1, **seeded))
        if any(not hasattr(forecast, "samples") for forecast in made):
            raise SettingsError(
                f"'{self.name}' forecasts quantiles, not samples; give a predictor that draws."
            )
        return [np.asarray(forecast.samples[0], dtype=np.float64) for forecast in made]


@dataclass(frozen=True)
class SynthesizerTraining:
    """A synthesizer that is yet to be trained; `fit` gives the operation.

    Attributes:
        synthesizer: What has `train(dataset, options=...)`, such as `PSAGANEstimator`; or a
            function that returns it for a dataset. With `num_steps` of its own it is trained so
            long, whatever the budget.
        name: What tables and `info` call it.
        constraints: As in `Draws`.
    """

    synthesizer: Any
    name: str = "psa-gan"
    constraints: Any = "infer"

    def fit(self, dataset: SeriesDataset, options: TrainingOptions) -> Draws | Futures:
        """Train on a dataset."""
        return self.operation_of(self.train(dataset, options))

    @property
    def num_steps(self) -> int | None:
        """Steps that the synthesizer's own settings ask for; they come before any budget."""
        return getattr(self.synthesizer, "num_steps", None)

    def train(self, dataset: SeriesDataset, options: TrainingOptions) -> Any:
        """Train on a dataset, and return the trained synthesizer itself.

        Raises:
            DataError: The training failed.
        """
        ready = hasattr(self.synthesizer, "train")
        if self.num_steps is not None:
            options = options.model_copy(update={"budget": None})
        with named_errors(self.name):
            synthesizer = self.synthesizer if ready else self.synthesizer(dataset)
            return synthesizer.train(dataset, options=options)

    def operation_of(self, model: Any) -> Draws | Futures:
        """Return a trained synthesizer as the operation of this name."""
        return as_operation(model, self.name, self.constraints)


def as_operation(model: Any, name: str, constraints: Any = "infer") -> Draws | Futures:
    """Return a fitted synthesizer or predictor as an operation.

    Raises:
        SettingsError: It is neither.
    """
    if hasattr(model, "sample_after"):
        return Draws(model, name, constraints)
    if hasattr(model, "predict"):
        return Futures(model, name)
    raise SettingsError(
        f"'{name}' is a {type(model).__name__}, which has neither sample_after nor predict; give a "
        "trained synthesizer or a GluonTS predictor."
    )
