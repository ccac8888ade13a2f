"""Engines by name."""

from __future__ import annotations

from tsgen.errors import SettingsError, nearest
from tsgen.training import check_package

from .base import Engine
from .local import on_processes
from .on_ray import on_ray
from .on_spark import on_spark

__all__ = ["ENGINES", "engine_of"]

ENGINES: dict[str, Engine] = {"local": on_processes, "ray": on_ray, "spark": on_spark}

_PACKAGES = {"ray": "ray", "spark": "pyspark"}


def engine_of(name: str) -> Engine:
    """Return the engine of a name.

    Raises:
        SettingsError: There is no such engine.
        MissingExtraError: What it needs is not installed.
    """
    if name not in ENGINES:
        raise SettingsError(
            f"There is no engine '{name}'.{nearest(name, ENGINES)} There are {', '.join(ENGINES)}."
        )
    package = _PACKAGES.get(name)
    if package is not None:
        check_package(package, name)
    return ENGINES[name]
