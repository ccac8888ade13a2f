"""Where partitions are worked on: processes of this machine, a Ray cluster, a Spark cluster."""

from .base import Engine
from .registry import ENGINES, engine_of

__all__ = ["ENGINES", "Engine", "engine_of"]
