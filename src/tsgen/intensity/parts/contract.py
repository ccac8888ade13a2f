"""What every part of a RIM can do: `fit`, which gives a fitted part; `arrays`; `from_arrays`.

`fit` differs in what a family needs to learn (see `ActivityPart`, `RelevancePart`, `fit_pairs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, get_type_hints

from tsgen.arrays import AnyArray

__all__ = ["ArrayFields", "FittedPart", "Part", "SavedPart", "arrays_of"]


@dataclass(frozen=True)
class SavedPart:
    """What a model folder holds beside a part's arrays.

    Attributes:
        folder: The part's own folder, if it has one.
        sums: Digests of the folder's files.
        device: Where networks are to compute.
    """

    folder: Path | None = None
    sums: dict[str, str] = field(default_factory=dict)
    device: str = "cpu"


class FittedPart(Protocol):
    """A part that has learnt."""

    @property
    def has_folder(self) -> bool:
        """Whether arrays are not all: `write(folder)` writes files as well."""
        ...

    def arrays(self) -> dict[str, Any]:
        """Return the arrays and numbers, by name, that `from_arrays` takes back."""
        ...

    def write(self, folder: Path) -> None:
        """Write what `arrays` cannot hold, if the part has a folder."""
        ...


class Part:
    """A part that can learn: its settings, which `fit` gives what is fitted.

    Attributes:
        expensive: Fitting takes so long that it is done once, or on few windows; what must be
            learnt on rows that it has not seen is learnt on users held out.
        in_steps: It is trained step by step, with a budget and checkpoints.
    """

    expensive: ClassVar[bool] = False
    in_steps: ClassVar[bool] = False


class ArrayFields:
    """A fitted part, a dataclass, whose fields are its arrays (and numbers).

    A number is written as an array of one, and read back as a number.
    """

    has_folder: ClassVar[bool] = False

    def arrays(self) -> dict[str, Any]:
        """Return the fields."""
        return {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]

    def write(self, folder: Path) -> None:
        """Write nothing: the arrays are all."""

    @classmethod
    def from_arrays(cls, arrays: dict[str, AnyArray]) -> Self:
        """Return what `arrays` came from; fields that are not there have their default."""
        hints = get_type_hints(cls)
        numbers = {name for name, hint in hints.items() if hint in (int, float)}
        return cls(**{
            name: array.item() if name in numbers else array for name, array in arrays.items()
        })  # fmt: skip


def arrays_of(name: str, arrays: Mapping[str, AnyArray]) -> dict[str, AnyArray]:
    """Return the arrays of one part of several, from such as are called "name.array"."""
    start = f"{name}."
    return {k.removeprefix(start): array for k, array in arrays.items() if k.startswith(start)}
