"""How sure differences of two distributions are: users are drawn anew on both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tsgen.arrays import Array
from tsgen.metrics import percentile_interval
from tsgen.rng import numpy_stream

from .measures import largest_difference, stability_index

__all__ = ["COMPARISONS", "comparison_intervals"]

COMPARISONS: Mapping[str, Callable[[Array, Array], float]] = {
    "mean": lambda before, after: float(after.mean()),
    "stability": stability_index,
    "KS": largest_difference,
}
"""Name -> from numbers before and after to the number that is compared."""

_DRAWS = 200


def comparison_intervals(
    before: Array, after: Array, *, seed: int, draws: int = _DRAWS
) -> dict[str, tuple[float, float]]:
    """Return the interval of 95 % of each comparison of two distributions.

    A distance of two samples is above 0 even if nothing has changed, and so are the ends of its
    interval.

    Args:
        before: (n,) numbers of users.
        after: (m,) numbers of users.
        seed: Same seed, same ends.
        draws: Draws with replacement, on each side.
    """
    random = numpy_stream(seed, "drift")
    drawn: dict[str, list[float]] = {name: [] for name in COMPARISONS}
    for _ in range(draws):
        sides = [side[random.integers(0, len(side), len(side))] for side in (before, after)]
        for name, compare in COMPARISONS.items():
            drawn[name].append(compare(*sides))
    return {name: percentile_interval(np.array(values)) for name, values in drawn.items()}
