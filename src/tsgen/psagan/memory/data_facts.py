"""What a fitted model remembers of its training data as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd

from tsgen.arrays import Integers
from tsgen.data import MultivariateDataset, SeriesDataset, as_dataset, as_pandas
from tsgen.data.series import StepLabel, check_zone, joined, parts_of
from tsgen.errors import DataError, SettingsError, UnknownIdError, nearest

from .dynamic_facts import DynamicFacts
from .statics import fitted_statics

__all__ = ["DataFacts"]

Kind = TypeVar("Kind", bound=SeriesDataset | MultivariateDataset)


@dataclass(frozen=True)
class DataFacts:
    """What a model keeps of its training data as a whole.

    Attributes:
        freq: Pandas Period frequency.
        timezone: Zone of the wall clock, if any.
        label: How time stamps are printed.
        static_names: Static columns.
        static_categories: Their categories, in code order.
        fingerprint: Digest of the training data.
        summary: Counts and span, for reading.
        channels: Names of the channels; empty for univariate series.
        dynamic: Features that change in time; None without any.
    """

    freq: str
    timezone: str | None
    label: StepLabel
    static_names: tuple[str, ...]
    static_categories: tuple[tuple[Any, ...], ...]
    fingerprint: str
    summary: dict[str, Any]
    channels: tuple[str, ...] = ()
    dynamic: DynamicFacts | None = None

    @classmethod
    def of(cls, dataset: SeriesDataset | MultivariateDataset) -> Self:
        """Read the facts of a dataset.

        Raises:
            DataError: A static category is of a kind that a model folder cannot hold.
        """
        head = parts_of(dataset)[0]
        for name, categories in zip(head.static_names, head.static_categories, strict=True):
            for value in categories:
                if not _storable(value):
                    raise DataError(
                        f"Static column '{name}' holds {value!r} ({type(value).__name__}); a model "
                        "remembers text, finite numbers and booleans. Turn the column into text.",
                        field=name,
                    )
        return cls(
            head.freq,
            head.timezone,
            head.label,
            head.static_names,
            head.static_categories,
            dataset.fingerprint(),
            dataset.facts(),
            dataset.channels if isinstance(dataset, MultivariateDataset) else (),
            None if head.dynamic is None else DynamicFacts.of(head.dynamic),
        )

    def read(
        self, data: Any, supplied: Sequence[str] = (), *, fit: bool = True, **options: Any
    ) -> SeriesDataset | MultivariateDataset:
        """Read data of the model's kind with `to_dataset`: univariate, or of the same channels.

        Args:
            data: A GluonTS dataset or long table.
            supplied: Dynamic features that come from elsewhere; they may be lacking.
            fit: Whether static codes become those of the model, too.
            **options: Of `to_dataset`.

        Raises:
            DataError: The data have other channels or features than the model.
        """
        data = as_pandas(data)
        if isinstance(data, pd.DataFrame):
            options = self.columns_in(data.columns) | options
        if self.channels:
            options["target"] = self.channels
        dataset = as_dataset(data, **options)
        channels = dataset.channels if isinstance(dataset, MultivariateDataset) else ()
        if channels != self.channels:
            ours, theirs = (
                f"the channels {', '.join(names)}" if names else "univariate series"
                for names in (self.channels, channels)
            )
            raise DataError(
                f"These data are {theirs}, the model was trained on {ours}. Give the same, in the "
                "same order, or train a model on these data."
            )
        return self.fitted(dataset, supplied) if fit else self.with_features(dataset, supplied)

    def columns_in(self, columns: Any) -> dict[str, list[str]]:
        """Return which columns of a table the model knows, as `to_dataset` takes them."""
        static = [name for name in self.static_names if name in columns]
        read = {"static": static} if static else {}
        return read | ({} if self.dynamic is None else self.dynamic.columns_in(columns))

    def fitted(self, dataset: Kind, supplied: Sequence[str] = ()) -> Kind:
        """Return a dataset with the static codes and the dynamic features of the model.

        Args:
            dataset: Of the model's channels.
            supplied: Features that come from elsewhere; they may be lacking.

        Raises:
            DataError: Features are lacking, or there are some and the model knows none.

        Warns:
            DataWarning: Static columns taken by their place, or categories never met.
        """
        first, *others = parts_of(dataset)
        fitted = fitted_statics(first, self.static_names, self.static_categories)
        if fitted is not first:
            statics = {
                name: getattr(fitted, name)
                for name in ("static_cat", "static_names", "static_categories")
            }
            parts = [fitted, *(replace(part, **statics) for part in others)]
            channels = dataset.channels if isinstance(dataset, MultivariateDataset) else ()
            dataset = joined(parts, channels)  # type: ignore[assignment]
        return self.with_features(dataset, supplied)

    def with_features(
        self, dataset: Kind, supplied: Sequence[str] = (), *, required: bool = False
    ) -> Kind:
        """Return a dataset whose dynamic features are the model's, in its order and codes.

        Args:
            dataset: Of the model's channels.
            supplied: Features that come from elsewhere; they may be lacking.
            required: Whether a dataset without any features is refused, too.

        Raises:
            DataError: Features are lacking, or there are some and the model knows none.
        """
        features = dataset.dynamic
        if self.dynamic is None:
            if features is None:
                return dataset
            raise DataError(
                "The model was trained without features that change in time; these data have "
                f"{', '.join(features.names)}. Leave them out, to_dataset(data, "
                "dynamic_features='drop'), or train a model on them."
            )
        if features is None:
            if required:
                raise self.dynamic.lacking(self.dynamic.names)
            return dataset
        aligned = self.dynamic.aligned(features, supplied)
        return dataset.with_dynamic(aligned)  # type: ignore[return-value]

    def refuse_other_grid(self, other: SeriesDataset | MultivariateDataset) -> None:
        """Raise DataError if a dataset has another frequency or zone."""
        if other.freq != self.freq:
            raise DataError(
                f"These data have freq '{other.freq}', the model was trained on '{self.freq}'. "
                "Resample the data or train a model on them."
            )
        if other.timezone != self.timezone and None not in (other.timezone, self.timezone):
            raise DataError(
                f"These data are in the zone {other.timezone}, the model in {self.timezone}. "
                "Convert the time stamps first."
            )

    def codes_of(self, other: SeriesDataset) -> Integers:
        """Return the embedding indices (n, columns) of a dataset's categories, 0 where unknown."""
        codes = np.zeros((len(other), len(self.static_names)), dtype=np.int64)
        for k, name in enumerate(self.static_names):
            if name in other.static_names:
                column = other.static_names.index(name)
                code_of = {value: i + 1 for i, value in enumerate(self.static_categories[k])}
                translate = [code_of.get(value, 0) for value in other.static_categories[column]]
                codes[:, k] = np.array(translate, dtype=np.int64)[other.static_cat[:, column]]
        return codes

    def with_categories(self, met: Mapping[str, Iterable[str]]) -> Self:
        """Return the facts with categories that no training series has, after those that one has.

        Args:
            met: Categories as text by static column; other columns are passed over. They become
                what the training's are: numbers, if all of these are.
        """
        united = []
        for name, categories in zip(self.static_names, self.static_categories, strict=True):
            have = {str(value) for value in categories}
            more = [text for text in met.get(name, ()) if text not in have]
            whole = all(type(value) is int for value in categories)
            try:
                united.append((*categories, *(map(int, more) if whole else more)))
            except ValueError:
                united.append((*categories, *more))
        return replace(self, static_categories=tuple(united))

    def static_codes_of(self, asked: Mapping[str, Any]) -> dict[int, int]:
        """Return column -> embedding index of the static categories asked for, by name.

        A category may be given as its text, as files and command lines do.

        Raises:
            SettingsError: The model knows no such column.
            UnknownIdError: A category that no training series had.
        """
        codes = {}
        for name, value in asked.items():
            if name not in self.static_names:
                names = ", ".join(self.static_names) or "none"
                raise SettingsError(
                    f"static= names the column '{name}', which the model does not know."
                    f"{nearest(name, self.static_names)} It knows {names}."
                )
            column = self.static_names.index(name)
            categories = self.static_categories[column]
            same = [k for k, c in enumerate(categories) if c == value] or [
                k for k, c in enumerate(categories) if str(c) == str(value)
            ]
            if not same:
                raise UnknownIdError(
                    f"The model was not trained on {name}={value!r}.{nearest(value, categories)} "
                    f"It knows {len(categories)}: {', '.join(map(str, categories[:10]))}"
                    f"{', ...' if len(categories) > 10 else ''}.",
                    item_id=value,
                )
            codes[column] = same[0] + 1
        return codes

    def updated(self, other: SeriesDataset | MultivariateDataset) -> Self:
        """Return the facts of newer data with the same static columns, and their new categories.

        Raises:
            DataError: The newer data have another frequency, zone or other static columns.
        """
        self.refuse_other_grid(other)
        fresh = type(self).of(other)
        if fresh.static_names != self.static_names:
            raise DataError(
                f"These data have the static columns {list(fresh.static_names)}, the model was "
                f"trained with {list(self.static_names)}; give the same ones."
            )
        real, ours = (facts.summary["num_static_real"] for facts in (fresh, self))
        if real != ours:
            raise DataError(
                f"These data have {real} feat_static_real, the model was trained with {ours}; give "
                "the same ones."
            )
        both = zip(self.static_categories, fresh.static_categories, strict=True)
        united = tuple(tuple(dict.fromkeys(old + new)) for old, new in both)
        zone = self.timezone if fresh.timezone is None else fresh.timezone
        return replace(fresh, static_categories=united, timezone=zone, dynamic=self.dynamic)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        facts = {
            "freq": self.freq,
            "timezone": self.timezone,
            "label": [self.label.anchor, self.label.offset],
            "static_names": self.static_names,
            "static_categories": self.static_categories,
            "fingerprint": self.fingerprint,
            "summary": self.summary,
        }
        if self.channels:
            facts["channels"] = self.channels
        if self.dynamic is not None:
            facts["dynamic"] = self.dynamic.to_json()
        return facts

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Self:
        """Read what `to_json` returned, after a round trip through JSON.

        Raises:
            ValueError: A static or a channel has no name.
            SettingsError: The zone is none.
        """
        names = [*facts["static_names"], *facts.get("channels", ())]
        if odd := [name for name in names if not isinstance(name, str)]:
            raise ValueError(f"{odd[0]!r} is no name of a static or a channel")
        check_zone(facts["timezone"])
        return cls(
            facts["freq"],
            facts["timezone"],
            StepLabel(*facts["label"]),
            tuple(facts["static_names"]),
            tuple(tuple(c) for c in facts["static_categories"]),
            facts["fingerprint"],
            facts["summary"],
            tuple(facts.get("channels", ())),
            DynamicFacts.from_json(facts["dynamic"]) if facts.get("dynamic") else None,
        )


def _storable(value: Any) -> bool:
    return isinstance(value, str | bool | int) or (
        isinstance(value, float) and math.isfinite(value)
    )
