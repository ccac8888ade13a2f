"""Parts by name: a name, a table of settings with the name in it, or an object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from tsgen.errors import nearest
from tsgen.settings import Settings

from .contract import Part

__all__ = ["PartChoice", "PartKind", "PartRegistry"]

_OWN = "own"
"""What a saved model calls an object of the user's."""


@dataclass(frozen=True)
class PartKind:
    """A part that has a name.

    Attributes:
        model: Its class, a dataclass whose fields are its settings.
        fixed: Settings that the name stands for.
        shared: Field -> the setting of the RIM that it has, unless it is given itself.
    """

    model: type[Part]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Settings that can be given."""
        return [f.name for f in fields(self.model) if f.name not in self.fixed]  # type: ignore[arg-type]

    def fits(self, part: Part) -> bool:
        """Whether a part of this class has the settings that the name stands for."""
        return all(getattr(part, name) == value for name, value in self.fixed.items())

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings, each of its field's type.

        Raises:
            ValueError: There is no such setting, or its value is impossible.
        """
        hints = get_type_hints(self.model, include_extras=True)
        read = {}
        for name, value in given.items():
            if name not in self.names:
                raise ValueError(
                    f"{self.model.__name__} has no setting {name!r}.{nearest(name, self.names)}"
                )
            read[name] = _read_as(hints[name], name, value)
        return read


def _read_as(hint: Any, name: str, value: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, Settings):
        return value if isinstance(value, hint) else hint(**value)
    try:
        config = ConfigDict(arbitrary_types_allowed=True)
        return TypeAdapter(hint, config=config).validate_python(value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].rstrip(".")
        raise ValueError(f"{name}={value!r} is not possible: {reason}") from None


@dataclass(frozen=True)
class PartChoice:
    """A part by name, with settings of its own.

    Attributes:
        model: The name.
        settings: Given ones.
    """

    model: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return name and settings as JSON values."""
        values = to_jsonable_python(dict(self.settings), fallback=_plain)
        return {"model": self.model, **values}


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


@dataclass(frozen=True)
class PartRegistry:
    """The parts of one family.

    Attributes:
        what: The setting that chooses among them, for messages.
        kinds: Name -> part.
        wrap: From an object of the user's (None where it was loaded) to a part.
        adapt: From an object of another library to a part; what is none stays as it is.
        example: An object that may be given instead of a name, for messages.
        implied: Setting -> the name it stands for, where a table names no model.
    """

    what: str
    kinds: Mapping[str, PartKind]
    wrap: Callable[[Any], Part]
    example: str
    implied: Mapping[str, str] = field(default_factory=dict)
    adapt: Callable[[Any], Any] = lambda value: value

    def read(self, value: Any) -> Any:
        """Return a name, a `PartChoice` or an object, checked.

        Raises:
            ValueError: It is none of these, or its settings are impossible.
        """
        if isinstance(value, PartChoice):
            value = {"model": value.model, **value.settings}
        if isinstance(value, Mapping):
            return self._read_table(value)
        if isinstance(value, str) and value != _OWN:
            return self._read_name(value)
        value = self.adapt(value)
        if value == _OWN or callable(getattr(value, "fit", None)):
            return value
        return self._read_name(value)

    def make(self, value: Any, settings: Any) -> Part:
        """Return the part, unfitted.

        Args:
            value: What `read` gave.
            settings: Those of the RIM, for what is shared.
        """
        if isinstance(value, str) and value != _OWN:
            value = PartChoice(value)
        if isinstance(value, PartChoice):
            kind = self.kinds[value.model]
            shared = {name: getattr(settings, source) for name, source in kind.shared.items()}
            given = {name: one for name, one in shared.items() if one is not None}
            return kind.model(**{**given, **kind.fixed, **value.settings})
        if isinstance(value, Part):
            return value
        return self.wrap(None if value == _OWN else value)

    def to_json(self, value: Any) -> Any:
        """Return what `read` takes back, as JSON values; an object of the user's is "own"."""
        if isinstance(value, str):
            return value
        if hasattr(value, "to_json"):
            return value.to_json()
        for name, kind in self.kinds.items():
            if type(value) is kind.model and kind.fits(value):
                settings = {field: getattr(value, field) for field in kind.names}
                return PartChoice(name, settings).to_json()
        return _OWN

    def _read_name(self, name: Any) -> str:
        if isinstance(name, str) and name in self.kinds:
            return name
        raise ValueError(
            f"{name!r} is not possible.{nearest(name, self.kinds)} Use {_listed(self.kinds)}, or "
            f"{self.example}"
        )

    def _read_table(self, given: Mapping[str, Any]) -> PartChoice | Part:
        settings = dict(given)
        implied = next((name for key, name in self.implied.items() if key in settings), None)
        name = settings.pop("model", implied)
        if name is None:
            raise ValueError(
                f"its settings name no model; say {self.what}.model=NAME, one of "
                f"{_listed(self.kinds)}"
            )
        kind = self.kinds[self._read_name(name)]
        read = kind.read(settings)
        return PartChoice(name, read) if kind.shared else kind.model(**kind.fixed, **read)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
