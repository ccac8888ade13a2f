"""Attributes that carry a model where events do not reach: new items, new users, new markets."""

from .items import (
    ContentNeighbours,
    DistilledItems,
    EncodedItems,
    EqualAttributes,
    feature_contribution,
)
from .plain import PlainColumns
from .schema import Column, TabularSchema
from .tabular import TabularEncoder, TabularEncoderEstimator
from .towers import TowerSettings, distil

__all__ = [
    "Column",
    "ContentNeighbours",
    "DistilledItems",
    "EncodedItems",
    "EqualAttributes",
    "PlainColumns",
    "TabularEncoder",
    "TabularEncoderEstimator",
    "TabularSchema",
    "TowerSettings",
    "distil",
    "feature_contribution",
]
