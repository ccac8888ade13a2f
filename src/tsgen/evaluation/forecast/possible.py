"""Settings that no forecaster can have, found before the first work: GluonTS takes most of them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping
from typing import Any

from tsgen.rng import global_seed

__all__ = ["check_possible"]

_WORDS = {"scaling": ("mean", "std"), "padding_patch": ("end",)}
"""Settings of GluonTS whose other words all mean none, so that a misspelt one would go unseen."""

_NONE = ("none", None, False)

_FROM_NOTHING = {"patience"}
"""Whole numbers that may be 0, whatever their default is."""


def check_possible(
    kind: type[Any], settings: Mapping[str, Any], arguments: Mapping[str, Any]
) -> None:
    """Raise what is wrong with the settings of a forecaster, by building all but its training.

    Args:
        kind: Its class. What numbers mean is known of those of GluonTS and tsgen alone; of others
            it is asked that they are numbers.
        settings: As the study has them.
        arguments: All that its constructor is given.

    Raises:
        Exception: Of any kind, as the constructor, the network and the trainer throw them.
    """
    parameters = inspect.signature(kind).parameters
    meant = kind.__module__.split(".")[0] in {"gluonts", "tsgen"}
    for name, value in settings.items():
        for number in _numbers(value):
            if math.isnan(number) or (meant and name != "trainer_kwargs" and not number >= 0):
                raise ValueError(f"{name}={value!r} is not possible")
        default = parameters[name].default if name in parameters else ""
        if meant and default is None and value == 0 and value is not False:
            raise ValueError(f"{name}=0 is not possible")  # what may be left out is a size
        if meant:
            _check_like(name, value, default)
    made = kind(**arguments)
    if hasattr(made, "create_lightning_module"):
        with global_seed(0):  # its first weights are drawn, and drawn again when it is trained
            made.create_lightning_module()
    if "trainer_kwargs" in parameters and settings.get("trainer_kwargs"):
        _check_trainer(settings["trainer_kwargs"])


def _numbers(value: Any) -> Iterator[float]:
    """Yield the numbers in a setting, also those in lists and tables."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _numbers(entry)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _check_like(name: str, value: Any, default: Any) -> None:
    """Refuse another kind of number than the default is, and words that are not known."""
    if isinstance(default, bool):
        if value not in (True, False):
            raise ValueError(f"{name}={value!r} is neither true nor false")
        return
    if isinstance(default, str) and name in _WORDS and value not in (*_WORDS[name], *_NONE):
        words = ", ".join(map(repr, _WORDS[name]))
        raise ValueError(f"{name}={value!r} is not known; there is {words}, or false for none")
    if not isinstance(default, int | float):
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isinf(value):
        raise ValueError(f"{name}={value!r} is no number; by default it is {default}")
    if isinstance(default, float):
        return
    least = 0 if default == 0 or name in _FROM_NOTHING else 1
    if value != int(value) or value < least:
        raise ValueError(f"{name}={value!r} is no whole number from {least}")


def _check_trainer(settings: Any) -> None:
    """Make Lightning's trainer, which knows its own settings, and refuse one that has no end."""
    from lightning.pytorch import Trainer

    if not isinstance(settings, Mapping):
        raise TypeError(f"trainer_kwargs={settings!r} is no table of settings")
    endless = settings.get("max_epochs") == -1
    if endless and settings.get("max_time") is None and settings.get("max_steps", -1) == -1:
        raise ValueError("max_epochs=-1 trains without an end; give max_time or max_steps with it")
    quietly = {"logger": False, "enable_progress_bar": False, "accelerator": "cpu"}
    Trainer(**{**quietly, **settings})
