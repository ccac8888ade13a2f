"""Series are read as the options say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tsgen.errors import (
    DataError,
    SettingsError,
)

from .read_texts import advising_options, read_choices

__all__ = ["read_dataset", "read_dataset_for"]

_READ_KEYS = (
    "item_id", "timestamp", "target", "static", "freq", "start", "timezone",
    "on_duplicate", "on_infinite", "on_unobserved", "dynamic_features",
)  # fmt: skip


def read_dataset(
    path: Path,
    choices: list[str] | None,
    target: Sequence[str] | None = None,
    *,
    panel: bool = False,
) -> Any:
    """Read the series at `path`, as the `--read_dataset` texts, `--target` and `--panel` say."""
    from tsgen.data import MultivariateDataset, SeriesDataset, read_series

    options: dict[str, Any] = read_choices(choices, _READ_KEYS)
    if "static" in options:
        options["static"] = tuple(options["static"].split(","))
    if target:
        options["target"] = target[0] if len(target) == 1 else tuple(target)
    dataset = advising_options(_READ_KEYS, lambda: read_series(path, **options))
    if not len(dataset):
        raise DataError(f"{path} holds no series.")
    if not panel:
        return dataset
    if not isinstance(dataset, SeriesDataset):
        raise SettingsError("Give either several --target or --panel, not both.")
    return MultivariateDataset.of_panel(dataset)


def read_dataset_for(model: Any, path: Path, choices: list[str] | None, *, panel: bool) -> Any:
    """Read the series at `path` as a fitted PSA-GAN takes them: with the columns it knows."""
    return read_dataset(path, choices, None if panel else model.data.channels, panel=panel)
