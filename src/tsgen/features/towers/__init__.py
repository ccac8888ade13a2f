"""A slow scorer of pairs teaches two fast towers, one of users and one of items."""

from .distil import distil
from .settings import TowerSettings

__all__ = ["TowerSettings", "distil"]
