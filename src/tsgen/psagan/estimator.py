"""Training a PSA-GAN on a dataset."""

from __future__ import annotations

import logging
import os
from typing import Any

import torch

from tsgen.contracts import TableDescription, check_handed, digest_of
from tsgen.data import as_dataset
from tsgen.errors import SettingsError
from tsgen.training import TrainingOptions

from .conditional_settings import refuse_other_networks
from .fine_tuning import fine_tune
from .learning import NewTraining, fit_networks, fitted_parts, refuse_channels_of_paper
from .networks import attention_bytes
from .sampling import calibrate, set_noise_scale
from .settings import PSAGANSettings
from .synthesizer import PSAGANSynthesizer

__all__ = ["PSAGANEstimator"]

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

    def train(
        self,
        dataset: Any,
        *,
        options: TrainingOptions | None = None,
        encoder: TableDescription | None = None,
    ) -> PSAGANSynthesizer:
        """Train on a dataset.

        Args:
            dataset: A GluonTS dataset, or a long table with the columns item_id, timestamp, target
                (see `to_dataset` for other names and for what to do about blemishes). The channels
                of a `MultivariateDataset` are generated together; a window is trained on if
                `min_observed` of its steps are observed in every channel.
            options: Seed, device, time budget, checkpoints.
            encoder: With `statics="encoder"`: a fitted `tsgen.features.TabularEncoder` of tables
                such as `dataset.static_frame()`, in place of one that learns from these series
                alone. It is saved with the model.

        Raises:
            DataError: Nothing in the data can be trained on, or `encoder` reads other columns.
            SettingsError: Several channels with preset="paper", or too little memory for it.
            TrainingDivergedError: A loss became NaN or infinite.
            TrainingInterruptedError: Ctrl-C; the checkpoint, if there is one, can be resumed from.
        """
        options = (options or TrainingOptions()).resolved()
        dataset = as_dataset(dataset)
        refuse_channels_of_paper(self, dataset)
        check_handed(encoder, "encoder", self.statics, "statics")
        new = NewTraining.on(dataset, self, encoder)
        self._check_memory(len(new.data.series))
        depends_on = new.facts.fingerprint + ("" if encoder is None else digest_of(encoder))
        fitted = fit_networks(self, new.data, options, depends_on)
        model = PSAGANSynthesizer(
            PSAGANSettings(**self.model_dump()),
            **fitted_parts(fitted, new, new.conditions, options),
        )
        set_noise_scale(model, dataset)
        calibrate(model)
        return model

    def train_from(
        self,
        synthesizer: PSAGANSynthesizer,
        dataset: Any,
        *,
        options: TrainingOptions | None = None,
    ) -> PSAGANSynthesizer:
        """Train further from an earlier model, at full resolution; it stays as it is.

        New series start from the "unknown" identity; known ones go on from where they are, with the
        scale of the new data. The settings are those of this estimator (`num_steps`, learning
        rates, weights of losses); those that shape the networks must be the model's.

        Args:
            synthesizer: Made by `train`, `train_from` or `tsgen.load`.
            dataset: Of the frequency, the channels and the features of its training data.
            options: Seed, device, time budget, checkpoints.

        Raises:
            SettingsError: It is no PSA-GAN, or has other networks.
            DataError: The data are of another kind, or nothing can be learnt from them.
        """
        if not isinstance(synthesizer, PSAGANSynthesizer):
            raise SettingsError(
                f"train_from goes on from a PSA-GAN, not from a {type(synthesizer).__name__}."
            )
        settings = PSAGANSettings(**self.model_dump())
        refuse_other_networks(settings, synthesizer.settings)
        return fine_tune(
            synthesizer,
            dataset,
            num_steps=sum(self.steps_by_stage()),
            options=options or TrainingOptions(),
            settings=settings,
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


def _memory() -> int:
    """Return the bytes of memory of this machine, or a very large number if it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 2**62
