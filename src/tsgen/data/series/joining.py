"""What `SeriesDataset.concat` needs: may these datasets be joined, and what is common to them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from tsgen.arrays import Integers
from tsgen.errors import DataError

from .dynamic import DynamicFeatures

if TYPE_CHECKING:
    from .dataset import SeriesDataset

__all__ = ["refuse_other_kind", "unite_categories", "unite_dynamic", "unite_info"]


def refuse_other_kind(first: SeriesDataset, part: SeriesDataset) -> None:
    """Raise DataError unless `part` is on the same grid as `first`, with the same columns."""
    for name in ("freq", "timezone", "label", "static_names"):
        ours, theirs = getattr(first, name), getattr(part, name)
        if ours != theirs:
            raise DataError(
                f"Datasets with different {name} cannot be joined: {ours!r} and {theirs!r}.",
                field=name,
            )
    if first.static_real.shape[1] != part.static_real.shape[1]:
        raise DataError("Datasets with different numbers of feat_static_real cannot be joined.")
    kinds = [{} if p.dynamic is None else p.dynamic.facts() for p in (first, part)]
    if kinds[0] != kinds[1]:
        raise DataError(
            f"Datasets with different dynamic features cannot be joined: {kinds[0]} and "
            f"{kinds[1]}.",
            field="dynamic",
        )
    if shared := set(first.item_ids).intersection(part.item_ids):
        item_id = min(shared, key=str)
        raise DataError(
            f"Two of the datasets have a series {item_id!r}; rename one of them.", item_id=item_id
        )


def unite_categories(
    datasets: Sequence[SeriesDataset],
) -> tuple[tuple[tuple[Any, ...], ...], Integers]:
    """Return the categories of all datasets together, and everybody's codes in them."""
    united, columns = [], []
    for k in range(len(datasets[0].static_names)):
        order = dict.fromkeys(chain.from_iterable(d.static_categories[k] for d in datasets))
        code = {category: j for j, category in enumerate(order)}
        maps = [np.array([code[c] for c in d.static_categories[k]]) for d in datasets]
        columns.append(
            np.concatenate([m[d.static_cat[:, k]] for m, d in zip(maps, datasets, strict=True)])
        )
        united.append(tuple(order))
    num = sum(len(part) for part in datasets)
    return tuple(united), np.stack(columns, axis=1) if columns else np.zeros((num, 0), np.int64)


def unite_dynamic(datasets: Sequence[SeriesDataset]) -> DynamicFeatures | None:
    """Return everybody's dynamic features, None if they have none."""
    features = [part.dynamic for part in datasets if part.dynamic is not None]
    return DynamicFeatures.concat(features) if features else None


def unite_info(datasets: Sequence[SeriesDataset]) -> tuple[dict[str, Any], ...] | None:
    """Return everybody's `info`, None if nobody has one; those without say that they are real."""
    if all(part.info is None for part in datasets):
        return None
    plain: dict[str, Any] = {"synthetic": False}
    return tuple(chain.from_iterable(part.info or (plain,) * len(part) for part in datasets))
