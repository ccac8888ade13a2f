"""Where the training part of a model ended, in a dataset that holds its series."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.errors import DataError

from .memory import SeriesTable

__all__ = ["split_at_training_end"]

Kind = TypeVar("Kind", bound=SeriesDataset | MultivariateDataset)


def split_at_training_end(
    dataset: Kind, table: SeriesTable, stride: int
) -> tuple[Kind, Kind | None]:
    """Cut a dataset where the training part ended; see `PSAGANSynthesizer.split_at_training_end`.

    Args:
        dataset: Series of the model, and maybe others.
        table: What the model remembers of its series.
        stride: Period ordinals from one step to the next.

    Raises:
        DataError: The model knows none of the series.
    """
    places = table.places(list(dataset.item_ids))
    remembered = np.flatnonzero(places >= 0)
    if not len(remembered):
        raise DataError(
            "The model was trained on none of these series (the first here is "
            f"{dataset.item_ids[0]!r}, there {table.item_ids[0]!r}); give its own data."
        )
    rows = places[remembered]
    steps = (table.starts[rows] - dataset.starts[remembered]) // stride
    lengths = dataset.lengths[remembered]
    end = np.clip(steps + table.lengths[rows], 0, lengths)
    cut: Any = dataset.cut
    before = cut(remembered, np.zeros_like(end), end)
    return before, cut(remembered, end, lengths) if (end < lengths).any() else None
