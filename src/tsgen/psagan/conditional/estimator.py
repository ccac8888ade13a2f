"""Training a PSA-GAN-C: a GluonTS estimator."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from gluonts.model.estimator import Estimator
from gluonts.model.predictor import Predictor

from tsgen.data import MultivariateDataset, SeriesDataset, to_dataset
from tsgen.errors import DataWarning, SettingsError, nearest
from tsgen.rng import resolve_seed
from tsgen.training import TrainingOptions

from ..conditional_settings import PSAGANContextSettings, refuse_other_networks
from ..fine_tuning import FurtherTraining
from ..learning import (
    NewTraining,
    TrainingData,
    fit_networks,
    fitted_parts,
    refuse_channels_of_paper,
)
from ..memory import DynamicFacts
from .calibration import calibrate_fills
from .fill_noise import fill_noise
from .forecast_width import HeldOut
from .predictor import PSAGANPredictor

__all__ = ["PSAGANForecastEstimator"]

_OF_GLUONTS = {"cache_data", "ckpt_path", "num_prefetch", "num_workers", "shuffle_buffer_length"}


class PSAGANForecastEstimator(PSAGANContextSettings, Estimator):  # type: ignore[misc]
    """PSA-GAN-C: a PSA-GAN that draws its windows given the values before (and after) them.

    Source: Jeha et al., "PSA-GAN: Progressive Self Attention GANs for Synthetic Time Series", ICLR
    2022, with the context as in the authors' code for `preset="paper"`. `preset="default"` departs
    from it, each time by a named setting: missing values are told from zeros, gaps are filled as
    the future is, the discriminator sees the context, and a score of the draws' spread is trained.

    Example:
        >>> from tsgen import PSAGANForecastEstimator, TrainingOptions
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=4, length=200, seed=1)
        >>> estimator = PSAGANForecastEstimator(prediction_length=24, num_steps=20)
        >>> predictor = estimator.train(real, options=TrainingOptions(seed=7))
        >>> predictor.prediction_length
        24
    """

    lead_time: ClassVar[int] = 0
    """GluonTS asks for it: forecasts begin right after the entry."""

    def train(
        self,
        training_data: Any,
        validation_data: Any = None,
        *,
        options: TrainingOptions | None = None,
        **read: Any,
    ) -> PSAGANPredictor:
        """Train on a dataset.

        Args:
            training_data: A GluonTS dataset or a table (see `to_dataset`). The channels of
                multivariate entries are forecast and filled together.
            validation_data: GluonTS passes it; it is not used, and a warning says so.
            options: Seed, device, time budget, checkpoints.
            **read: How the data are read; see `to_dataset`. What GluonTS passes to estimators of
                its own (`cache_data`, `shuffle_buffer_length`, `ckpt_path`) has no meaning here.

        Raises:
            TypeError: There is no such argument.
            DataError: Nothing in the data can be trained on.
            SettingsError: Several channels, or past features, with preset="paper".
            TrainingDivergedError: A loss became NaN or infinite.
            TrainingInterruptedError: Ctrl-C; the checkpoint, if there is one, can be resumed from.
        """
        _say_unused(validation_data)
        options = (options or TrainingOptions()).resolved()
        dataset = to_dataset(training_data, **_reading(read))
        refuse_channels_of_paper(self, dataset)
        held = HeldOut.of(dataset, self, resolve_seed(options.seed))
        new = held.left_out(NewTraining.on(dataset, self), dataset, self)
        settings = PSAGANContextSettings(**self.model_dump())
        settings = settings.resolved(new.conditions.calendar, float(np.median(dataset.lengths)))
        _refuse_past_only(new.facts.dynamic, settings)
        context = settings.window_context(new.facts.dynamic, len(new.tables))
        sizes = context.sizes(judged=settings.discriminator_context)
        data = replace(new.data, context=context, sizes=replace(new.data.sizes, context=sizes))
        fitted = fit_networks(settings, data, options, new.facts.fingerprint)
        parts = fitted_parts(fitted, new, new.conditions, options)
        predictor = PSAGANPredictor(settings, **parts)
        predictor.forecast_width = held.width(predictor, dataset)
        return _calibrated(predictor, data, dataset)

    def train_from(
        self,
        predictor: Predictor,
        training_data: Any,
        validation_data: Any = None,
        *,
        options: TrainingOptions | None = None,
        **read: Any,
    ) -> PSAGANPredictor:
        """Train further from an earlier predictor, at full resolution; it stays as it is.

        New series start from the "unknown" identity; known ones go on from where they are, with the
        scale of the new data. The settings are those of this estimator (`num_steps`, learning
        rates, weights of losses, `prediction_length`); those that shape the networks must be the
        predictor's. Nothing is hidden from training: the width of forecasts stays.

        Args:
            predictor: Made by `train`, `train_from` or `tsgen.load`.
            training_data: Of the frequency, the channels and the features of its training data.
            validation_data: See `train`.
            options: Seed, device, time budget, checkpoints.
            **read: How the data are read; see `train`.

        Raises:
            SettingsError: The predictor is no PSA-GAN-C, or has other networks.
            DataError: The data are of another kind, or nothing can be learnt from them.
        """
        _say_unused(validation_data)
        if not isinstance(predictor, PSAGANPredictor):
            raise SettingsError(
                f"train_from goes on from a predictor of PSA-GAN-C, not from a "
                f"{type(predictor).__name__}."
            )
        options = (options or TrainingOptions()).resolved()
        given = self.model_dump()
        if given["series_weight"] is None:
            given["series_weight"] = predictor.settings.series_weight
        settings = PSAGANContextSettings(**given).resolved(predictor.conditions.calendar)
        refuse_other_networks(settings, predictor.settings)
        stages = len(settings.lengths)
        steps = None if options.budget else (0,) * (stages - 1) + (sum(settings.steps_by_stage()),)
        trained = settings.model_copy(update={"schedule": steps})
        more = FurtherTraining.of(predictor, training_data, trained, **_reading(read))
        sizes = replace(more.data.sizes, context=predictor.sizes.context)
        data = replace(more.data, context=predictor.drawing.context, sizes=sizes)
        fitted = fit_networks(trained, data, options, more.facts.fingerprint, more.weights)
        parts = fitted_parts(fitted, more, predictor.conditions, options)
        further = PSAGANPredictor(
            settings,
            forecast_noise=predictor.forecast_noise,
            forecast_width=predictor.forecast_width,
            **parts,
        )
        return _calibrated(further, data, more.dataset)


def _calibrated(
    predictor: PSAGANPredictor, data: TrainingData, dataset: SeriesDataset | MultivariateDataset
) -> PSAGANPredictor:
    """Return the fitted model, with fills as wide, and of such grain, as its training part has."""
    predictor.fill_noise = fill_noise(predictor.drawing, data, predictor.seed)
    calibrate_fills(predictor, dataset)
    return predictor


def _say_unused(validation_data: Any) -> None:
    if validation_data is not None:
        warnings.warn(
            "PSA-GAN-C does not look at validation_data: it trains for the steps or the time "
            "that are set.",
            DataWarning,
            stacklevel=3,
        )


def _refuse_past_only(dynamic: DynamicFacts | None, settings: PSAGANContextSettings) -> None:
    if dynamic is not None and dynamic.past_names and settings.preset == "paper":
        raise SettingsError(
            f"preset='paper' looks at the past values of its series alone, not at past features "
            f"({', '.join(dynamic.past_names)}); use preset='default' or leave them out."
        )


def _reading(given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `to_dataset`, without those that only GluonTS's estimators have."""
    options = list(inspect.signature(to_dataset).parameters)[1:]
    kept = {name: value for name, value in given.items() if name not in _OF_GLUONTS}
    for name in kept:
        if name not in options:
            near = nearest(name, ["options", "validation_data", *options])
            hint = " Seed and budget go into options=TrainingOptions(...)."
            raise TypeError(f"train has no argument '{name}'.{near}{hint}")
    return kept
