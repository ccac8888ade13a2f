"""The fitted PSA-GAN-C: a GluonTS predictor that also fills gaps.

Shape legend: R entries, S samples of each, P steps before the window, L window length.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd
import torch
from gluonts.dataset.field_names import FieldName
from gluonts.model.forecast import SampleForecast
from gluonts.model.predictor import Predictor

from tsgen.data import MultivariateDataset, SeriesDataset, as_pandas
from tsgen.data.series import DynamicFeatures
from tsgen.displays import html_facts
from tsgen.errors import SettingsError, nearest
from tsgen.memory import check_steps
from tsgen.rng import resolve_seed
from tsgen.training import resolve_device

from ..conditional_settings import PSAGANContextSettings
from ..forgetting import RemembersSeries
from ..memory import DataFacts, SeriesTable, say_new_series
from ..model_folder import SavesFolder, finite
from ..networks import NetworkSizes, build_networks, generator_weights
from ..sampling import check_infer, check_request
from ..windows import WindowConditions
from .drawing import ContextDrawing
from .grain_ahead import say_closed_ahead
from .imputation import Imputation
from .pasts import Entry
from .paths import Paths, as_forecast

__all__ = ["PSAGANPredictor"]

_PREDICTS = ("num_samples", "constraints", "seed")
Dataset = SeriesDataset | MultivariateDataset

_PATHS = 2048
"""Sample paths drawn at a time."""


class PSAGANPredictor(RemembersSeries, SavesFolder, Predictor):  # type: ignore[misc]
    """A trained PSA-GAN-C. Made by `PSAGANForecastEstimator.train` or `tsgen.load`.

    Attributes:
        prediction_length: Steps of a forecast.
        settings: What it is.
        table: What it remembers of each training series.
        tables: The same by channel; `table` is the first.
        data: What it remembers of the training data as a whole.
        plan: The schedule of steps it was trained by.
        history: One row for every few training steps: step, stage, alpha, losses, seconds.
        seed: The seed of its training.
        draw_seed: The seed of draws where none is given, or None; see `with_seed`.
        fill_noise: Deviation of the latent noise in fills, at which their intervals hold.
        forecast_width: How far paths lie from their centre: their means over the horizon, and
            their steps about these; found on windows that training did not see. 1 is as drawn.
        forecast_noise: Deviations of the latent vector and of the noise of the levels in forecasts:
            1, other than in models of earlier versions.
        features: The training series' features that change in time; None without any.

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

    kind = "psa-gan-c"
    called = "PSA-GAN-C"
    settings_type = PSAGANContextSettings
    settings: PSAGANContextSettings

    def __init__(
        self,
        settings: PSAGANContextSettings,
        weights: dict[str, torch.Tensor],
        table: SeriesTable,
        data: DataFacts,
        conditions: WindowConditions,
        *,
        further_tables: Sequence[SeriesTable] = (),
        plan: dict[str, Any],
        history: list[dict[str, Any]],
        seed: int,
        draw_seed: int | None = None,
        fill_noise: float = 1.0,
        forecast_noise: tuple[float, float] = (1.0, 1.0),
        forecast_width: tuple[float, float] = (1.0, 1.0),
        features: DynamicFeatures | None = None,
        device: str = "auto",
    ) -> None:
        super().__init__(prediction_length=settings.horizon)
        self.settings, self.table, self.data, self.conditions = settings, table, data, conditions
        self.tables = (table, *further_tables)
        self.plan, self.history, self.seed, self.draw_seed = plan, history, seed, draw_seed
        self.features, self._weights = features, weights
        self.fill_noise, self.forecast_noise = fill_noise, forecast_noise
        self.forecast_width = forecast_width
        context = settings.window_context(data.dynamic, len(self.tables))
        self.sizes = NetworkSizes(
            conditions.num_features,
            int(table.index.max()),
            tuple(len(c) for c in data.static_categories),
            context.sizes(judged=settings.discriminator_context),
            num_channels=len(self.tables),
        )
        generator, _ = build_networks(settings, self.sizes, seed=0)
        generator.load_state_dict(generator_weights(weights))
        self.device = resolve_device(device)
        generator.to(self.device).eval().requires_grad_(False)
        self.drawing = ContextDrawing(generator, conditions, context, self.device)

    def __repr__(self) -> str:
        channels = f" of {len(self.tables)} channels" if self.data.channels else ""
        return (
            f"PSAGANPredictor({len(self.table)} series{channels}, freq={self.data.freq!r}, "
            f"prediction_length={self.prediction_length}, {sum(self.plan['schedule'])} training "
            "steps)"
        )

    def _repr_html_(self) -> str:
        return html_facts(repr(self), {"settings": self.settings.to_json()})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PSAGANPredictor):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash((self.prediction_length, self.seed, self.table.item_ids))

    def _content(self) -> tuple[Any, ...]:
        """Return what tells two predictors apart."""
        weights = {name: tensor.numpy().tobytes() for name, tensor in self._weights.items()}
        scalers = tuple(
            (table.scaler.location.tobytes(), table.scaler.scale.tobytes()) for table in self.tables
        )
        facts = (self.settings, self.table.item_ids, scalers, self.data.to_json(), self.plan)
        return (*facts, self.seed, self.draw_seed, self._noises(), weights)

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        """The averaged generator's and the discriminator's tensors, on the CPU."""
        return dict(self._weights)

    def predict(
        self,
        dataset: Iterable[Entry],
        num_samples: int | None = 100,
        *,
        constraints: Literal["infer"] | None = "infer",
        seed: int | None = None,
        **unknown: Any,
    ) -> Iterator[SampleForecast]:
        """Draw sample paths of what follows each entry: (n, T), or (n, T, C) of C channels.

        A forecast longer than `target_length` is put together window by window, each path going on
        from its own draws. NaN in a target is missing; series shorter than `context_length`, and
        series the model was not trained on, are forecast from what there is.

        Args:
            dataset: GluonTS entries, or a long table, of the frequency of the training data. A
                model that was trained with dynamic features needs them for the steps ahead, too:
                entries whose `feat_dynamic_real` goes on by `prediction_length`, or rows of the
                table whose target is empty.
            num_samples: Paths of each entry; None is 100.
            constraints: "infer" gives paths the grain of their series: its grid (whole numbers,
                cents, ...), as many values where they pile up, as many repeats, its hours at rest,
                and no value beyond a bound at which they pile up; what is merely the greatest so
                far may be passed.
                None leaves paths as they are drawn.
            seed: Same seed, same paths of an entry, whatever stands beside it, and more of them
                begin with the fewer; None is `draw_seed`. The forecasts' `info` says it.
            **unknown: Refused, by name.

        Yields:
            Forecasts. Paths have values at closed hours too, for GluonTS's evaluation takes no
            NaN: where a series never has a value, `info["closed"]` says at which steps (T,), or
            (T, C); `forecast_table` leaves those empty.

        Raises:
            SettingsError: An impossible number of samples, or an argument of another name.
            DataError: An entry lacks start or target, has another frequency, or no observed value
                and an id that the model does not know.

        Warns:
            DataWarning: Series are new to the model, or have one value only: nothing says how much
                they vary. Or steps ahead are closed.
        """
        if unknown:
            name = next(iter(unknown))
            raise SettingsError(
                f"predict has no argument '{name}'.{nearest(name, _PREDICTS)} It "
                f"takes {', '.join(_PREDICTS)}."
            )
        check_infer(constraints)
        num_samples = 100 if num_samples is None else num_samples
        dataset = as_pandas(dataset)
        if isinstance(dataset, pd.DataFrame | pd.Series | Mapping | Dataset):
            dataset = self.data.read(dataset)
        check_request(num_samples, None, None, None)
        steps = self.drawing.context.before + self.settings.horizon
        check_steps(num_samples * steps * len(self.tables), f"num_samples={num_samples}")
        seed = resolve_seed(self.draw_seed if seed is None else seed)
        scales: Any = dict(zip(("vector_scale", "noise_scale"), self.forecast_noise, strict=True))
        facts = self.data, self.tables, self.settings
        work = Paths(replace(self.drawing, **scales), *facts, self.forecast_width)
        entries, count = iter(dataset), max(_PATHS // (num_samples * len(self.tables)), 1)
        said = said_closed = False
        while part := list(islice(entries, count)):
            paths, closed = work.drawn(part, num_samples, seed, infer=constraints == "infer")
            if not said:
                said = isinstance(dataset, Sized)  # an iterator is counted part by part
                self._say_new(dataset if said else part)
            if not said_closed:
                said_closed = say_closed_ahead(part, closed)
            for entry, samples, shut in zip(part, paths, closed, strict=True):
                yield as_forecast(entry, samples, shut, seed)

    def _say_new(self, entries: Iterable[Entry]) -> None:
        """Warn of entries that the model was not trained on."""
        ids = [entry.get(FieldName.ITEM_ID) for entry in entries]
        say_new_series(ids, self.table.places(ids) >= 0, self.table.item_ids)

    def with_seed(self, seed: int | None) -> Self:
        """Return this predictor with another `draw_seed`, for callers that pass no seed.

        So do GluonTS's `evaluate_model` and `backtest_metrics`. It is kept by `serialize`.

        Raises:
            SettingsError: An impossible seed.
        """
        seeded = copy.copy(self)
        seeded.draw_seed = None if seed is None else resolve_seed(seed)
        return seeded

    def impute(
        self,
        dataset: Any,
        num_samples: int = 1,
        *,
        median: bool = False,
        constraints: Literal["infer"] | None = "infer",
        seed: int | None = None,
    ) -> SeriesDataset | MultivariateDataset:
        """Fill the missing values of a dataset with draws that agree with what is observed.

        Each gap is drawn given the observed values before it, after it and between it and other
        gaps, and those of the other channels; gaps at either end of a series have one side only.
        Gaps longer than `target_length` are filled from left to right. Train with `gap_share` above
        0, or the far side is not seen.

        Args:
            dataset: A GluonTS dataset or long table of the training data's frequency; NaN, and
                steps without a row, are missing.
            num_samples: Completed copies of each series.
            median: One copy, with the median of 19 draws at each step: nearer to what was there
                than a draw, which varies as the series does, but smoother.
            constraints: "infer" gives fills the grid, the bounds and the resting hours of their
                series, and leaves closed hours closed: times of the day, week or year at which a
                series never has a value stay missing. None fills them, with values as they are
                drawn.
            seed: Same seed, same copies of a series, whatever stands beside it; None is
                `draw_seed`. The copies' `info` says it.

        Returns:
            A GluonTS dataset: for each series its copies, "imputed/SOURCE/NUMBER", in which
            observed values are as they were, bit for bit. `info` says how many steps were filled;
            copies with filled steps count as synthetic.

        Raises:
            SettingsError: An impossible number of samples.
            DataError: Another frequency, or a series without any observed value.

        Warns:
            DataWarning: Nothing is missing, or closed hours stay so; series are new to the model.
        """
        check_infer(constraints)
        if median and num_samples != 1:
            raise SettingsError(f"median=True gives one copy, num_samples={num_samples} more.")
        seed, settings = self.draw_seed if seed is None else seed, self.settings
        work = Imputation(
            replace(self.drawing, noise_scale=self.fill_noise),
            self.data,
            self.tables,
            settings.scaling,
            settings.hold_non_negative,
            infer=constraints == "infer",
            median=median,
        )
        return work.completed(dataset, num_samples, resolve_seed(seed))

    @property
    def _tables(self) -> tuple[SeriesTable, ...]:
        return self.tables

    def _arguments(self, tables: tuple[SeriesTable, ...]) -> dict[str, Any]:
        drawn = {"draw_seed": self.draw_seed, **self._noises(), "device": str(self.device)}
        return {**drawn, "further_tables": tables[1:]}

    def _noises(self) -> dict[str, Any]:
        return {
            "fill_noise": self.fill_noise,
            "forecast_noise": self.forecast_noise,
            "forecast_width": self.forecast_width,
        }

    def _own_facts(self) -> dict[str, Any]:
        seeded = {} if self.draw_seed is None else {"draw_seed": self.draw_seed}
        return {**seeded, **self._noises()}

    @classmethod
    def _own_arguments(cls, facts: dict[str, Any]) -> dict[str, Any]:
        fills = finite(facts.get("fill_noise", 1.0))  # absent in earlier folders, as the other is
        pairs: dict[str, Any] = {}
        for name in ("forecast_noise", "forecast_width"):
            one, other = map(finite, facts.get(name, (1.0, 1.0)))
            pairs[name] = one, other
        return {"draw_seed": facts.get("draw_seed"), "fill_noise": fills, **pairs}

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
