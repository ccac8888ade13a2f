"""Training a fitted model further, on new data of the same frequency."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tsgen.arrays import Integers
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import DynamicFeatures, parts_of
from tsgen.rng import resolve_seed
from tsgen.training import TrainingOptions

from .learning import fit_networks, prepare, usable_series
from .memory import SeriesTable
from .networks import extend_tables
from .sampling import calibrate, set_noise_scale
from .settings import PSAGANSettings

if TYPE_CHECKING:
    from .synthesizer import PSAGANSynthesizer

__all__ = ["fine_tune"]


def fine_tune(
    model: PSAGANSynthesizer, dataset: Any, *, num_steps: int, options: TrainingOptions
) -> PSAGANSynthesizer:
    """Train `model` further on new data; see `PSAGANSynthesizer.fine_tune`."""
    options = options.resolved()
    dataset = model.data.read(dataset, fit=False)
    dataset = model.data.with_features(dataset, required=True)
    facts = model.data.updated(dataset)
    stages = len(model.settings.lengths)
    schedule = None if options.budget else (0,) * (stages - 1) + (num_steps,)
    settings = PSAGANSettings(**{**model.settings.model_dump(), "schedule": schedule})
    usable = usable_series(dataset, settings)
    places = model.table.places(list(dataset.item_ids))
    index = np.where(places >= 0, model.table.index[places], 0)
    known = model.sizes.num_series
    new = usable & (index == 0)
    index = np.where(usable, np.where(new, known + np.cumsum(new), index), 0)
    parts = parts_of(dataset)
    fresh = [SeriesTable.of(part, settings.scaling, index) for part in parts]
    fresh = [replace(table, static=facts.codes_of(parts[0])) for table in fresh]
    num_series = known + int(new.sum())
    cardinalities = tuple(len(c) for c in facts.static_categories)
    data = prepare(
        dataset, settings, fresh, model.conditions, cardinalities, num_series, facts.dynamic
    )
    more = np.subtract(cardinalities, model.sizes.cardinalities)
    weights = extend_tables(model.weights, (int(new.sum()), *more.tolist()))
    # A known series whose new data teach nothing stays as it is remembered.
    learned = np.flatnonzero(usable | (places < 0))
    both = zip(model.tables, fresh, strict=True)
    table, *further = (old.updated(new.rows(learned)) for old, new in both)
    features = _joined_features(model, dataset, fresh[0], learned)
    fitted = fit_networks(settings, data, options, facts.fingerprint, weights)
    tuned = type(model)(
        PSAGANSettings(**{**model.settings.model_dump(), "schedule": None}),
        fitted.weights,
        table,
        facts,
        model.conditions,
        further_tables=further,
        plan=fitted.plan,
        history=fitted.history,
        seed=resolve_seed(options.seed),
        features=features,
        device=options.device,
    )
    set_noise_scale(tuned, dataset)
    calibrate(tuned)
    return tuned


def _joined_features(
    model: PSAGANSynthesizer,
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
