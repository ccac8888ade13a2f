"""The fitted PSA-GAN: draws series in their original units, on a real calendar."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import torch

from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import DynamicFeatures
from tsgen.displays import html_facts
from tsgen.training import TrainingOptions, resolve_device

from .fine_tuning import fine_tune
from .forgetting import RemembersSeries
from .memory import DataFacts, SeriesTable
from .model_folder import SavesFolder, finite
from .networks import NetworkSizes, build_networks, generator_weights
from .sampler import DrawsSeries
from .sampling import Drawing, Turns, at_bound
from .settings import PSAGANSettings
from .training_end import split_at_training_end
from .windows import WindowConditions

__all__ = ["PSAGANSynthesizer"]

logger = logging.getLogger(__name__)

_OLDER = (
    "%s was saved by an earlier version: it remembers no grids, bounds, repeats or closed hours, "
    "so samples are held to their series' sign, whole numbers and zeros only. Train it anew for "
    "the rest."
)

Kind = TypeVar("Kind", bound=SeriesDataset | MultivariateDataset)


class PSAGANSynthesizer(DrawsSeries, RemembersSeries, SavesFolder):
    """A trained PSA-GAN. Made by `PSAGANEstimator.train` or `tsgen.load`.

    Attributes:
        settings: What it is.
        table: What it remembers of each training series.
        tables: The same by channel; `table` is the first.
        data: What it remembers of the training data as a whole.
        plan: The schedule of steps it was trained by.
        history: One row for every few training steps: step, stage, alpha, losses, seconds.
        seed: The seed of its training.
        noise_scale: Deviation of the latent noise in draws, found on the training part; 1 for
            models of earlier versions.
        features: The training series' features that change in time; None without any.

    Example:
        >>> from tsgen import PSAGANEstimator, TrainingOptions
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=4, length=200, seed=1)
        >>> estimator = PSAGANEstimator(target_length=24, num_steps=20)
        >>> model = estimator.train(real, options=TrainingOptions(seed=1))
        >>> synthetic = model.sample(3, length=72, seed=2)
        >>> len(synthetic), synthetic.lengths.tolist(), synthetic.freq
        (3, [72, 72, 72], 'h')
    """

    kind = "psa-gan"
    called = "PSA-GAN"
    settings_type = PSAGANSettings

    def __init__(
        self,
        settings: PSAGANSettings,
        weights: dict[str, torch.Tensor],
        table: SeriesTable,
        data: DataFacts,
        conditions: WindowConditions,
        *,
        further_tables: Sequence[SeriesTable] = (),
        plan: dict[str, Any],
        history: list[dict[str, Any]],
        seed: int,
        zero_below: float = 0.0,
        noise_scale: float = 1.0,
        features: DynamicFeatures | None = None,
        device: str = "auto",
    ) -> None:
        self.settings, self.table, self.data, self.conditions = settings, table, data, conditions
        self.tables = (table, *further_tables)
        self.noise_scale = noise_scale
        self.plan, self.history, self.seed, self.zero_below = plan, history, seed, zero_below
        self.features, self._weights = features, weights
        generator, _ = build_networks(settings, self.sizes, seed=0)
        generator.load_state_dict(generator_weights(weights))
        self.device = resolve_device(device)
        generator.to(self.device).eval().requires_grad_(False)
        turns = Turns()
        if features is not None and data.dynamic is not None:
            turns = Turns.of(features, data.dynamic, settings.target_length)
        self.drawing = Drawing(
            generator, conditions, self.device, noise_scale, dynamic=data.dynamic, turns=turns
        )

    def __repr__(self) -> str:
        length, steps = self.settings.target_length, sum(self.plan["schedule"])
        channels = f" of {len(self.tables)} channels" if self.data.channels else ""
        return (
            f"PSAGANSynthesizer({len(self.table)} series{channels}, freq={self.data.freq!r}, "
            f"target_length={length}, {steps} training steps)"
        )

    def _repr_html_(self) -> str:
        return html_facts(repr(self), {"settings": self.settings.to_json()})

    @property
    def sizes(self) -> NetworkSizes:
        """What the networks provide for."""
        cardinalities = tuple(len(c) for c in self.data.static_categories)
        last = int(self.table.index.max())
        return NetworkSizes(
            self.conditions.num_features,
            last,
            cardinalities,
            num_channels=len(self.tables),
            static_width=self.conditions.static_width,
        )

    @property
    def age_deviation(self) -> float:
        """Deviation of the noise on a training window's age, in steps: infinite without an age."""
        if self.settings.age == "none":
            return float("inf")
        return self.settings.age_blur * self.conditions.longest

    @property
    def variety_note(self) -> str:
        """What is to be said of how much draws vary, where the noise scale is at its bound."""
        return at_bound(self.noise_scale)

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        """The averaged generator's and the discriminator's tensors, on the CPU."""
        return dict(self._weights)

    def split_at_training_end(self, dataset: Kind) -> tuple[Kind, Kind | None]:
        """Cut a dataset where this model's training part ended, series by series.

        Series that the model does not know are left out.

        Returns:
            The training part, and what comes after it (None if nothing does).

        Raises:
            DataError: The model knows none of the series.
        """
        return split_at_training_end(dataset, self.table, self.conditions.calendar.stride)

    def fine_tune(
        self,
        dataset: Any,
        *,
        num_steps: int = 1000,
        options: TrainingOptions | None = None,
    ) -> PSAGANSynthesizer:
        """Train this model further, at full resolution, on new data; this one stays as it is.

        New series start from the "unknown" identity; known ones go on from where they are, with the
        scale of the new data.

        Args:
            dataset: A GluonTS dataset or long table of the same frequency.
            num_steps: Training steps; a budget in `options` replaces them.
            options: Circumstances of the run.
        """
        return fine_tune(self, dataset, num_steps=num_steps, options=options or TrainingOptions())

    @property
    def _tables(self) -> tuple[SeriesTable, ...]:
        return self.tables

    def _arguments(self, tables: tuple[SeriesTable, ...]) -> dict[str, Any]:
        return {
            "further_tables": tables[1:],
            "zero_below": self.zero_below,
            "noise_scale": self.noise_scale,
            "device": str(self.device),
        }

    def _own_facts(self) -> dict[str, Any]:
        return {"zero_below": self.zero_below, "noise_scale": self.noise_scale}

    @classmethod
    def _own_arguments(cls, facts: dict[str, Any]) -> dict[str, Any]:
        return {
            "zero_below": finite(facts["zero_below"]),
            "noise_scale": finite(facts.get("noise_scale", 1.0)),
        }

    @classmethod
    def from_folder(
        cls, path: Path, facts: dict[str, Any], *, device: str = "auto", trust: bool = False
    ) -> Self:
        """Read what `save` wrote, and say where an earlier version did; see `SavesFolder`."""
        model = super().from_folder(path, facts, device=device, trust=trust)
        if not model.table.grain.present:
            logger.warning(_OLDER, path)
        return model
