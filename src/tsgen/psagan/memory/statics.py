"""Static columns of other data in the order and with the codes of a model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tsgen.arrays import Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.errors import DataWarning, nearest

__all__ = ["fitted_statics", "say_without_statics"]

Categories = tuple[tuple[Any, ...], ...]


def fitted_statics(
    part: SeriesDataset, names: tuple[str, ...], categories: Categories
) -> SeriesDataset:
    """Return series whose static columns have the model's codes; new categories come after them.

    Columns of GluonTS entries have lost their names: as many as the model has are taken by their
    place, and their codes as the model's.

    Args:
        part: The series.
        names: Static columns of the model.
        categories: Their categories, in code order.

    Warns:
        DataWarning: Columns taken by their place or without influence, or categories that the
            model does not know.
    """
    if not names or not part.static_names:
        return part
    part = _named(part, names, categories)
    if part.static_names != _plain_names(part):  # else that has been said
        _say_idle([name for name in part.static_names if name not in names])
    columns, united = [], list(part.static_categories)
    for k, name in enumerate(part.static_names):
        codes = part.static_cat[:, k]
        if name in names:
            trained = categories[names.index(name)]
            united[k] = tuple(dict.fromkeys((*trained, *part.static_categories[k])))
            place = np.array([united[k].index(c) for c in part.static_categories[k]], np.int64)
            codes = place[codes]
            _say_unknown(name, codes, united[k], trained)
        columns.append(codes)
    return replace(part, static_cat=np.stack(columns, axis=1), static_categories=tuple(united))


def _named(part: SeriesDataset, names: tuple[str, ...], categories: Categories) -> SeriesDataset:
    """Return series whose nameless static columns, as entries have them, are the model's."""
    plain = _plain_names(part)
    if part.static_names != plain or plain == names:
        return part
    if len(plain) != len(names):
        warnings.warn(
            f"The entries have {len(plain)} static columns without names, the model knows "
            f"{len(names)} ({', '.join(names)}); theirs count as unknown. Give a table with "
            "static=, or entries with the columns of the model.",
            DataWarning,
            stacklevel=5,
        )
        return part
    spelling = "; ".join(
        f"of '{name}', "
        + ", ".join(f"{code} is {value!r}" for code, value in enumerate(labels[:5]))
        for name, labels in zip(names, categories, strict=True)
    )
    warnings.warn(
        f"The static codes of {len(part)} entries have no names; they are read as the model's: "
        f"{spelling}. Give a table, or the dataset itself, if theirs are others.",
        DataWarning,
        stacklevel=5,
    )
    values = tuple(
        tuple(labels[c] if c < len(labels) else f"code {c}" for c in codes)
        for labels, codes in zip(categories, part.static_categories, strict=True)
    )
    return replace(part, static_names=names, static_categories=values)


def _plain_names(part: SeriesDataset) -> tuple[str, ...]:
    """Return the names of static columns that have none."""
    return tuple(f"static_{k}" for k in range(len(part.static_names)))


def _say_idle(names: Sequence[str]) -> None:
    if names:
        warnings.warn(
            f"The model was trained without {', '.join(names)}; what is drawn carries them, but "
            "they have no influence on it.",
            DataWarning,
            stacklevel=6,
        )


def _say_unknown(name: str, codes: Integers, united: Sequence[Any], trained: Sequence[Any]) -> None:
    strange = codes >= len(trained)
    if strange.any():
        values = [united[code] for code in np.unique(codes[strange])]
        listed = ", ".join(map(repr, values[:5])) + (", ..." if len(values) > 5 else "")
        warnings.warn(
            f"{int(strange.sum())} of {len(codes)} series have a category of '{name}' that the "
            f"model was not trained on ({listed}); it counts as unknown."
            f"{nearest(values[0], trained)}",
            DataWarning,
            stacklevel=5,
        )


def say_without_statics(part: SeriesDataset, names: tuple[str, ...], trained: Mask) -> None:
    """Warn of series whose static categories nobody knows.

    Args:
        part: The series.
        names: Static columns of the model.
        trained: (n,), which series the model was trained on; it remembers theirs.
    """
    lacking = [name for name in names if name not in part.static_names]
    count = int((~trained).sum())
    if lacking and count:
        warnings.warn(
            f"{count} of {len(part)} series are new to the model and have no "
            f"{', '.join(lacking)}, which it was trained with; these count as unknown. Read the "
            "columns with static=[...].",
            DataWarning,
            stacklevel=5,
        )
