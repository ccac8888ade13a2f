"""A dataset at a glance, and the digest of its content."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from .times import split_freq, step_stamps

if TYPE_CHECKING:
    from .dataset import SeriesDataset

__all__ = ["ARRAYS", "facts_of", "fingerprint_of"]

ARRAYS = {
    "values": np.float64,
    "offsets": np.int64,
    "starts": np.int64,
    "static_cat": np.int64,
    "static_real": np.float64,
}
"""The arrays that a dataset consists of, with their types."""


def facts_of(dataset: SeriesDataset) -> dict[str, Any]:
    """Return what there is to know at a glance, as plain JSON values."""
    last = dataset.starts + (dataset.lengths - 1) * split_freq(dataset.freq)[1]
    ends = step_stamps(np.array([dataset.starts.min(), last.max()]), dataset.freq, dataset.label)
    return {
        "num_series": len(dataset),
        "rows": int(dataset.values.size),
        "freq": dataset.freq,
        "timezone": dataset.timezone,
        "first": str(ends[0]),
        "last": str(ends[1]),
        "shortest": int(dataset.lengths.min()),
        "longest": int(dataset.lengths.max()),
        "missing_share": float(np.isnan(dataset.values).mean()),
        "static": dict(zip(dataset.static_names, dataset.static_cardinalities, strict=True)),
        "num_static_real": dataset.static_real.shape[1],
        "num_synthetic": int(dataset.synthetic.sum()),
        **({} if dataset.dynamic is None else {"dynamic": dataset.dynamic.facts()}),
        **({"warnings": list(dataset.notes)} if dataset.notes else {}),
    }


def fingerprint_of(dataset: SeriesDataset) -> str:
    """Return the SHA-256 of the content: equal data, equal text, on any machine."""
    facts: list[Any] = [
        dataset.freq,
        dataset.item_ids,
        dataset.static_names,
        dataset.static_categories,
    ]
    facts += [dataset.timezone, [dataset.label.anchor, dataset.label.offset], dataset.info]
    if dataset.dynamic is not None:
        facts.append(dataset.dynamic.digest())
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
    for name in ARRAYS:
        array = np.ascontiguousarray(getattr(dataset, name)) + 0  # one zero: -0.0 + 0 is 0.0
        digest.update(str(array.shape).encode())
        digest.update(np.where(np.isnan(array), np.nan, array).astype("<f8").tobytes())
    return digest.hexdigest()
