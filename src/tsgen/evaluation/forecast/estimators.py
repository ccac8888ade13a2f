"""GluonTS estimators and predictors by name: built, trained and asked with a seed of their own."""

from __future__ import annotations

import importlib
import inspect
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

from gluonts.model.forecast import SampleForecast

from tsgen.curation import quiet
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.errors import SettingsError, TooLargeError, nearest
from tsgen.memory import lacks_memory

from .possible import check_possible
from .settings import Forecaster

__all__ = [
    "FORECASTERS",
    "check_forecaster",
    "forecaster_class",
    "import_paths",
    "is_joint",
    "split_channels",
    "train_forecaster",
    "train_many",
    "trains_many",
]

FORECASTERS = {
    "deepar": "gluonts.torch:DeepAREstimator",
    "itransformer": "gluonts.torch.model.i_transformer:ITransformerEstimator",
    "linear": "gluonts.torch:DLinearEstimator",
    "npts": "gluonts.model.npts:NPTSPredictor",
    "patch_tst": "gluonts.torch:PatchTSTEstimator",
    "reference": "tsgen.curation:ReferenceEstimator",
    "reference_linear": "tsgen.curation:ReferenceLinearEstimator",
    "seasonal_naive": "gluonts.model.seasonal_naive:SeasonalNaivePredictor",
    "simple_feedforward": "gluonts.torch:SimpleFeedForwardEstimator",
    "tft": "gluonts.torch:TemporalFusionTransformerEstimator",
    "tide": "gluonts.torch:TiDEEstimator",
}
"""Short name -> import path. "linear" is DLinear (Zeng et al. 2023), "reference" ten small quantile
networks trained at once as one, "reference_linear" a ridge regression in closed form;
"itransformer" mixes channels, so it takes multivariate entries."""

_JOINT = {"itransformer"}

_QUIET: dict[str, Any] = {
    "accelerator": "cpu",
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "logger": False,
}


def import_paths(names: Iterable[str]) -> list[str]:
    """Return the forecasters that are named by import path, and not by a name of ours."""
    return [name for name in names if name not in FORECASTERS and {":", "."} & set(name)]


def forecaster_class(estimator: str) -> type[Any]:
    """Return the class of a short name or an import path ("module:Class" or "module.Class").

    Raises:
        SettingsError: There is no such name, module or class, or it is not GluonTS-like.
    """
    if estimator not in FORECASTERS and not {":", "."} & set(estimator):
        raise SettingsError(
            f"There is no forecaster '{estimator}'.{nearest(estimator, FORECASTERS)} Ready are "
            f"{', '.join(FORECASTERS)}; others go by import path, 'package.module:Class'."
        )
    path = FORECASTERS.get(estimator, estimator)
    module, _, name = path.partition(":") if ":" in path else path.rpartition(".")
    try:
        with quiet():
            value = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        absent = f"there is no '{name}' in '{module}'"
        reason = absent if isinstance(error, AttributeError) else error
        raise SettingsError(f"The forecaster '{estimator}' cannot be imported: {reason}.") from None
    if not (inspect.isclass(value) and (hasattr(value, "train") or hasattr(value, "predict"))):
        raise SettingsError(
            f"'{estimator}' is not a GluonTS Estimator or Predictor class; give one of those."
        )
    return value


def check_forecaster(spec: Forecaster, freq: str, prediction_length: int, season: int) -> None:
    """Raise SettingsError if the class is unknown, or a setting is unknown or impossible."""
    kind = forecaster_class(spec.estimator)
    parameters = inspect.signature(kind).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for name in spec.settings:
        if name in {"prediction_length", "freq"} and spec.settings.get("freq", freq) != freq:
            raise SettingsError(
                f"The forecaster '{spec.estimator}' is set to freq={spec.settings['freq']!r}, the "
                f"data have {freq!r}; leave freq out, it comes from the data."
            )
        if name in {"prediction_length", "freq"}:
            raise SettingsError(
                f"The forecaster '{spec.estimator}' takes {name} from the study; leave it out."
            )
        if name not in parameters and not open_ended:
            raise SettingsError(
                f"The forecaster '{spec.estimator}' has no setting '{name}'."
                f"{nearest(name, parameters)}"
            )
    try:
        with quiet():
            arguments = _arguments(spec, kind, freq, prediction_length, season)
            check_possible(kind, spec.settings, arguments)
    except Exception as error:  # whatever its constructor and its network throw
        if lacks_memory(error):
            raise TooLargeError(
                f"The forecaster '{spec.estimator}' does not fit into memory with its settings."
            ) from None
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise SettingsError(
            f"The forecaster '{spec.estimator}' refuses its settings ({reason})."
        ) from None


