"""What a fitted PSA-GAN draws: after training series, after given entries, from when, how long."""

from __future__ import annotations

import copy
from abc import ABC
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Self, TypeVar

import numpy as np

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

from .memory import DataFacts, SeriesTable, say_new_series, say_without_statics
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
    resting_values,
    series_facts,
    series_of_kind,
    synthetic_dataset,
    with_features,
)
from .settings import PSAGANSettings
from .windows import WindowConditions

__all__ = ["ConstraintRequest", "DrawsSeries"]

ConstraintRequest = Literal["infer"] | Iterable[ConstraintName] | None
Kind = TypeVar("Kind", bound=SeriesDataset | MultivariateDataset)


class DrawsSeries(ABC):
    """A fitted model that draws series in their original units, on a real calendar."""

    settings: PSAGANSettings
    table: SeriesTable
    tables: tuple[SeriesTable, ...]
    data: DataFacts
    conditions: WindowConditions
    drawing: Drawing
    zero_below: float
    noise_scale: float
    features: DynamicFeatures | None

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
                and resting hours: what is always missing, or always at one value (no power of the
                sun at night), at a time of the day, week or year. Or some of "non-negative",
                "integer", "intermittent" for all. None leaves the samples as they are drawn.
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
        check_request(num_samples, like, items, length, static)
        check_missing(missing)
        seed, changes = resolve_seed(seed), self._changes(dynamic)
        steps = self.settings.target_length if length is None else length
        if like is None:
            requests = self._remembered(num_samples, items, static, start, int(steps), seed)
            requests = with_features(self, requests, None, changes, hold=start is None)
            return self._draw(requests, constraints, missing, seed)
        given = self.data.read(like, changes.names)
        rows, starts, lengths = self._after_entries(given, num_samples, start, steps)
        return self._after(given, rows, starts, lengths, constraints, missing, changes, seed)

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
        fitted = self.data.fitted(like, changes.names)
        seed = resolve_seed(seed)
        return self._after(fitted, rows, starts, lengths, constraints, missing, changes, seed)

    def _after(
        self,
        like: Kind,
        rows: Integers,
        starts: Integers,
        lengths: Integers,
        constraints: ConstraintRequest,
        missing: MissingRequest,
        changes: Changes,
        seed: int,
    ) -> Kind:
        """Draw after entries with the codes and the features of the model."""
        trained = self.table.places(list(like.item_ids)) >= 0
        drawn_after = np.unique(rows)
        ids = [like.item_ids[i] for i in drawn_after]
        say_new_series(ids, trained[drawn_after], self.table.item_ids)
        say_without_statics(parts_of(like)[0], self.data.static_names, trained)
        stride, scaling = self.conditions.calendar.stride, self.settings.scaling
        requests = []
        for part, own in zip(parts_of(like), self.tables, strict=True):
            table = series_facts(part, own, self.data, scaling).rows(rows)
            requests.append(Requests.after(table, starts, lengths, stride, part, rows))
        requests = with_features(self, requests, like, changes)
        drawn: Any = self._draw(requests, constraints, missing, seed)
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
        number = isinstance(noise_scale, int | float | np.number)
        if not number or isinstance(noise_scale, bool) or not 0 < noise_scale < float("inf"):
            raise SettingsError(
                f"noise_scale={noise_scale!r} is not possible: use a number above 0, such as 1.5."
            )
        scaled = copy.copy(self)
        scaled.drawing = replace(self.drawing, noise_scale=self.noise_scale * float(noise_scale))
        return scaled

    def static_codes(self, like: SeriesDataset) -> Integers:
        """Return the embedding indices of another dataset's categories, 0 where unknown."""
        return self.data.codes_of(like)

    def _changes(self, given: Any) -> Changes:
        """Read what the caller wants features to be."""
        grid = {"freq": self.data.freq, "timezone": self.data.timezone}
        return Changes.read(given, self.data.dynamic, **grid)

    def _remembered(
        self,
        num_samples: int,
        items: Sequence[Any] | None,
        static: Mapping[str, Any] | None,
        start: Any,
        steps: int,
        seed: int,
    ) -> list[Requests]:
        """Return requests after series of the model's memory."""
        count = num_samples * (1 if items is None else len(items))
        self._check_steps(count * steps, num_samples)
        return Requests.of_training_series(
            self.tables,
            items,
            num_samples,
            self._ordinal(start, self.table.starts),
            steps,
            self.conditions.calendar.stride,
            seed,
            series_of_kind(self, static),
        )

    def _after_entries(
        self,
        given: SeriesDataset | MultivariateDataset,
        num_samples: int,
        start: Any,
        steps: int | Literal["like"],
    ) -> tuple[Integers, Integers, Integers]:
        """Return entry, start and length of `num_samples` series after each entry."""
        rows = np.repeat(np.arange(len(given)), num_samples)
        lengths = given.lengths[rows] if steps == "like" else np.full(len(rows), steps)
        self._check_steps(int(lengths.sum()), num_samples)
        first = self._ordinal(start, given.starts)
        return rows, given.starts[rows] if first is None else np.full(len(rows), first), lengths

    def _check_steps(self, steps: int, num_samples: int) -> None:
        """Refuse more values than the memory holds."""
        check_steps(steps * max(len(self.data.channels), 1), f"num_samples={num_samples}")

    def _ordinal(self, start: Any, starts: Integers) -> int | None:
        """Return the Period ordinal of a time on the grid of series with such starts."""
        if start is None:
            return None
        return grid_ordinal(start, self.data.freq, self.data.timezone, self.data.label, starts)

    def _draw(
        self,
        requests: Sequence[Requests],
        constraints: ConstraintRequest,
        missing: MissingRequest,
        seed: int,
    ) -> SeriesDataset | MultivariateDataset:
        refuse_times_beyond(requests[0].starts, requests[0].lengths, self.data.freq)
        held = [Constraints.resolve(constraints, r.table, self.zero_below) for r in requests]
        stride, infer = self.conditions.calendar.stride, constraints == "infer"
        parts = []
        for k, drawn in enumerate(self.drawing.values(requests, held, seed)):
            gaps = missing_steps(requests[k], missing, infer, stride, seed)
            rest = resting_values(requests[k], stride) if infer else np.nan
            values = np.where(np.isnan(rest), drawn, rest)
            present = np.where(gaps, np.nan, values)
            parts.append(synthetic_dataset(requests[k], present, self.data, seed))
        return joined(parts, self.data.channels)
