"""What a model knows of features that change in time: their names, scales, ranges, categories.

Shape legend: M steps of the features of all series; K channels of the networks, of which each
number has two (its scaled value, and whether it is known) and each category one.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from tsgen.arrays import AnyArray, Array, Integers, Singles
from tsgen.data.series import DynamicFeatures, default_names
from tsgen.errors import DataError, DataWarning, nearest

__all__ = ["DynamicFacts"]


_MOST_CATEGORIES = 64
"""Each category is a channel of the networks; features of more are no categories but ids."""


@dataclass(frozen=True)
class DynamicFacts:
    """What is kept of the features of the training part.

    Attributes:
        real_names: Numbers known ahead.
        cat_names: Categories known ahead.
        past_names: Numbers known up to the present.
        cat_categories: Values of each categorical feature in code order, without a missing one.
        location: Mean of each number, real ones first, then past ones.
        scale: Their deviation; 1 for a constant.
        low: Least value of each in training.
        high: Greatest value.
    """

    real_names: tuple[str, ...]
    cat_names: tuple[str, ...]
    past_names: tuple[str, ...]
    cat_categories: tuple[tuple[Any, ...], ...]
    location: Array
    scale: Array
    low: Array
    high: Array

    @classmethod
    def of(cls, features: DynamicFeatures) -> Self:
        """Read the facts of the training part's features: each column has one scale.

        Raises:
            DataError: A number is never known, or a feature has too many categories.
        """
        numbers = np.concatenate([
            rows for rows in (features.real, features.past) if len(rows)
        ] or [np.zeros((0, 1))])  # fmt: skip
        names = features.real_names + features.past_names
        for name, row in zip(names, numbers, strict=True):
            if np.isnan(row).all():
                raise DataError(f"The feature '{name}' has no value at all; leave it out.")
        categories = tuple(tuple(c for c in v if c is not None) for v in features.cat_categories)
        for name, values in zip(features.cat_names, categories, strict=True):
            if len(values) > _MOST_CATEGORIES:
                raise DataError(
                    f"The feature '{name}' has {len(values)} categories; up to {_MOST_CATEGORIES} "
                    "can be learnt. Group them, or turn the column into numbers."
                )
        scale = np.nanstd(numbers, axis=1)
        return cls(
            features.real_names,
            features.cat_names,
            features.past_names,
            categories,
            np.nanmean(numbers, axis=1),
            np.where(scale > 0, scale, 1.0),
            np.nanmin(numbers, axis=1),
            np.nanmax(numbers, axis=1),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All features."""
        return self.real_names + self.cat_names + self.past_names

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of each feature, in the order of `names`."""
        categorical = tuple(len(values) for values in self.cat_categories)
        return (2,) * len(self.real_names) + categorical + (2,) * len(self.past_names)

    @property
    def num_channels(self) -> int:
        """K."""
        return sum(self.widths)

    @property
    def num_ahead(self) -> int:
        """Channels of what is known ahead, which come first."""
        return self.num_channels - 2 * len(self.past_names)

    def channels(self, features: DynamicFeatures) -> Singles:
        """Return what the networks see of features of this kind, (K, M); 0 where not known."""
        num_real = len(self.real_names)
        real = self._numbers(features.real, slice(0, num_real))
        past = self._numbers(features.past, slice(num_real, None))
        categorical = [
            np.arange(len(values))[:, None] == codes
            for values, codes in zip(self.cat_categories, features.cat, strict=True)
        ]
        stacked = np.concatenate([*real, *categorical, *past]) if self.names else np.zeros((0, 0))
        return stacked.astype(np.float32)

    def _numbers(self, rows: Array, which: slice) -> list[AnyArray]:
        location, scale = self.location[which, None], self.scale[which, None]
        seen = ~np.isnan(rows)
        scaled = np.where(seen, (rows - location) / scale, 0.0) if len(rows) else rows
        return [np.stack(pair) for pair in zip(scaled, seen, strict=True)]

    def columns_in(self, columns: Any) -> dict[str, list[str]]:
        """Return which columns of a table hold these features, as `to_dataset` takes them."""
        ahead = [name for name in (*self.real_names, *self.cat_names) if name in columns]
        return {"dynamic": ahead, "past_dynamic": [n for n in self.past_names if n in columns]}

    def aligned(self, features: DynamicFeatures, supplied: Sequence[str] = ()) -> DynamicFeatures:
        """Return features in the order and with the codes of the model.

        Features that came with GluonTS entries have no names; they are taken by their place.

        Args:
            features: What some data have.
            supplied: Names of features that come from elsewhere; they may be lacking.

        Raises:
            DataError: A feature that the model expects is lacking.

        Warns:
            DataWarning: Categories that the model does not know, or features that it does not use.
        """
        features = self._named(features)
        lacking = [n for n in self.names if n not in features.names and n not in supplied]
        if lacking:
            raise self.lacking(lacking)
        if unused := [n for n in features.names if n not in self.names]:
            warnings.warn(
                f"The model was trained without {', '.join(unused)}; they have no influence and "
                "are left out.",
                DataWarning,
                stacklevel=4,
            )
        num_steps = int(features.offsets[-1])
        columns = dict(zip(features.real_names, features.real, strict=True))
        columns |= dict(zip(features.past_names, features.past, strict=True))
        if wrong := [n for n in (*self.real_names, *self.past_names) if n in features.cat_names]:
            raise DataError(f"The model knows '{wrong[0]}' as numbers; here it is text.")
        nothing = np.full(num_steps, np.nan)
        coded = [self._coded(features, k) for k in range(len(self.cat_names))]
        return DynamicFeatures(
            features.offsets,
            np.array([columns.get(name, nothing) for name in self.real_names]),
            np.array([codes for codes, _ in coded], np.int64),
            np.array([columns.get(name, nothing) for name in self.past_names]),
            self.real_names,
            self.cat_names,
            self.past_names,
            tuple(values for _, values in coded),
        )

    def example(self, names: Sequence[str]) -> dict[str, Any]:
        """Return a value for each of some features, as it was met in training."""
        least = zip((*self.real_names, *self.past_names), self.low.tolist(), strict=True)
        values: dict[str, Any] = {name: round(low, 6) for name, low in least}
        values |= {
            name: categories[0]
            for name, categories in zip(self.cat_names, self.cat_categories, strict=True)
        }
        return {name: values[name] for name in names}

    def _named(self, features: DynamicFeatures) -> DynamicFeatures:
        """Return features without names of their own under the model's, by place in their field."""
        theirs = [features.real_names, features.cat_names, features.past_names]
        ours = [self.real_names, self.cat_names, self.past_names]
        fields = zip(("real", "cat", "past"), theirs, ours, strict=True)
        nameless = [
            names == default_names(field, len(names)) and len(names) == len(own)
            for field, names, own in fields
        ]
        if not any(nameless) or theirs == ours:
            return features
        names = [b if plain else a for a, b, plain in zip(theirs, ours, nameless, strict=True)]
        categories = list(features.cat_categories)
        for k, values in enumerate(self.cat_categories if nameless[1] else ()):
            more = range(len(values), len(categories[k]))
            categories[k] = (*values, *more)[: max(len(categories[k]), len(values))]
        renamed = features.renamed(*names)
        return replace(renamed, cat_categories=tuple(categories))

    def _coded(self, features: DynamicFeatures, k: int) -> tuple[Integers, tuple[Any, ...]]:
        """Return the codes of a categorical feature, the model's categories first."""
        name, categories = self.cat_names[k], self.cat_categories[k]
        if name not in features.cat_names:
            if name in features.real_names:
                raise DataError(
                    f"The model knows '{name}' as categories "
                    f"({', '.join(map(repr, categories[:5]))}); here it holds numbers."
                )
            return np.full(int(features.offsets[-1]), -1), categories
        at = features.cat_names.index(name)
        united = tuple(dict.fromkeys((*categories, *features.cat_categories[at])))
        place = np.array([united.index(value) for value in features.cat_categories[at]], np.int64)
        codes = place[features.cat[at]] if len(place) else features.cat[at]
        new = [value for value in united[len(categories) :] if value is not None]
        if new:
            steps = int(np.isin(codes, [united.index(value) for value in new]).sum())
            warnings.warn(
                f"The feature '{name}' has categories that the model was not trained on "
                f"({', '.join(map(repr, new[:5]))}), at {steps} steps; they count as unknown."
                f"{nearest(new[0], categories)}",
                DataWarning,
                stacklevel=5,
            )
        return codes, united

    def lacking(self, names: Sequence[str]) -> DataError:
        """Return the error that says which features are lacking."""
        listed = ", ".join(names)
        return DataError(
            f"The model was trained with the features {', '.join(self.names)}; {listed} "
            f"{'is' if len(names) == 1 else 'are'} lacking here. Read the columns with "
            "dynamic=[...] (or past_dynamic=[...]), or give entries with these fields."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        names = ("real_names", "cat_names", "past_names", "cat_categories")
        numbers = ("location", "scale", "low", "high")
        facts: dict[str, Any] = {name: list(getattr(self, name)) for name in names}
        return facts | {name: getattr(self, name).tolist() for name in numbers}

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Self:
        """Read what `to_json` returned, after a round trip through JSON."""
        return cls(
            tuple(facts["real_names"]),
            tuple(facts["cat_names"]),
            tuple(facts["past_names"]),
            tuple(tuple(values) for values in facts["cat_categories"]),
            *(np.array(facts[name], np.float64) for name in ("location", "scale", "low", "high")),
        )
