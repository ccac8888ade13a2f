"""What is tried: ways to make series, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tsgen.data import SeriesDataset
from tsgen.errors import SettingsError

from ..operations import Maker, Operation, operation

__all__ = ["DEFAULT_CANDIDATES", "SHARES", "Candidate", "Way", "augmented", "makers_of"]

DEFAULT_CANDIDATES = (
    "psa-gan",
    "fit_and_simulate",
    "block_bootstrap",
    "mixing",
    "jitter",
    "scaling",
    "magnitude_warp",
    "time_warp",
    "window_slice",
    "frequency_masking",
    "phase_randomisation",
    "trend_change",
)
SHARES = (0.25, 0.5, 0.75)
"""Shares of synthetic series in the training set that are tried."""


@dataclass(frozen=True)
class Candidate:
    """Series of one or more operations beside the real ones.

    Attributes:
        name: What tables call it.
        parts: Name of an operation and the share of the training set that it makes; what is left
            to 1 is real.
        annealed: Steps of a reference network's training within which the shares shrink to real
            series alone; 0: they stay.
    """

    name: str
    parts: tuple[tuple[str, float], ...]
    annealed: int = 0

    @classmethod
    def of(cls, maker: str, share: float) -> Candidate:
        """Return the candidate of one operation."""
        return cls(f"{maker} {100 * share:g} %", ((maker, share),))

    @property
    def real(self) -> float:
        """Share of real series."""
        return 1.0 - sum(share for _, share in self.parts)

    @property
    def ratios(self) -> dict[str, float]:
        """Synthetic / real series of each operation."""
        return {maker: share / self.real for maker, share in self.parts}


@dataclass(frozen=True)
class Way:
    """One operation, or a mixture of several, of which more or less may be added.

    Attributes:
        label: What tables call it, before the share.
        proportions: Name of an operation and its part of the synthetic series; they add up to 1.
        shares: Shares of synthetic series that are worth trying.
    """

    label: str
    proportions: tuple[tuple[str, float], ...]
    shares: tuple[float, ...] = SHARES

    @classmethod
    def of(cls, maker: str, shares: tuple[float, ...] = SHARES) -> Way:
        """Return the way of one operation."""
        return cls(maker, ((maker, 1.0),), shares)

    def at(self, share: float) -> Candidate:
        """Return the candidate with this share of synthetic series."""
        parts = tuple((maker, share * part) for maker, part in self.proportions)
        return Candidate(f"{self.label} {100 * share:g} %", parts)


def augmented(
    dataset: SeriesDataset, candidate: Candidate, operations: Mapping[str, Operation], seed: int
) -> SeriesDataset:
    """Return the real series and those that a candidate adds, one at least of each operation."""
    made = [
        operations[name](dataset, max(ratio, 1 / len(dataset)), seed=seed)
        for name, ratio in candidate.ratios.items()
    ]
    return SeriesDataset.concat([dataset, *made])


def makers_of(candidates: Sequence[Any] | Mapping[str, Any] | None) -> dict[str, Maker]:
    """Return the ways to make series that a user names, or the usual ones, by name.

    Raises:
        SettingsError: There are none, or two have one name.
    """
    if candidates is None:
        candidates = DEFAULT_CANDIDATES
    if isinstance(candidates, str):
        candidates = [candidates]
    if isinstance(candidates, Mapping):
        makers = {str(name): operation(what) for name, what in candidates.items()}
    else:
        operations = [operation(what) for what in candidates]
        makers = {maker.name: maker for maker in operations}
        if len(makers) < len(operations):
            raise SettingsError(
                "Two candidates have the same name; give a mapping from names to candidates."
            )
    if not makers:
        raise SettingsError("There is no candidate; name at least one way to make series.")
    return makers
