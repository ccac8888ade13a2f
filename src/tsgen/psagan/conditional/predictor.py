"""The fitted PSA-GAN-C: a GluonTS predictor that also fills gaps.

Shape legend: R entries, S samples of each, P steps before the window, L window length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from gluonts.dataset.field_names import FieldName
from gluonts.model.forecast import SampleForecast
from gluonts.model.predictor import Predictor

from tsgen.data import SeriesDataset
from tsgen.data.series import to_series
from tsgen.errors import ModelFormatError, SettingsError, nearest
from tsgen.rng import resolve_seed, torch_stream
from tsgen.training import resolve_device

from ..conditional_settings import PSAGANContextSettings
from ..memory import DataFacts, SeriesTable
from ..model_folder import read_folder, write_folder
from ..networks import NetworkSizes, build_networks, generator_weights
from ..windows import WindowConditions
from .drawing import ContextDrawing
from .imputation import Imputation
from .pasts import Entry, Pasts

__all__ = ["PSAGANPredictor"]

_PATHS = 2048
"""Sample paths drawn at a time."""


class PSAGANPredictor(Predictor):  # type: ignore[misc]
    """A trained PSA-GAN-C. Made by `PSAGANForecastEstimator.train` or `tsgen.load`.

    Attributes:
        prediction_length: Steps of a forecast.
        settings: What it is.
        table: What it remembers of each training series.
        data: What it remembers of the training data as a whole.
        plan: The schedule of steps it was trained by.
        history: One row for every few training steps: step, stage, alpha, losses, seconds.
        seed: The seed of its training, and of its draws unless another one is given.

    Example:
        >>> from tsgen import PSAGANForecastEstimator, TrainingOptions
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=4, length=200, seed=1)
        >>> estimator = PSAGANForecastEstimator(prediction_length=24, num_steps=20)
        >>> predictor = estimator.train(real, options=TrainingOptions(seed=1))
        >>> forecast = next(predictor.predict(real, num_samples=10))
        >>> forecast.samples.shape
        (10, 24)
    """

    def __init__(
        self,
        settings: PSAGANContextSettings,
        weights: dict[str, torch.Tensor],
        table: SeriesTable,
        data: DataFacts,
        conditions: WindowConditions,
        *,
        plan: dict[str, Any],
        history: list[dict[str, Any]],
        seed: int,
        device: str = "auto",
    ) -> None:
        super().__init__(prediction_length=settings.horizon)
        self.settings, self.table, self.data, self.conditions = settings, table, data, conditions
        self.plan, self.history, self.seed = plan, history, seed
        self._weights = weights
        context = settings.window_context()
        sizes = NetworkSizes(
            conditions.num_features,
            int(table.index.max()),
            tuple(len(c) for c in data.static_categories),
            context.sizes(judged=settings.discriminator_context),
        )
        generator, _ = build_networks(settings, sizes, seed=0)
        generator.load_state_dict(generator_weights(weights))
        self.device = resolve_device(device)
        generator.to(self.device).eval().requires_grad_(False)
        self.drawing = ContextDrawing(generator, conditions, context, self.device)

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        """The averaged generator's and the discriminator's tensors, on the CPU."""
        return dict(self._weights)

    # ---- forecasting ---------------------------------------------------------------------------

    def predict(
        self,
        dataset: Iterable[Entry],
        num_samples: int | None = 100,
        *,
        seed: int | None = None,
        **unknown: Any,
    ) -> Iterator[SampleForecast]:
        """Draw sample paths of what follows each entry.

        A forecast longer than `target_length` is put together window by window, each path going on
        from its own draws. NaN in a target is missing; series shorter than `context_length`, and
        series the model was not trained on, are forecast from what there is.

        Args:
            dataset: GluonTS entries, or a long table, of the frequency of the training data.
            num_samples: Paths of each entry; None is 100.
            seed: Same seed and same entries in the same order, same paths; None is the seed of the
                training.
            **unknown: Refused, by name.

        Raises:
            SettingsError: An impossible number of samples, or an argument of another name.
            DataError: An entry lacks start or target, has another frequency, or no observed value
                and an id that the model does not know.

        Warns:
            DataWarning: New series of one value only: nothing says how much they vary.
        """
        if unknown:
            name = next(iter(unknown))
            raise SettingsError(
                f"predict has no argument '{name}'.{nearest(name, ['num_samples', 'seed'])} It "
                "takes num_samples and seed."
            )
        num_samples = 100 if num_samples is None else num_samples
        if isinstance(dataset, pd.DataFrame):
            dataset = to_series(dataset)
        if isinstance(num_samples, bool) or num_samples < 1:
            raise SettingsError(
                f"num_samples={num_samples!r} is not possible; give a whole number from 1."
            )
        seed = self.seed if seed is None else resolve_seed(seed)
        entries, count = iter(dataset), max(_PATHS // num_samples, 1)
        for number in range(10**18):
            if not (part := list(islice(entries, count))):
                return
            paths = self._paths(part, num_samples, (seed, number))
            for entry, samples in zip(part, paths, strict=True):
                yield SampleForecast(
                    samples.astype(np.float32),
                    entry[FieldName.START] + len(entry[FieldName.TARGET]),
                    entry.get(FieldName.ITEM_ID),
                    entry.get(FieldName.INFO),
                )

    def _paths(
        self, entries: list[Entry], num_samples: int, stream: tuple[int, int]
    ) -> npt.NDArray[np.float64]:
        """Return paths (R, S, prediction_length) in original units."""
        drawing, stride = self.drawing, self.conditions.calendar.stride
        past_length = drawing.context.before
        pasts = Pasts.of(entries, past_length, self.data, self.table, self.settings.scaling)
        rows, past = pasts.rows.repeat(num_samples), np.repeat(pasts.values, num_samples, axis=0)
        unknown = np.full((len(past), drawing.length + drawing.context.after), np.nan)
        for done in range(0, self.prediction_length, drawing.length):
            random = torch_stream(stream[0], "forecast", stream[1], done, device=self.device)
            frames = np.concatenate([past[:, past.shape[1] - past_length :], unknown], axis=1)
            window = drawing.windows(frames, rows.later(done, stride), random)
            past = np.concatenate([past, window], axis=1)
        drawn = past[:, past_length : past_length + self.prediction_length]
        paths = drawn.reshape(len(entries), num_samples, -1)
        values = pasts.scaler.invert(paths, np.arange(len(entries)))
        if self.settings.hold_non_negative:
            values = np.where(pasts.non_negative[:, None, None], np.maximum(values, 0.0), values)
        return values

    # ---- filling gaps --------------------------------------------------------------------------

    def impute(
        self, dataset: Any, num_samples: int = 1, *, seed: int | None = None
    ) -> SeriesDataset:
        """Fill the missing values of a dataset with draws that agree with what is observed.

        Each gap is drawn given the observed values before it, after it and between it and other
        gaps; gaps at either end of a series have one side only. Gaps longer than `target_length`
        are filled from left to right. Train with `gap_share` above 0, or the far side is not seen.

        Args:
            dataset: A GluonTS dataset or long table of the training data's frequency; NaN, and
                steps without a row, are missing.
            num_samples: Completed copies of each series.
            seed: Same seed, same copies; None is the seed of the training.

        Returns:
            A GluonTS dataset: for each series its copies, "imputed/SOURCE/NUMBER", in which
            observed values are as they were, bit for bit. `info` says how many steps were filled;
            copies with filled steps count as synthetic.

        Raises:
            SettingsError: An impossible number of samples.
            DataError: Another frequency, or a series without any observed value.

        Warns:
            DataWarning: Nothing is missing.
        """
        seed, settings = self.seed if seed is None else seed, self.settings
        work = Imputation(
            self.drawing, self.data, self.table, settings.scaling, settings.hold_non_negative
        )
        return work.completed(dataset, num_samples, seed)

    # ---- saving --------------------------------------------------------------------------------

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the model folder, which `tsgen.load` reads; an older one survives any failure.

        Raises:
            OutputError: The folder exists and `overwrite` is False, or the disk refused the write.
        """
        write_folder(self, path, "psa-gan-c", {}, overwrite=overwrite)

    @classmethod
    def from_folder(
        cls, path: Path, facts: dict[str, Any], *, device: str = "auto", trust: bool = False
    ) -> Self:
        """Read what `save` wrote; `tsgen.load` checks the folder and calls this.

        Nothing is imported by name, so `trust` changes nothing.
        """
        try:
            return cls(**read_folder(path, facts, PSAGANContextSettings), device=device)
        except ModelFormatError:
            raise
        except (KeyError, TypeError, ValueError, RuntimeError, OSError) as error:
            raise ModelFormatError(
                f"{path} is not a complete PSA-GAN-C model ({type(error).__name__}: {error}). "
                "Copy the model again or train it anew."
            ) from error

    def serialize(self, path: Path) -> None:
        """Write the predictor as GluonTS does: its type, and here the model folder beside it."""
        super().serialize(path)
        self.save(Path(path) / "tsgen", overwrite=True)

    @classmethod
    def deserialize(cls, path: Path, device: str = "auto", **_: Any) -> Predictor:
        """Read what `serialize` wrote."""
        from tsgen.persistence import load

        predictor: Predictor = load(Path(path) / "tsgen", device=device)
        return predictor
