"""The file of a model folder that holds features that change in time: `dynamic.parquet`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tsgen.data.series import DynamicFeatures

__all__ = ["read_features", "write_features"]

_NAME = "dynamic.parquet"
_KINDS = ("real", "cat", "past")


def write_features(features: DynamicFeatures, path: Path) -> None:
    """Write features as Parquet: one row a step, the row of its series first."""
    columns = {"series": np.repeat(np.arange(len(features.lengths)), features.lengths)}
    for kind in _KINDS:
        columns |= {f"{kind}_{k}": row for k, row in enumerate(getattr(features, kind))}
    pd.DataFrame(columns).to_parquet(path, index=False, compression="zstd")


def read_features(folder: Path, facts: Mapping[str, Any]) -> DynamicFeatures:
    """Read what `write_features` wrote, of the names and categories `facts`."""
    table = pd.read_parquet(folder / _NAME)
    lengths = np.bincount(table["series"])
    real, cat, past = (
        table[[f"{kind}_{k}" for k in range(len(facts[f"{kind}_names"]))]].to_numpy().T
        for kind in _KINDS
    )
    names = [tuple(facts[f"{kind}_names"]) for kind in _KINDS]
    categories = tuple(tuple(values) for values in facts["cat_categories"])
    offsets = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
    return DynamicFeatures(offsets, real, cat, past, names[0], names[1], names[2], categories)
