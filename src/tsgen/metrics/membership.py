"""How well an attacker tells what a model was trained on: likelihood ratios, rates, intervals.

The attack of Carlini et al. 2022 (LiRA): models like the one attacked are trained with and without
each candidate; a score of the candidate (here how near it lies to what a model gives away) is
likelier to come from one kind than from the other. The true-positive rate at few false positives is
what counts: who is found for sure is harmed, whatever the mean over all.

Shape legend: n candidates, R reference models, m members, t non-members.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, Mask
from tsgen.errors import DataError
from tsgen.rng import numpy_stream

from .resampling import percentile_interval

__all__ = ["likelihood_ratios", "true_positive_interval", "true_positive_rate"]

_LEAST_SPREAD = 1e-3
_DRAWS = 1000


def likelihood_ratios(scores: npt.ArrayLike, references: npt.ArrayLike, inside: Mask) -> Array:
    """Return log p(score | member) - log p(score | not), (n,); above 0 says member.

    Both are normal with each candidate's own mean and a variance common to all candidates, which
    few reference models can tell.

    Args:
        scores: (n,), of the attacked model.
        references: (R, n), of the reference models.
        inside: (R, n), which reference models were trained on which candidates.

    Raises:
        DataError: A candidate has no reference model with it, or none without it.
    """
    seen, given = np.asarray(scores, np.float64), np.asarray(references, np.float64)
    for kind, mask in (("with", inside), ("without", ~inside)):
        if not mask.any(axis=0).all():
            raise DataError(
                f"Candidate {int((~mask.any(axis=0)).argmax())} has no reference model trained "
                f"{kind} it; train each candidate into some reference models and not into others."
            )
    ratio: Array = _log_normal(seen, given, inside) - _log_normal(seen, given, ~inside)
    return ratio


def true_positive_rate(
    members: npt.ArrayLike, non_members: npt.ArrayLike, false_positive_rate: float
) -> float:
    """Return the share of members above the threshold that so many non-members exceed at most.

    Ties with the threshold count as not found, for members and non-members alike.

    Args:
        members: (m,), scores; the higher, the likelier a member.
        non_members: (t,).
        false_positive_rate: Such as 0.01.
    """
    ordered = np.sort(np.asarray(non_members, np.float64))[::-1]
    allowed = int(false_positive_rate * len(ordered) + 1e-9)
    return float((np.asarray(members, np.float64) > ordered[allowed]).mean())


def true_positive_interval(
    scores: npt.ArrayLike,
    member: Mask,
    groups: npt.ArrayLike,
    false_positive_rate: float,
    *,
    seed: int,
) -> tuple[float, float]:
    """Return the 95 % interval of the true-positive rate, a bootstrap over groups.

    Members and non-members are resampled apart, whole groups at a time (windows of a series are
    members together and alike), and the threshold with them.

    Args:
        scores: (n,).
        member: (n,).
        groups: (n,), such as each window's series.
        false_positive_rate: Such as 0.01.
        seed: Same seed, same interval.
    """
    values, owner = np.asarray(scores, np.float64), np.asarray(groups)
    stream = numpy_stream(seed, "membership interval")
    sides = [_by_group(values[side], owner[side]) for side in (member, ~member)]
    rates = []
    for _ in range(_DRAWS):
        drawn = [
            np.concatenate([side[k] for k in stream.integers(len(side), size=len(side))])
            for side in sides
        ]
        rates.append(true_positive_rate(drawn[0], drawn[1], false_positive_rate))
    return percentile_interval(rates)


def _log_normal(scores: Array, references: Array, mask: Mask) -> Array:
    """Return the log density of each score under the reference models of its mask, (n,)."""
    counts = mask.sum(axis=0)
    means = np.where(mask, references, 0.0).sum(axis=0) / counts
    gaps = np.where(mask, references - means, 0.0)
    freedom = max(int((counts - 1).sum()), 1)
    spread = max(float(np.sqrt((gaps**2).sum() / freedom)), _LEAST_SPREAD)
    density: Array = -(((scores - means) / spread) ** 2) / 2 - np.log(spread)
    return density


def _by_group(values: Array, owner: npt.NDArray[np.generic]) -> list[Array]:
    return [values[owner == group] for group in np.unique(owner)]
