"""The membership attack on a generator, beside a generator that copies, and chance.

Shape legend: n windows, R reference models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from tsgen.arrays import Array, Mask
from tsgen.curation import Cells
from tsgen.data import SeriesDataset
from tsgen.metrics import likelihood_ratios, true_positive_interval, true_positive_rate

from .windows import Halves, WindowCandidates, distances_to

__all__ = ["COPYING", "Attack", "MembershipRate", "check_attack", "run_attack"]

_FEW = 300
_STRICT, _LENIENT = 0.01, 0.05
COPYING = "copy of the data"

Release = Callable[[SeriesDataset, int], SeriesDataset]
"""(series, number of the model) -> the synthetic series of a generator trained on them."""


@dataclass(frozen=True)
class MembershipRate:
    """How many members an attack finds.

    Attributes:
        false_positive_rate: Share of non-members taken for members; what chance finds.
        value: Share of members that are found.
        low: Lower end of its 95 % interval over series.
        high: Upper end.
    """

    false_positive_rate: float
    value: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        """Whether the attack is better than chance, beyond its interval."""
        return self.low > self.false_positive_rate


@dataclass(frozen=True)
class Attack:
    """What an attack found.

    Attributes:
        rate: Of the generator; at 1 % false positives, or at 5 % if non-members are few.
        copying: Of a generator that hands out copies.
        num_members: Windows that the attacked model learnt from.
        num_non_members: Windows that it did not.
        left_out: Windows that are constant or miss a value.
    """

    rate: MembershipRate
    copying: MembershipRate
    num_members: int
    num_non_members: int
    left_out: int

    @property
    def few(self) -> bool:
        """Whether there are too few non-members to say anything at 1 %."""
        return self.num_non_members < _FEW


def check_attack(dataset: SeriesDataset, window_length: int, num_references: int) -> None:
    """Refuse series that no attack can be made on, before anything is trained.

    Args:
        dataset: The real series.
        window_length: Steps of a window.
        num_references: R, even.

    Raises:
        DataError: Too few series, or no window.
    """
    Halves.of(len(dataset), num_references, 0)
    WindowCandidates.of(dataset, window_length)


def run_attack(
    dataset: SeriesDataset,
    release: Release,
    window_length: int,
    num_references: int,
    seed: int,
    cells: Cells | None = None,
) -> Attack:
    """Attack a generator by likelihood ratio with reference models.

    Args:
        dataset: The real series.
        release: Trains a generator and gives its series; called for the attacked model (0) and
            each reference model (1, 2, ...).
        window_length: Steps of a window.
        num_references: R, even.
        seed: Of halves and intervals.
        cells: Where the distances to each model's series are kept.

    Raises:
        DataError: Too few series, or no window.
    """
    candidates = WindowCandidates.of(dataset, window_length)
    halves = Halves.of(len(dataset), num_references, seed)
    masks = [halves.target, *halves.references]
    member = candidates.members(halves.target)
    inside = np.stack([candidates.members(mask) for mask in halves.references])
    few = int((~member).sum()) < _FEW
    nowhere = Cells(None, None)

    def rate(release: Release, cells: Cells) -> MembershipRate:
        def distances(k: int) -> Array:
            return distances_to(release(dataset.subset(masks[k]), k), candidates, seed)

        near = np.stack([
            cells.losses(["near", k], partial(distances, k)) for k in range(len(masks))
        ])  # fmt: skip
        return _rate(likelihood_ratios(near[0], near[1:], inside), candidates, member, few, seed)

    return Attack(
        rate(release, cells or nowhere),
        rate(lambda series, _: series, nowhere),
        int(member.sum()),
        int((~member).sum()),
        candidates.left_out,
    )


def _rate(
    ratios: Array, candidates: WindowCandidates, member: Mask, few: bool, seed: int
) -> MembershipRate:
    at = _LENIENT if few else _STRICT
    value = true_positive_rate(ratios[member], ratios[~member], at)
    low, high = true_positive_interval(ratios, member, candidates.series, at, seed=seed)
    return MembershipRate(at, value, low, high)
