"""What reading warned of stays with what was read, so that studies and pages can say it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .events import Interactions
    from .series import MultivariateDataset, SeriesDataset

    Data = TypeVar("Data", bound=SeriesDataset | MultivariateDataset | Interactions)

__all__ = ["with_notes"]


def with_notes(data: Data, notes: Sequence[str]) -> Data:
    """Return the same data with more notes; those of several channels stand at the first."""
    if not notes:
        return data
    fields: dict[str, Any]
    if parts := getattr(data, "parts", None):
        fields = {"parts": (with_notes(parts[0], notes), *parts[1:])}
    else:
        fields = {"notes": tuple(dict.fromkeys([*getattr(data, "notes", ()), *notes]))}
    return replace(data, **fields)
