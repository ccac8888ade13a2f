"""What the caller wants the features of drawn series to be: constants, rows, or a table.

Shape legend: R series to draw, M steps of all of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Integers, Mask
from tsgen.data import SeriesDataset, as_pandas, as_series
from tsgen.data.series import DynamicFeatures
from tsgen.errors import DataError, DataWarning, SettingsError, nearest

from ..memory import DynamicFacts
from .requests import Requests

__all__ = ["Changes"]


@dataclass(frozen=True)
class Changes:
    """Values of features, by name: the same for all series, or by series and time; or none at all.

    Attributes:
        constant: Name -> one value, or one for each step of every drawn series.
        table: Rows by series and time; None if there are none.
    """

    constant: Mapping[str, Any]
    table: SeriesDataset | None = None

    @classmethod
    def read(cls, given: Any, facts: DynamicFacts | None, **grid: Any) -> Self:
        """Read what the caller gave as `dynamic`.

        Args:
            given: None; a mapping of names to values; a long table with `timestamp`, the columns
                to change and, unless it holds for all series, `item_id`; such a dataset; or what
                was read already.
            facts: What the model knows of features.
            **grid: `freq` and `timezone` of the model.

        Raises:
            SettingsError: The model has no features, or none of such a name.
            DataError: The table cannot be read.
        """
        if given is None:
            return cls({})
        if isinstance(given, cls):
            return given
        if facts is None:
            raise SettingsError(
                "dynamic= has no effect: the model was trained without features that change in "
                "time. Train one with dynamic=[...] columns."
            )
        if isinstance(given, Mapping):
            _refuse_unknown(given, facts)
            return cls(dict(given))
        return cls({}, _as_dataset(given, facts, grid))

    @property
    def names(self) -> tuple[str, ...]:
        """Features that are changed, in full or in part."""
        dynamic = None if self.table is None else self.table.dynamic
        return (*self.constant, *(dynamic.names if dynamic else ()))

    def applied(
        self, features: DynamicFeatures, requests: Requests, facts: DynamicFacts, stride: int
    ) -> tuple[DynamicFeatures, dict[str, Mask]]:
        """Return the features with the changes, and at which of the M steps each was given.

        Raises:
            DataError: A category that the model was not trained on, or rows of another length.
        """
        given = {name: np.zeros(int(features.offsets[-1]), bool) for name in facts.names}
        real, cat, past = features.real.copy(), features.cat.copy(), features.past.copy()
        places = {
            **{name: real[k] for k, name in enumerate(facts.real_names)},
            **{name: cat[k] for k, name in enumerate(facts.cat_names)},
            **{name: past[k] for k, name in enumerate(facts.past_names)},
        }
        for name in self.names:
            column, given_here = self._column(name, requests, stride)
            if name in facts.cat_names:
                categories = facts.cat_categories[facts.cat_names.index(name)]
                column = _codes(name, column, given_here, categories)
            else:
                _say_unknown(name, column[given_here])
            places[name][given_here] = _numbers(name, column[given_here], places[name].dtype)
            given[name] = given_here
        return replace(features, real=real, cat=cat, past=past), given

    def _column(self, name: str, requests: Requests, stride: int) -> tuple[AnyArray, Mask]:
        """Return the values given for a feature at all M steps, and at which steps."""
        total = int(requests.offsets[-1])
        if name in self.constant:
            return _spread(name, self.constant[name], requests.lengths), np.ones(total, bool)
        column, given = np.empty(total, dtype=object), np.zeros(total, bool)
        if self.table is None or self.table.dynamic is None:
            return column, given
        values, table = self.table.dynamic.columns()[name], self.table
        row_of = {str(item_id): row for row, item_id in enumerate(table.item_ids)}
        single = len(table) == 1 and table.item_ids[0] == "0"
        for r, item_id in enumerate(requests.table.item_ids):
            row = row_of.get(str(item_id), 0 if single else -1)
            if row < 0:
                continue
            begin, end = table.dynamic.offsets[row : row + 2]  # type: ignore[union-attr]
            ahead = int(requests.starts[r] - table.starts[row]) // stride
            first = max(-ahead, 0)
            last = min(int(end - begin) - ahead, int(requests.lengths[r]))
            if first >= last:
                continue
            here = slice(int(requests.offsets[r]) + first, int(requests.offsets[r]) + last)
            column[here] = values[begin + ahead + first : begin + ahead + last]
            given[here] = ~pd.isna(column[here])
        return column, given


def _as_dataset(given: Any, facts: DynamicFacts, grid: dict[str, Any]) -> SeriesDataset:
    """Return a table of features as a dataset whose targets mean nothing."""
    if isinstance(given, SeriesDataset):
        return given
    given = as_pandas(given)
    if not isinstance(given, pd.DataFrame):
        raise SettingsError(
            f"dynamic= is a {type(given).__name__}; give a mapping of names to values, or a table "
            "with timestamp and the columns to change."
        )
    ahead = [n for n in (*facts.real_names, *facts.cat_names) if n in given.columns]
    past = [n for n in facts.past_names if n in given.columns]
    if not ahead and not past:
        raise DataError(
            f"The table of dynamic= has none of the columns {', '.join(facts.names)}; it has "
            f"{', '.join(map(str, given.columns[:20]))}."
        )
    item_id = "item_id" if "item_id" in given.columns else None
    return as_series(
        given.assign(target=0.0), item_id=item_id, dynamic=ahead, past_dynamic=past, **grid
    )


def _refuse_unknown(given: Mapping[str, Any], facts: DynamicFacts) -> None:
    for name in given:
        if name not in facts.names:
            raise SettingsError(
                f"dynamic= names '{name}', which the model does not know."
                f"{nearest(name, facts.names)} It knows {', '.join(facts.names)}."
            )


def _spread(name: str, value: Any, lengths: Integers) -> AnyArray:
    """Return one value, or one for each step, for all steps of all series."""
    values = np.asarray(value, dtype=object)
    if values.ndim == 0:
        return np.repeat(values[None], int(lengths.sum()))
    if values.ndim != 1 or (lengths != len(values)).any():
        raise SettingsError(
            f"dynamic= gives {values.shape} values of '{name}'; give one, or one for each of the "
            f"{int(lengths[0])} steps to draw."
        )
    return np.tile(values, len(lengths))


def _say_unknown(name: str, given: AnyArray) -> None:
    """Warn of steps at which the caller gives a feature no value."""
    if count := int(pd.isna(given).sum()):
        warnings.warn(
            f"dynamic= gives no value of '{name}' at {count} of {len(given)} steps; it counts as "
            "unknown there. Leave it out to keep the source's.",
            DataWarning,
            stacklevel=6,
        )


def _numbers(name: str, values: AnyArray, dtype: Any) -> AnyArray:
    try:
        return values.astype(dtype)
    except (TypeError, ValueError):
        raise DataError(
            f"dynamic= gives '{name}' the value {values[0]!r}; the model knows it as numbers."
        ) from None


def _codes(name: str, column: AnyArray, given: Mask, categories: tuple[Any, ...]) -> AnyArray:
    code = {value: k for k, value in enumerate(categories)}
    codes = np.full(len(column), -1)
    for i in np.flatnonzero(given):
        if column[i] not in code:
            raise DataError(
                f"dynamic= gives '{name}' the category {column[i]!r}, which the model was not "
                f"trained on.{nearest(column[i], categories)} It knows "
                f"{', '.join(map(repr, categories[:10]))}."
            )
        codes[i] = code[column[i]]
    return codes
