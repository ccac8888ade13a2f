"""The fitted PSA-GAN: draws series in their original units, on a real calendar."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import numpy as np
import torch

from tsgen.arrays import Integers
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import (
    DynamicFeatures,
    grid_ordinal,
    joined,
    parts_of,
    refuse_times_beyond,
)
from tsgen.errors import SettingsError
from tsgen.memory import check_steps
from tsgen.rng import resolve_seed
from tsgen.training import TrainingOptions, resolve_device

from .fine_tuning import fine_tune
from .forgetting import RemembersSeries
from .memory import DataFacts, SeriesTable, say_without_statics
from .model_folder import read_folder, refusing_damaged, write_folder
from .networks import NetworkSizes, build_networks, generator_weights
from .sampling import (
    Changes,
    ConstraintName,
    Constraints,
    Drawing,
    MissingRequest,
    Requests,
    check_missing,
    check_request,
    missing_steps,
    series_facts,
    series_of_kind,
    with_features,
)
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

ConstraintRequest = Literal["infer"] | Iterable[ConstraintName] | None
Kind = TypeVar("Kind", bound=SeriesDataset | MultivariateDataset)


class PSAGANSynthesizer(RemembersSeries):
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
        self.drawing = Drawing(
            generator, conditions, self.device, noise_scale, dynamic=data.dynamic
        )

    def __repr__(self) -> str:
        length, steps = self.settings.target_length, sum(self.plan["schedule"])
        channels = f" of {len(self.tables)} channels" if self.data.channels else ""
        return (
            f"PSAGANSynthesizer({len(self.table)} series{channels}, freq={self.data.freq!r}, "
            f"target_length={length}, {steps} training steps)"
        )

    @property
    def sizes(self) -> NetworkSizes:
        """What the networks provide for."""
        cardinalities = tuple(len(c) for c in self.data.static_categories)
        known = int(self.table.index.max())
        return NetworkSizes(
            self.conditions.num_features, known, cardinalities, num_channels=len(self.tables)
        )

    @property
    def age_deviation(self) -> float:
        """Deviation of the noise on a training window's age, in steps: infinite without an age."""
        if self.settings.age == "none":
            return float("inf")
        return self.settings.age_blur * self.conditions.longest

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        """The averaged generator's and the discriminator's tensors, on the CPU."""
        return dict(self._weights)

    # ---- drawing -------------------------------------------------------------------------------

    def sample(
        self,
        num_samples: int = 1,
        *,
        like: Any = None,
        items: Sequence[Any] | None = None,
        static: Mapping[str, Any] | None = None,
        start: Any = None,
        length: int | Literal["like"] | None = None,
        constraints: ConstraintRequest = "infer",
        missing: MissingRequest = "like",
        dynamic: Any = None,
        seed: int | None = None,
    ) -> SeriesDataset | MultivariateDataset:
        """Draw series; of a model trained on several channels, all channels together.

        Args:
            num_samples: How many in all or, with `like` or `items`, for each entry or item.
            like: A GluonTS dataset or long table: its entries give the series (an unknown one gets
                its scale from the entry's values and the model's "unknown" identity), the static
                categories and, unless given, the start.
            items: Ids of training series.
            static: Kind of series to draw, {"store": "B"}: training series of these categories.
            start: First time of every drawn series, on the grid of the data; None takes the
                entries' own with `like`, and a random time of the training part otherwise.
            length: Steps of every series; None is `target_length`, "like" each entry's own. More
                than `target_length` joins windows.
            constraints: "infer" gives each series the grain it had in training: its grid (whole
                numbers, cents, ...; of an entry of `like`, that of its latest values), its least
                and greatest value and as many values there, its zeros and repeats, and its closed
                hours: what is always missing at a time of the day, week or year. Or some of
                "non-negative", "integer", "intermittent" for all. None leaves the samples as they
                are drawn.
            missing: "like" leaves the gaps of the entries of `like` where the drawn series run
                along them; "model" draws gaps as long and as frequent as in training; "none" draws
                every value, but for closed hours.
            dynamic: Features of the drawn series, for a model that was trained with some, in the
                place of their sources': name -> value (or one value for each step), such as
                {"promo": 1.0}, or a long table with timestamp, the columns to change and, unless it
                holds for all series, item_id. What it leaves out stays as in the source. Needed
                where a drawn series goes beyond what is known of its source's features.
            seed: Same seed, same series.

        Returns:
            A GluonTS dataset, multivariate if the training data were. Each entry has an `item_id`
            of its own, "synthetic/SOURCE/NUMBER", and says in `info` that it is synthetic and after
            which series it was drawn.

        Raises:
            SettingsError: Impossible arguments.
            UnknownIdError: An item or a category that the model was not trained on.
            DataError: `like` does not fit the model, or features are lacking.
        """
        seed = resolve_seed(seed)
        check_request(num_samples, like, items, length, static)
        check_missing(missing)
        changes = self._changes(dynamic)
        supplied = () if changes is None else changes.names
        given = None if like is None else self.data.read(like, supplied)
        zone, first = self.data.timezone, None
        if start is not None:
            known = self.table.starts if given is None else given.starts
            first = grid_ordinal(start, self.data.freq, zone, self.data.label, known)
        steps = self.settings.target_length if length is None else length
        channels = max(len(self.data.channels), 1)
        if given is None:
            each = 1 if items is None else len(items)
            check_steps(num_samples * each * int(steps) * channels, f"num_samples={num_samples}")
            stride = self.conditions.calendar.stride
            requests = Requests.of_training_series(
                self.tables,
                items,
                num_samples,
                first,
                int(steps),
                stride,
                seed,
                series_of_kind(self, static),
            )
            requests = with_features(self, requests, None, changes, hold=start is None)
            return self._draw(requests, constraints, missing, seed)
        total = given.lengths.sum() if steps == "like" else len(given) * int(steps)
        check_steps(num_samples * int(total) * channels, f"num_samples={num_samples}")
        rows = np.repeat(np.arange(len(given)), num_samples)
        starts = given.starts[rows] if first is None else np.full(len(rows), first)
        lengths = given.lengths[rows] if steps == "like" else np.full(len(rows), steps)
        return self.sample_after(
            given,
            rows,
            starts,
            lengths,
            constraints=constraints,
            missing=missing,
            dynamic=changes,
            seed=seed,
        )

    def sample_after(
        self,
        like: Kind,
        rows: Integers,
        starts: Integers,
        lengths: Integers,
        *,
        constraints: ConstraintRequest = None,
        missing: MissingRequest = "none",
        dynamic: Any = None,
        seed: int | None = None,
    ) -> Kind:
        """Draw R series, each after one entry of a dataset; what `sample` and `augment` rest on.

        Args:
            like: The entries, of the model's channels.
            rows: (R,), the entry each series is drawn after.
            starts: (R,), Period ordinal of each series' first step.
            lengths: (R,), steps of each series.
            constraints: As in `sample`; None leaves the values as they are drawn.
            missing: As in `sample`.
            dynamic: As in `sample`.
            seed: Same seed, same series.

        Raises:
            DataError: `like` has another frequency or zone than the model, or lacks features.
        """
        changes = self._changes(dynamic)
        like = self.data.fitted(like, () if changes is None else changes.names)
        trained = self.table.places(list(like.item_ids)) >= 0
        say_without_statics(parts_of(like)[0], self.data.static_names, trained)
        stride, scaling = self.conditions.calendar.stride, self.settings.scaling
        requests = []
        for part, known in zip(parts_of(like), self.tables, strict=True):
            table = series_facts(part, known, self.data, scaling).rows(rows)
            requests.append(Requests.after(table, starts, lengths, stride, part, rows))
        requests = with_features(self, requests, like, changes)
        drawn: Any = self._draw(requests, constraints, missing, resolve_seed(seed))
        return drawn  # type: ignore[no-any-return]

    def with_noise_scale(self, noise_scale: float) -> Self:
        """Return this model with draws of one series and time that differ more, or less.

        The latent noise is multiplied by `noise_scale` before it enters the generator. Below 1
        draws keep to what is typical; above 1 they vary more, at a price in fidelity (the
        truncation trick, both ways: Brock et al. 2019, BigGAN). `evaluate_fidelity(model=...)` says
        how much the draws of a model vary beside real weeks. The scale is not saved with the model.

        Args:
            noise_scale: Above 0; 1 is the scale that was found on the training part at the end of
                training, and is saved with the model.

        Raises:
            SettingsError: An impossible scale.

        Example:
            >>> from tsgen import PSAGANEstimator, TrainingOptions
            >>> from tsgen.data import simulate_series
            >>> real = simulate_series(num_series=4, length=200, seed=1)
            >>> estimator = PSAGANEstimator(target_length=24, num_steps=20)
            >>> model = estimator.train(real, options=TrainingOptions(seed=1))
            >>> varied = model.with_noise_scale(1.5).sample(3, items=[real.item_ids[0]], seed=2)
        """
        if not 0 < noise_scale < float("inf"):
            raise SettingsError(
                f"noise_scale={noise_scale} is not possible: use a number above 0, such as 1.5."
            )
        scaled = copy.copy(self)
        scaled.drawing = replace(self.drawing, noise_scale=self.noise_scale * float(noise_scale))
        return scaled

    def static_codes(self, like: SeriesDataset) -> Integers:
        """Return the embedding indices of another dataset's categories, 0 where unknown."""
        return self.data.codes_of(like)

    def _changes(self, given: Any) -> Changes | None:
        """Read what the caller wants features to be."""
        if isinstance(given, Changes):
            return given
        grid = {"freq": self.data.freq, "timezone": self.data.timezone}
        return Changes.read(given, self.data.dynamic, **grid)

    def _draw(
        self,
        requests: Sequence[Requests],
        constraints: ConstraintRequest,
        missing: MissingRequest,
        seed: int,
    ) -> SeriesDataset | MultivariateDataset:
        refuse_times_beyond(requests[0].starts, requests[0].lengths, self.data.freq)
        held = [Constraints.resolve(constraints, r.table, self.zero_below) for r in requests]
        stride, closed = self.conditions.calendar.stride, constraints == "infer"
        parts = []
        for k, values in enumerate(self.drawing.values(requests, held, seed)):
            gaps = missing_steps(requests[k], missing, closed, stride, seed)
            parts.append(requests[k].as_dataset(np.where(gaps, np.nan, values), self.data, seed))
        return joined(parts, self.data.channels)

    def split_at_training_end(self, dataset: Kind) -> tuple[Kind, Kind | None]:
        """Cut a dataset where this model's training part ended, series by series.

        Series that the model does not know are left out.

        Returns:
            The training part, and what comes after it (None if nothing does).

        Raises:
            DataError: The model knows none of the series.
        """
        return split_at_training_end(dataset, self.table, self.conditions.calendar.stride)

    # ---- training further ----------------------------------------------------------------------

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

    # ---- saving --------------------------------------------------------------------------------

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the model folder; an older one survives any failure.

        Raises:
            OutputError: The folder exists and `overwrite` is False, or the disk refused the write.
        """
        facts = {"zero_below": self.zero_below, "noise_scale": self.noise_scale}
        write_folder(
            self,
            path,
            "psa-gan",
            facts,
            overwrite=overwrite,
            further_tables=self.tables[1:],
            features=self.features,
        )

    @classmethod
    def from_folder(
        cls, path: Path, facts: dict[str, Any], *, device: str = "auto", trust: bool = False
    ) -> Self:
        """Read what `save` wrote; `tsgen.load` checks the folder and calls this.

        Nothing is imported by name, so `trust` changes nothing.

        Raises:
            ModelFormatError: The folder is damaged.
            SettingsError: There is no such device.
        """
        resolve_device(device)  # or an absent device would be taken for a damaged folder
        with refusing_damaged(path, "PSA-GAN"):
            parts = read_folder(path, facts, PSAGANSettings)
            if not parts["table"].grain.present:
                logger.warning(_OLDER, path)
            return cls(
                **parts,
                zero_below=facts["zero_below"],
                noise_scale=facts.get("noise_scale", 1.0),
                device=device,
            )
