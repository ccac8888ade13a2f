"""Training a PSA-GAN on a dataset."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tsgen.data import MultivariateDataset, SeriesDataset, to_dataset
from tsgen.data.multivariate import parts_of
from tsgen.errors import SettingsError
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.training import TrainingOptions

from .building import extend_tables
from .constraints import INTERMITTENT_SHARE
from .fitting import fit_networks
from .paper_networks import attention_bytes
from .preparation import NewTraining, prepare, usable_series
from .series_table import SeriesTable
from .settings import PSAGANSettings
from .synthesizer import PSAGANSynthesizer

__all__ = ["PSAGANEstimator", "fine_tune"]

logger = logging.getLogger(__name__)


class PSAGANEstimator(PSAGANSettings):
    """PSA-GAN: a generator and a discriminator that grow together, with self-attention.

    Source: Jeha et al., "PSA-GAN: Progressive Self Attention GANs for Synthetic Time Series", ICLR
    2022. `preset="paper"` is the published model; `preset="default"` departs from it, each time
    by a named setting, and trains in minutes on a CPU.

    Example:
        >>> from tsgen import PSAGANEstimator, TrainingOptions
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=4, length=200, seed=1)
        >>> estimator = PSAGANEstimator(freq="h", target_length=24, num_steps=20)
        >>> model = estimator.train(real, options=TrainingOptions(seed=7))
        >>> model.history[-1]["step"]
        20
    """

    def train(self, dataset: Any, *, options: TrainingOptions | None = None) -> PSAGANSynthesizer:
        """Train on a dataset.

        Args:
            dataset: A GluonTS dataset, or a long table with the columns item_id, timestamp, target
                (see `to_dataset` for other names and for what to do about blemishes). The channels
                of a `MultivariateDataset` are generated together; a window is trained on if
                `min_observed` of its steps are observed in every channel.
            options: Seed, device, time budget, checkpoints.

        Raises:
            DataError: Nothing in the data can be trained on.
            SettingsError: Several channels with preset="paper", or too little memory for it.
            TrainingDivergedError: A loss became NaN or infinite.
            TrainingInterruptedError: Ctrl-C; the checkpoint, if there is one, can be resumed from.
        """
        options = (options or TrainingOptions()).resolved()
        dataset = to_dataset(dataset)
        self._check_channels(dataset)
        new = NewTraining.on(dataset, self)
        self._check_memory(len(new.data.series))
        fitted = fit_networks(self, new.data, options, new.facts.fingerprint)
        model = PSAGANSynthesizer(
            PSAGANSettings(**self.model_dump()),
            fitted.weights,
            new.table,
            new.facts,
            new.conditions,
            further_tables=new.tables[1:],
            plan=fitted.plan,
            history=fitted.history,
            seed=resolve_seed(options.seed),
            device=options.device,
        )
        model.zero_below = _zero_threshold(model)
        return model

    def _check_channels(self, dataset: SeriesDataset | MultivariateDataset) -> None:
        """Refuse several channels for the paper's networks, which have one."""
        if self.preset == "paper" and isinstance(dataset, MultivariateDataset):
            raise SettingsError(
                f"preset='paper' is univariate, as published; these data have "
                f"{len(dataset.channels)} channels. Use preset='default', or train on "
                "dataset.series, which has every channel as a series of its own."
            )

    def _check_memory(self, num_series: int) -> None:
        """Say what the attention of the paper's preset needs, and refuse what cannot fit."""
        if self.preset != "paper":
            return
        needed = attention_bytes(self.lengths, self.batch_size) / 2**30
        logger.info("training on %d series; attention needs about %.1f GB", num_series, needed)
        available = _memory() / 2**30
        if needed > available and not torch.cuda.is_available():
            raise SettingsError(
                f"preset='paper' at target_length={self.target_length} and batch_size="
                f"{self.batch_size} needs about {needed:.0f} GB for its attention; this machine "
                f"has {available:.0f} GB. Lower batch_size or target_length, or use "
                "preset='default'."
            )


def fine_tune(
    model: PSAGANSynthesizer, dataset: Any, *, num_steps: int, options: TrainingOptions
) -> PSAGANSynthesizer:
    """Train `model` further on new data; see `PSAGANSynthesizer.fine_tune`."""
    options = options.resolved()
    dataset = model.data.read(dataset)
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
    data = prepare(dataset, settings, fresh, model.conditions, cardinalities, num_series)
    more = np.subtract(cardinalities, model.sizes.cardinalities)
    weights = extend_tables(model.weights, (int(new.sum()), *more.tolist()))
    # A known series whose new data teach nothing stays as it is remembered.
    learned = np.flatnonzero(usable | (places < 0))
    both = zip(model.tables, fresh, strict=True)
    table, *further = (old.updated(new.rows(learned)) for old, new in both)
    fitted = fit_networks(settings, data, options, facts.fingerprint, weights)
    tuned = PSAGANSynthesizer(
        PSAGANSettings(**{**model.settings.model_dump(), "schedule": None}),
        fitted.weights,
        table,
        facts,
        model.conditions,
        further_tables=further,
        plan=fitted.plan,
        history=fitted.history,
        seed=resolve_seed(options.seed),
        device=options.device,
    )
    tuned.zero_below = _zero_threshold(tuned)
    return tuned


def _zero_threshold(model: PSAGANSynthesizer) -> float:
    """Return the level, in scales, up to which samples of intermittent series should be zero.

    Windows are drawn after the intermittent training series; the level is the one below which the
    share of sampled values equals the share of zeros in the real data.
    """
    tables = model.tables
    which = np.flatnonzero([
        (table.index > 0)
        & (table.scaler.scale > 0)
        & table.non_negative
        & (table.zero_share >= INTERMITTENT_SHARE)
        for table in tables
    ])  # fmt: skip
    if not len(which):
        return 0.0
    chosen = numpy_stream(model.seed, "zeros").choice(which, 1024)
    channel, row = np.divmod(chosen, len(model.table))
    items = [model.table.item_ids[i] for i in row]
    drawn = parts_of(model.sample(items=items, seed=model.seed))
    windows = np.stack([part.values.reshape(len(row), -1) for part in drawn])
    scale = np.stack([table.scaler.scale for table in tables])[channel, row]
    share = float(np.stack([table.zero_share for table in tables])[channel, row].mean())
    scaled = windows[channel, np.arange(len(row))] / scale[:, None]
    return float(max(np.quantile(scaled, share), 0.0))


def _memory() -> int:
    """Return the bytes of memory of this machine, or a very large number if it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 2**62
