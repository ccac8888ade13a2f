"""Series are read as the options say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from tsgen.errors import DataError, SettingsError, TsgenError

from .read_texts import LISTS, advising_options, read_choices

__all__ = ["read_dataset", "read_dataset_for"]

_READ_KEYS = (
    "item_id", "timestamp", "target", "static", "static_numbers", "freq", "start", "timezone",
    "on_duplicate", "on_infinite", "on_unobserved", "on_irregular", "dynamic", "past_dynamic",
    "dynamic_features", "layout",
)  # fmt: skip


def read_dataset(
    path: Path,
    choices: list[str] | None,
    target: Sequence[str] | None = None,
    *,
    panel: bool = False,
) -> Any:
    """Read the series at `path`, as the `--read` texts, `--target` and `--panel` say."""
    from tsgen.data import MultivariateDataset, SeriesDataset, read_series

    options: dict[str, Any] = read_choices(choices, _READ_KEYS)
    options |= {name: tuple(options[name].split(",")) for name in LISTS if name in options}
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


def read_dataset_for(
    model: Any,
    path: Path,
    choices: list[str] | None,
    *,
    panel: bool = False,
    changed: Collection[str] | None = None,
) -> Any:
    """Read the series at `path` as a fitted PSA-GAN takes them: with the columns it knows.

    Features that the caller changes, `changed`, need no column.
    """
    if not panel:  # those of a panel's series belong to its channels
        choices = _with_statics(model.data.static_names, choices, path)
    choices = _with_features(model.data.dynamic, choices, () if changed is None else changed)
    channels = model.data.channels
    try:
        return read_dataset(path, choices, None if panel else channels, panel=panel)
    except DataError as error:
        if panel or not channels or "has no column" not in str(error):
            raise
        raise DataError(
            f"{error} The model knows the channels {', '.join(channels)}: a table of one series a "
            "channel is read with --panel."
        ) from error


def _with_statics(names: Sequence[str], choices: list[str] | None, path: Path) -> list[str] | None:
    """Return `--read` texts that name the static columns of a model that a table has."""
    from tsgen.data.events import column_names

    if not names or any(choice.partition("=")[0] == "static" for choice in choices or ()):
        return choices
    try:
        here = column_names(path)
    except TsgenError:  # no table: entries bring theirs
        return choices
    shared = [name for name in names if name in here]
    return [*(choices or ()), f"static={','.join(shared)}"] if shared else choices


def _with_features(
    facts: Any, choices: list[str] | None, changed: Collection[str]
) -> list[str] | None:
    """Return `--read` texts that name the columns of the features that a model knows."""
    if facts is None:
        return choices
    named = {choice.partition("=")[0] for choice in choices or ()}
    for key, names in (
        ("dynamic", (*facts.real_names, *facts.cat_names)),
        ("past_dynamic", facts.past_names),
    ):
        needed = [name for name in names if name not in changed]
        if needed and key not in named:
            choices = [*(choices or ()), f"{key}={','.join(needed)}"]
    return choices
