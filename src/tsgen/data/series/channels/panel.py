"""The series of a panel as channels of one entry: what they span, and what they agree on."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from tsgen.errors import DataError, DataWarning

from ..dataset import SeriesDataset
from ..times import split_freq

__all__ = ["panel_channels"]


def panel_channels(
    dataset: SeriesDataset, item_id: str
) -> tuple[tuple[SeriesDataset, ...], tuple[str, ...]]:
    """Return the parts and names of the channels; see `MultivariateDataset.of_panel`."""
    step = split_freq(dataset.freq)[1]
    first, last = _span(dataset, step)
    num_steps = (last - first) // step + 1
    place = (dataset.starts - first) // step
    rows = np.full((len(dataset), num_steps), np.nan)
    owner = np.repeat(np.arange(len(dataset)), dataset.lengths)
    within = np.arange(dataset.values.size) - dataset.offsets[owner]
    rows[owner, place[owner] + within] = dataset.values
    same = (dataset.static_cat == dataset.static_cat[:1]).all(axis=0)
    real = (dataset.static_real == dataset.static_real[:1]).all(axis=0)
    if dataset.dynamic is not None:
        warnings.warn(
            f"The dynamic features of the series ({', '.join(dataset.dynamic.names)}) were left "
            "out: they belong to channels, and an entry has features of its own.",
            DataWarning,
            stacklevel=3,
        )
    if left_out := int((~same).sum() + (~real).sum()):
        warnings.warn(
            f"{left_out} static columns differ between the series of the panel and were left "
            "out: they belong to channels, and an entry has one value of each.",
            DataWarning,
            stacklevel=3,
        )
    kept = np.flatnonzero(same)
    head = replace(
        dataset,
        values=rows[0],
        offsets=np.array([0, num_steps]),
        starts=np.array([first]),
        item_ids=(item_id,),
        static_cat=dataset.static_cat[:1, kept],
        static_names=tuple(dataset.static_names[k] for k in kept),
        static_categories=tuple(dataset.static_categories[k] for k in kept),
        static_real=dataset.static_real[:1, real],
        info=None,
        dynamic=None,
    )
    channels = tuple(str(name) for name in dataset.item_ids)
    return tuple(replace(head, values=row) for row in rows), channels


def _span(dataset: SeriesDataset, step: int) -> tuple[int, int]:
    """Return the ordinals of the first and the last step that any series has.

    Raises:
        DataError: There is one series, or no step that all have.
    """
    starts, ends = dataset.starts, dataset.starts + (dataset.lengths - 1) * step
    if len(dataset) < 2:
        raise DataError("A panel needs two series or more; this dataset has one.")
    late, early = int(starts.argmax()), int(ends.argmin())
    if starts[late] > ends[early]:
        raise DataError(
            f"The series were not observed together: {dataset.item_ids[early]!r} ends "
            f"{dataset.timestamps(early)[-1]}, before {dataset.item_ids[late]!r} begins "
            f"({dataset.timestamps(late)[0]}). Give series that share a span, or leave those out.",
            item_id=dataset.item_ids[late],
        )
    off = (starts - starts[0]) % step != 0
    if off.any():
        i = int(off.argmax())
        raise DataError(
            f"The steps of series {dataset.item_ids[i]!r} and {dataset.item_ids[0]!r} never meet "
            f"(freq '{dataset.freq}', starts {dataset.timestamps(i)[0]} and "
            f"{dataset.timestamps(0)[0]}); resample them to one grid first.",
            item_id=dataset.item_ids[i],
        )
    return int(starts.min()), int(ends.max())
