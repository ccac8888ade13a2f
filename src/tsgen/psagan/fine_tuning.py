"""Training a fitted model further, on new data of the same frequency."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tsgen.arrays import Integers
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import DynamicFeatures, parts_of
from tsgen.training import TrainingOptions

from .learning import TrainingData, fit_networks, fitted_parts, prepare, usable_series
from .memory import DataFacts, SeriesTable
from .networks import extend_tables
from .sampling import calibrate, set_noise_scale
from .settings import PSAGANSettings

if TYPE_CHECKING:
    from .conditional import PSAGANPredictor
    from .synthesizer import PSAGANSynthesizer

__all__ = ["FurtherTraining", "fine_tune"]


def fine_tune(
    model: PSAGANSynthesizer,
    dataset: Any,
    *,
    num_steps: int,
    options: TrainingOptions,
    settings: PSAGANSettings | None = None,
) -> PSAGANSynthesizer:
    """Train `model` further on new data; see `PSAGANSynthesizer.fine_tune`.

    Args:
        model: The fitted model; it stays as it is.
        dataset: See `FurtherTraining.of`.
        num_steps: Training steps; a budget in `options` replaces them.
        options: Circumstances of the run.
        settings: Of the training, and of the model that comes out; None are those of `model`.
    """
    options = options.resolved()
    given = (settings or model.settings).model_dump()
    stages = len(model.settings.lengths)
    schedule = None if options.budget else (0,) * (stages - 1) + (num_steps,)
    settings = PSAGANSettings(**{**given, "schedule": schedule})
    more = FurtherTraining.of(model, dataset, settings)
    fitted = fit_networks(settings, more.data, options, more.facts.fingerprint, more.weights)
    tuned = type(model)(
        PSAGANSettings(**{**given, "schedule": None}),
        **fitted_parts(fitted, more, model.conditions, options),
    )
    set_noise_scale(tuned, more.dataset)
    calibrate(tuned)
    return tuned


@dataclass(frozen=True)
class FurtherTraining:
    """New data made ready for a fitted model that goes on.

    Attributes:
        dataset: The data, with the features that the model knows.
        facts: What the model will know of them.
        tables: What it will remember of each series, old and new, by channel.
        data: The training data.
        weights: Tensors of both networks, with rows for new series and categories.
        features: Features of the series that are remembered; None without any.
    """

    dataset: SeriesDataset | MultivariateDataset
    facts: DataFacts
    tables: tuple[SeriesTable, ...]
    data: TrainingData
    weights: dict[str, torch.Tensor]
    features: DynamicFeatures | None

    @classmethod
    def of(
        cls,
        model: PSAGANSynthesizer | PSAGANPredictor,
        dataset: Any,
        settings: PSAGANSettings,
        **read: Any,
    ) -> FurtherTraining:
        """Read new data for a model.

        New series start from the "unknown" identity; known ones go on from where they are, with the
        scale of the new data.

        Args:
            model: The fitted model; it stays as it is.
            dataset: Of the frequency, the channels and the columns that it knows.
            settings: Of the training.
            **read: How the data are read; see `to_dataset`.

        Raises:
            DataError: The data are of another kind, or nothing can be learnt from them.
        """
        dataset = model.data.read(dataset, fit=False, **read)
        dataset = model.data.with_features(dataset, required=True)
        facts = model.data.updated(dataset)
        usable = usable_series(dataset, settings)
        places = model.table.places(list(dataset.item_ids))
        index = np.where(places >= 0, model.table.index[places], 0)
        num_before = model.sizes.num_series
        new = usable & (index == 0)
        index = np.where(usable, np.where(new, num_before + np.cumsum(new), index), 0)
        parts = parts_of(dataset)
        fresh = [SeriesTable.of(part, settings.scaling, index) for part in parts]
        fresh = [replace(table, static=facts.codes_of(parts[0])) for table in fresh]
        cardinalities = tuple(len(c) for c in facts.static_categories)
        data = prepare(
            dataset, settings, fresh, model.conditions, cardinalities, num_before + int(new.sum()),
            facts.dynamic,
        )  # fmt: skip
        more = np.subtract(cardinalities, model.sizes.cardinalities)
        weights = extend_tables(model.weights, (int(new.sum()), *more.tolist()))
        # A known series whose new data teach nothing stays as it is remembered.
        learned = np.flatnonzero(usable | (places < 0))
        both = zip(model.tables, fresh, strict=True)
        tables = tuple(old.updated(table.rows(learned)) for old, table in both)
        features = _joined_features(model, dataset, fresh[0], learned)
        return cls(dataset, facts, tables, data, weights, features)


def _joined_features(
    model: PSAGANSynthesizer | PSAGANPredictor,
    dataset: SeriesDataset | MultivariateDataset,
    fresh: SeriesTable,
    learned: Integers,
) -> DynamicFeatures | None:
    """Return the features of the series that are remembered, in the order of `updated`."""
    ours, theirs = model.features, dataset.dynamic
    if ours is None or theirs is None:
        return None
    new = fresh.rows(learned)
    old = np.flatnonzero(new.places(list(model.table.item_ids)) < 0)
    parts = [
        part.cut(rows, np.zeros(len(rows), np.int64), part.lengths[rows])
        for part, rows in ((ours, old), (theirs, learned))
        if len(rows)
    ]
    return DynamicFeatures.concat(parts)
