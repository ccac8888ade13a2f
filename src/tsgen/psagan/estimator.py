"""Training a PSA-GAN on a dataset."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tsgen.data import to_dataset
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
                (see `to_dataset` for other names and for what to do about blemishes).
            options: Seed, device, time budget, checkpoints.

        Raises:
            DataError: Nothing in the data can be trained on.
            TrainingDivergedError: A loss became NaN or infinite.
            TrainingInterruptedError: Ctrl-C; the checkpoint, if there is one, can be resumed from.
        """
        options = (options or TrainingOptions()).resolved()
        dataset = to_dataset(dataset)
        new = NewTraining.on(dataset, self)
        self._check_memory(len(new.data.series))
        fitted = fit_networks(self, new.data, options, new.facts.fingerprint)
        model = PSAGANSynthesizer(
            PSAGANSettings(**self.model_dump()),
            fitted.weights,
            new.table,
            new.facts,
            new.conditions,
            plan=fitted.plan,
            history=fitted.history,
            seed=resolve_seed(options.seed),
            device=options.device,
        )
        model.zero_below = _zero_threshold(model)
        return model

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
    dataset = to_dataset(dataset)
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
    fresh = SeriesTable.of(dataset, settings.scaling, index)
    fresh = replace(fresh, static=facts.codes_of(dataset))
    num_series = known + int(new.sum())
    cardinalities = tuple(len(c) for c in facts.static_categories)
    data = prepare(dataset, settings, fresh, model.conditions, cardinalities, num_series)
    more = np.subtract(cardinalities, model.sizes.cardinalities)
    weights = extend_tables(model.weights, (int(new.sum()), *more.tolist()))
    # A known series whose new data teach nothing stays as it is remembered.
    learned = fresh.rows(np.flatnonzero(usable | (places < 0)))
    fitted = fit_networks(settings, data, options, facts.fingerprint, weights)
    tuned = PSAGANSynthesizer(
        PSAGANSettings(**{**model.settings.model_dump(), "schedule": None}),
        fitted.weights,
        model.table.updated(learned),
        facts,
        model.conditions,
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
    table = model.table
    which = np.flatnonzero(
        (table.index > 0)
        & (table.scaler.scale > 0)
        & table.non_negative
        & (table.zero_share >= INTERMITTENT_SHARE)
    )
    if not len(which):
        return 0.0
    chosen = numpy_stream(model.seed, "zeros").choice(which, 1024)
    items = [table.item_ids[i] for i in chosen]
    drawn = model.sample(items=items, seed=model.seed)
    scale = np.repeat(table.scaler.scale[chosen], drawn.lengths)
    share = float(table.zero_share[chosen].mean())
    return float(max(np.quantile(drawn.values / scale, share), 0.0))


def _memory() -> int:
    """Return the bytes of memory of this machine, or a very large number if it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 2**62