def _arguments(
    spec: Forecaster, kind: type[Any], freq: str, prediction_length: int, season: int
) -> dict[str, Any]:
    """Return the arguments of the class: the study's, where it takes them, and its own settings."""
    parameters = inspect.signature(kind).parameters
    given = {"prediction_length": prediction_length, "freq": freq, "season_length": season}
    return {k: v for k, v in given.items() if k in parameters} | dict(spec.settings)


def is_joint(spec: Forecaster) -> bool:
    """Return whether a forecaster takes all channels of an entry at once."""
    return spec.estimator in _JOINT if spec.joint is None else spec.joint


def split_channels(forecasts: Sequence[Any], num_channels: int) -> list[SampleForecast]:
    """Return the forecasts of each channel, all of the first before those of the second."""
    return [
        SampleForecast(made.samples[:, :, channel], made.start_date, made.item_id)
        for channel in range(num_channels)
        for made in forecasts
    ]


def trains_many(spec: Forecaster) -> bool:
    """Return whether a forecaster trains several seeds at once, as the reference networks do."""
    return hasattr(forecaster_class(spec.estimator), "train_many") and "seed" not in spec.settings


def train_many(
    spec: Forecaster,
    jobs: Sequence[tuple[int, SeriesDataset]],
    prediction_length: int,
    season: int,
) -> list[Any]:
    """Return the predictors of several (seed, training set), trained at once."""
    kind = forecaster_class(spec.estimator)
    arguments = _arguments(spec, kind, jobs[0][1].freq, prediction_length, season)
    made: list[Any] = kind(**arguments).train_many([(s, list(series)) for s, series in jobs])
    return made


def train_forecaster(
    spec: Forecaster,
    training: SeriesDataset | MultivariateDataset,
    prediction_length: int,
    season: int,
    *,
    validation: SeriesDataset | MultivariateDataset | None = None,
    patience: int = 0,
) -> Any:
    """Return a fitted GluonTS predictor; call within `tsgen.curation.seeded`.

    Args:
        spec: What to train.
        training: Its training set, of entries with all channels if it takes them at once.
        prediction_length: Steps to forecast.
        season: Steps of a season, for predictors that ask for it.
        validation: Series whose last steps decide when training stops.
        patience: Epochs without a gain after which it stops, if there is a validation set.

    Raises:
        SettingsError: Early stopping of something that has no epochs.
    """
    kind = forecaster_class(spec.estimator)
    parameters = inspect.signature(kind).parameters
    arguments = _arguments(spec, kind, training.freq, prediction_length, season)
    by_epochs = "trainer_kwargs" in parameters
    if validation is not None and not by_epochs:
        raise SettingsError(
            f"'{spec.estimator}' is not trained in epochs, so it cannot be stopped early."
        )
    if not hasattr(kind, "train"):
        return kind(**arguments)
    entries = list(training)
    if not by_epochs:
        return kind(**arguments).train(entries)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = _QUIET | {"default_root_dir": scratch} | arguments.get("trainer_kwargs", {})
        if validation is None:
            return kind(**arguments | {"trainer_kwargs": trainer}).train(entries)
        from lightning.pytorch.callbacks import EarlyStopping

        trainer["callbacks"] = [EarlyStopping("val_loss", patience=patience)]
        return kind(**arguments | {"trainer_kwargs": trainer}).train(entries, list(validation))
