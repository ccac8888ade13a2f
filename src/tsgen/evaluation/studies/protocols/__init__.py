"""What computes a cell: one protocol a file, (study, arm, seed, sources) to numbers."""

from .registry import PROTOCOLS, Protocol

__all__ = ["PROTOCOLS", "Protocol"]
