"""Features that change in time: promotions, prices, weather, holidays.

Shape legend: n series, M steps of the features of all series, one after another; F real, G
categorical and P past features.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Self

import numpy as np
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import AnyArray, Array, Indices, Integers
from tsgen.errors import DataError, DataWarning

__all__ = ["DynamicFeatures", "default_names", "say_missing"]


_KINDS = {
    "real": FieldName.FEAT_DYNAMIC_REAL,
    "cat": FieldName.FEAT_DYNAMIC_CAT,
    "past": FieldName.PAST_FEAT_DYNAMIC_REAL,
}


def default_names(kind: str, count: int) -> tuple[str, ...]:
    """Return the names of features that came without: GluonTS's field and a number.

    Args:
        kind: "real", "cat" or "past".
        count: How many.
    """
    return tuple(f"{_KINDS[kind]}_{k}" for k in range(count))


@dataclass(frozen=True, eq=False)
class DynamicFeatures:
    """What changes in time beside n series, in arrays of M steps.

    The features of a series begin with it. They may go on after its end, where the future is
    known; past features are NaN there.

    Args:
        offsets: (n + 1,), series i has the steps `offsets[i]` to `offsets[i + 1]`.
        real: (F, M) numbers, NaN = missing; `feat_dynamic_real`.
        cat: (G, M) codes; `feat_dynamic_cat`.
        past: (P, M) numbers known up to the end of the series only; `past_feat_dynamic_real`.
        real_names: Names of the real features.
        cat_names: Names of the categorical features.
        past_names: Names of the past features.
        cat_categories: For each categorical feature its values in code order; None is missing.

    Raises:
        DataError: The parts do not fit together.

    Example:
        >>> import numpy as np
        >>> promotion = np.array([[0.0, 1.0, 1.0]])
        >>> features = DynamicFeatures(np.array([0, 3]), real=promotion, real_names=("promo",))
        >>> features.names
        ('promo',)
    """

    offsets: Integers
    real: Array = field(default_factory=lambda: np.zeros((0, 0)))
    cat: Integers = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    past: Array = field(default_factory=lambda: np.zeros((0, 0)))
    real_names: tuple[str, ...] = ()
    cat_names: tuple[str, ...] = ()
    past_names: tuple[str, ...] = ()
    cat_categories: tuple[tuple[Any, ...], ...] = ()

    def __post_init__(self) -> None:
        steps = int(self.offsets[-1])
        for kind in _KINDS:
            names, array = getattr(self, f"{kind}_names"), getattr(self, kind)
            dtype = np.int64 if kind == "cat" else np.float64
            array = np.asarray(array, dtype).reshape(len(names), -1) if names else np.zeros((0, 0))
            if names and array.shape != (len(names), steps):
                raise DataError(
                    f"{len(names)} {_KINDS[kind]} have the shape {array.shape}, not "
                    f"({len(names)}, {steps})."
                )
            object.__setattr__(self, kind, array.astype(dtype, copy=False))
        if len(set(self.names)) < len(self.names):
            raise DataError(f"Two dynamic features have one name: {', '.join(self.names)}.")

    @property
    def names(self) -> tuple[str, ...]:
        """All features: real, categorical, past."""
        return self.real_names + self.cat_names + self.past_names

    @property
    def lengths(self) -> Integers:
        """Steps of the features of each series, (n,)."""
        return np.diff(self.offsets)

    def fits(self, lengths: Integers) -> bool:
        """Return whether these are features of series so long: as far as they go, or further."""
        return len(self.offsets) == len(lengths) + 1 and bool((self.lengths >= lengths).all())

    def read(self, steps: Integers, offsets: Integers) -> Self:
        """Return the features at `steps` (m,) of the M, as those of series with new `offsets`."""
        arrays = {
            kind: getattr(self, kind)[:, steps] for kind in _KINDS if getattr(self, f"{kind}_names")
        }
        return replace(self, offsets=offsets, **arrays)

    def cut(self, chosen: Indices, begin: Integers, end: Integers) -> Self:
        """Return steps `begin` to `end`, (m,) each, of the chosen series."""
        lengths = end - begin
        offsets = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
        source = np.repeat(self.offsets[chosen] + begin - offsets[:-1], lengths)
        return self.read(source + np.arange(offsets[-1]), offsets)

    def beside(self, i: int, length: int, dtype: Any = np.float32) -> dict[str, AnyArray]:
        """Return the fields of a GluonTS entry for series `i` of `length` steps."""
        here = slice(int(self.offsets[i]), int(self.offsets[i + 1]))
        fields: dict[str, AnyArray] = {}
        if self.real_names:
            fields[FieldName.FEAT_DYNAMIC_REAL] = self.real[:, here].astype(dtype)
        if self.cat_names:
            fields[FieldName.FEAT_DYNAMIC_CAT] = self.cat[:, here].copy()
        if self.past_names:
            past = self.past[:, here.start : here.start + length].astype(dtype)
            fields[FieldName.PAST_FEAT_DYNAMIC_REAL] = past
        return fields

    def columns(self) -> dict[str, AnyArray]:
        """Return one column (M,) for each feature, categories as they came in."""
        columns: dict[str, AnyArray] = dict(zip(self.real_names, self.real, strict=True))
        for name, codes, categories in zip(
            self.cat_names, self.cat, self.cat_categories, strict=True
        ):
            values = np.empty(len(categories), dtype=object)
            values[:] = categories
            columns[name] = values[codes]
        return columns | dict(zip(self.past_names, self.past, strict=True))

    def renamed(self, real: Sequence[str], cat: Sequence[str], past: Sequence[str]) -> Self:
        """Return the features under other names, as many of each kind."""
        return replace(self, real_names=tuple(real), cat_names=tuple(cat), past_names=tuple(past))

    def same_as(self, other: DynamicFeatures | None) -> bool:
        """Return whether both have the same content."""
        return self is other or (other is not None and self.digest() == other.digest())

    @classmethod
    def concat(cls, parts: Sequence[DynamicFeatures]) -> DynamicFeatures:
        """Put features of the same kind one after another; categories are united."""
        head = parts[0]
        united, codes = [], []
        for k in range(len(head.cat_names)):
            order = tuple(dict.fromkeys(chain.from_iterable(p.cat_categories[k] for p in parts)))
            place = {category: code for code, category in enumerate(order)}
            maps = [np.array([place[c] for c in p.cat_categories[k]]) for p in parts]
            codes.append(np.concatenate([m[p.cat[k]] for m, p in zip(maps, parts, strict=True)]))
            united.append(order)
        lengths = np.concatenate([p.lengths for p in parts])
        return replace(
            head,
            offsets=np.concatenate([[0], lengths.cumsum()]).astype(np.int64),
            real=np.concatenate([p.real for p in parts], axis=1),
            cat=np.stack(codes) if codes else head.cat,
            past=np.concatenate([p.past for p in parts], axis=1),
            cat_categories=tuple(united),
        )

    def facts(self) -> dict[str, Any]:
        """Return what there is to know at a glance, as plain JSON values."""
        names = {field: getattr(self, f"{kind}_names") for kind, field in _KINDS.items()}
        return {field: list(present) for field, present in names.items() if present}

    def digest(self) -> str:
        """Return the SHA-256 of the content."""
        facts = [self.real_names, self.cat_names, self.past_names, self.cat_categories]
        digest = hashlib.sha256(repr(facts).encode())
        for array in (self.offsets, self.real, self.cat, self.past):
            digest.update(np.where(np.isnan(array), np.nan, array + 0).astype("<f8").tobytes())
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return names and categories as JSON values."""
        return {
            **{f"{kind}_names": list(getattr(self, f"{kind}_names")) for kind in _KINDS},
            "cat_categories": [list(categories) for categories in self.cat_categories],
        }

    def with_facts(self, facts: Mapping[str, Any]) -> Self:
        """Return the features with the names and categories that `to_json` returned."""
        categories = tuple(tuple(values) for values in facts["cat_categories"])
        named = self.renamed(*(facts[f"{kind}_names"] for kind in _KINDS))
        return replace(named, cat_categories=categories)


def say_missing(features: DynamicFeatures | None, lengths: Integers) -> None:
    """Warn of missing values of features, by name."""
    if features is None:
        return
    within = np.arange(features.offsets[-1]) - np.repeat(features.offsets[:-1], features.lengths)
    inside = within < np.repeat(lengths, features.lengths)
    counts = dict(zip(features.real_names, np.isnan(features.real).sum(axis=1), strict=True))
    if features.past_names:
        unknown = np.isnan(features.past[:, inside]).sum(axis=1)
        counts |= zip(features.past_names, unknown, strict=True)
    for name, codes, values in zip(
        features.cat_names, features.cat, features.cat_categories, strict=True
    ):
        counts[name] = int((codes == values.index(None)).sum()) if None in values else 0
    lacking = [
        f"{name} at {count} of {len(within)} steps" for name, count in counts.items() if count
    ]
    if lacking:
        warnings.warn(
            f"Features are missing and count as unknown there: {', '.join(lacking)}.",
            DataWarning,
            stacklevel=4,
        )
