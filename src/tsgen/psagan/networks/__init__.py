"""Generators and discriminators of both presets, built by their settings."""

from .batching import padded_rows
from .building import NetworkSizes, build_networks, extend_tables, generator_weights
from .paper import attention_bytes

__all__ = [
    "NetworkSizes",
    "attention_bytes",
    "build_networks",
    "extend_tables",
    "generator_weights",
    "padded_rows",
]
