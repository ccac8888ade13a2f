"""Settings: frozen, validated values whose mistakes become one readable sentence each."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from tsgen.errors import DataWarning, SettingsError, nearest

__all__ = ["HyperparameterSettings", "Settings", "read_settings_file"]

_BITS = 63
_DEEPEST = 50
_UNION = re.compile(r"[\[\]()]|^(int|float|str|bool)$")


class Settings(BaseModel):
    """Base of every estimator and option class: frozen, with no unknown fields.

    The docstring under a field is its help text. `to_json` and the constructor are inverses.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        protected_namespaces=(),
        allow_inf_nan=False,
    )

    def __init__(self, /, **fields: Any) -> None:
        _refuse_vast(fields)
        _refuse_truths(type(self), fields)
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise SettingsError(self._explain(error)) from None

    @classmethod
    def _explain(cls, error: ValidationError) -> str:
        """Return one sentence for each mistake, with the nearest field for a misspelt one."""
        sentences: list[str] = []
        impossible: dict[str, tuple[Any, list[str]]] = {}
        for mistake in error.errors():
            field = _field_of(mistake["loc"])
            if mistake["type"] == "extra_forbidden":
                hint = nearest(field, cls.model_fields)
                hint = hint or f" It has {', '.join(cls.model_fields)}."
                sentences.append(f"{cls.__name__} has no setting '{field}'.{hint}")
            elif mistake["type"] == "value_error":
                text = str(mistake["ctx"]["error"]).rstrip(".")
                end = "" if text.endswith("?") else "."
                sentences.append(f"{field + ': ' if field else ''}{text}{end}")
            elif mistake["type"] == "missing":
                sentences.append(f"{cls.__name__} needs the setting '{field}'.")
            else:
                reasons = impossible.setdefault(field, (mistake["input"], []))[1]
                reasons.append(mistake["msg"].rstrip("."))
        sentences += [
            f"{field}={_short(value)} is not possible: {', or '.join(dict.fromkeys(reasons))}."
            for field, (value, reasons) in impossible.items()
        ]
        return " ".join(sentences)

    @property
    def __init_passed_kwargs__(self) -> dict[str, Any]:  # what gluonts.core.serde asks for
        parts = {name: getattr(self, name) for name in type(self).model_fields}
        whole = {k: part for k, part in parts.items() if hasattr(part, "__init_passed_kwargs__")}
        return self.to_json() | whole

    def to_json(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return self.model_dump(mode="json")


class HyperparameterSettings(Settings):
    """Settings of an estimator that GluonTS and tuners make from hyperparameters."""

    @classmethod
    def from_hyperparameters(cls, **hyperparameters: Any) -> Self:
        """Return the estimator with these settings, as GluonTS makes its own.

        Warns:
            DataWarning: Some are no settings, and are left out as GluonTS does.
        """
        others = [name for name in hyperparameters if name not in cls.model_fields]
        if others:
            hints = "".join(nearest(name, cls.model_fields) for name in others)
            warnings.warn(
                f"{cls.__name__} has no setting {', '.join(others)}; left out.{hints}",
                DataWarning,
                stacklevel=2,
            )
        return cls(**{k: v for k, v in hyperparameters.items() if k not in others})


def _field_of(place: tuple[str | int, ...]) -> str:
    """Return where a mistake is, without what pydantic calls the parts of a union."""
    names = [str(part) for part in place if not _UNION.search(str(part))]
    return ".".join(names)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 200 else f"{text[:197]}..."


def _refuse_vast(value: Any, field: str = "") -> None:
    """Refuse whole numbers that 64 bits cannot hold, wherever they stand."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            _refuse_vast(part, f"{field}.{key}" if field else str(key))
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_vast(part, field)
    elif isinstance(value, int) and value.bit_length() > _BITS:
        raise SettingsError(
            f"{field}={value:.3g} is not possible: whole numbers go to {2**_BITS - 1:,}."
        )


def _refuse_truths(kind: type[BaseModel], fields: Mapping[str, Any]) -> None:
    """Refuse true and false for numbers, for which pydantic would take 1 and 0."""
    for name, value in fields.items():
        field = kind.model_fields.get(name)
        if field and _holds_truth(value) and _is_numeric({*_leaves(field.annotation)}):
            raise SettingsError(f"{name}={value} is not possible: give a number.")


def _holds_truth(value: Any) -> bool:
    """Return whether a value is true or false, or a list in which one is."""
    if isinstance(value, list | tuple):
        return any(map(_holds_truth, value))
    return isinstance(value, bool)


def _leaves(kind: Any) -> Iterator[Any]:
    """Yield what a type is made of, through unions and annotations."""
    if parts := get_args(kind):
        for part in parts:
            yield from _leaves(part)
    else:
        yield kind


def _is_numeric(kinds: set[Any]) -> bool:
    return not kinds.isdisjoint({int, float}) and kinds.isdisjoint({bool, True, False, Any, object})


def _is_deeper(value: Any, than: int) -> bool:
    """Return whether a value has more tables and lists in one another than so many."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(parts, list):
        return False
    return than < 1 or any(_is_deeper(part, than - 1) for part in parts)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the table of a JSON object, which Python would read with the last of equal keys."""
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"it has the key '{twice}' twice")
    return table


def read_settings_file(path: Path) -> dict[str, Any]:
    """Read a TOML or JSON settings file into a dictionary.

    Raises:
        SettingsError: The file is absent, no file, empty, or not valid TOML or JSON.
    """
    try:
        if not (path.is_file() or path.is_dir()) and path.exists():
            raise SettingsError(
                f"The settings file {path} is a pipe or a device; save it as a file."
            )
        text = path.read_text(encoding="utf-8-sig")
        if not text.strip():
            raise SettingsError(f"The settings file {path} is empty; leave it out.")
        values = (
            json.loads(text, object_pairs_hook=_once)
            if path.suffix == ".json"
            else tomllib.loads(text)
        )
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"The settings file {path} is not UTF-8 text.") from None
    except RecursionError:
        raise SettingsError(f"The settings file {path} is nested too deeply.") from None
    except SettingsError:
        raise
    except ValueError as error:
        reason = f"{error}".partition(";")[0]  # after it, how to let Python read longer numbers
        raise SettingsError(f"The settings file {path} is not valid: {reason}.") from None
    if _is_deeper(values, _DEEPEST):
        raise SettingsError(f"The settings file {path} is nested too deeply.")
    if not isinstance(values, dict):
        raise SettingsError(f"The settings file {path} must hold key = value pairs.")
    return values
