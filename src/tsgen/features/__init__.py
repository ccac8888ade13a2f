"""Attributes that carry a model where events do not reach: new items, new users, new markets."""

from .items import ContentNeighbours, DistilledItems, EqualAttributes, feature_contribution
from .schema import Column, TabularSchema
from .tabular import TabularEncoder, TabularEncoderEstimator
from .towers import TowerSettings, distil

__all__ = [
    "Column",
    "ContentNeighbours",
    "DistilledItems",
    "EqualAttributes",
    "TabularEncoder",
    "TabularEncoderEstimator",
    "TabularSchema",
    "TowerSettings",
    "distil",
    "feature_contribution",
]
