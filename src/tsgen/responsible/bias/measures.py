"""Measures of a group d against others a, each with its meaning, what it needs and its source.

q is a share with an outcome, p a share taken, of the members of a group. A measure is a function of
both groups' `Counts`, so it is the same function under the weights of a bootstrap. Conventions are
those of Clarify: 0 / 0 is 0, and the difference of two infinities is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tsgen.arrays import Array, Mask

from .counts import Counts, divide

__all__ = ["FEWEST", "GROUP_MEASURES", "GroupMeasure", "measures_in_points"]

FEWEST = 30
"""Below so many users that carry a measure's rates, it says "too few to say"."""

Support = Literal["members", "taken", "outcomes", "acted", "selected", "rest"]
Formula = Callable[[Counts, Counts], Array]

_CLARIFY = "Amazon SageMaker Clarify"


@dataclass(frozen=True, eq=False)
class GroupMeasure:
    """A number about a group d and those it is compared with, a.

    Attributes:
        name: Its abbreviation.
        meaning: What it is, for people.
        even: Its value when the groups are treated alike.
        formula: From the counts of a and of d to the value; within strata the last axis of the
            counts is the stratum, and the value is without it.
        support: Which users carry its rates; see `support_of`.
        by_stratum: Whether it looks within strata.
        in_points: Whether it is a difference of shares, which people read in points of a hundred.
        source: Who defined it so.
    """

    name: str
    meaning: str
    even: float
    formula: Formula
    support: Support
    by_stratum: bool = False
    in_points: bool = False
    source: str = _CLARIFY

    @property
    def needs_outcomes(self) -> bool:
        """Whether it can be known only afterwards."""
        return self.support not in ("members", "taken")

    def __call__(self, a: Counts, d: Counts) -> Array:
        """Return its values; counts of shape (..., strata)."""
        if self.by_stratum:
            return self.formula(a, d)
        return self.formula(a.over_strata(), d.over_strata())

    def support_of(self, a: Counts, d: Counts) -> Array:
        """Return the fewest users, of both groups, that carry the rates; (..., strata) counts.

        A group that is left out has few who are taken, and that is the finding: for shares taken
        (or with an outcome) it is as many as there would be if both groups had the same share.
        """
        a, d = a.over_strata(), d.over_strata()
        return np.minimum(_carried(self.support, a, a, d), _carried(self.support, d, a, d))


def _carried(support: Support, group: Counts, a: Counts, d: Counts) -> Array:
    if support == "taken":
        return group.n * divide(a.selected + d.selected, a.n + d.n)
    if support == "outcomes":
        return group.n * divide(a.acted + d.acted, a.n + d.n)
    if support == "rest":
        return np.minimum(group.n - group.acted, group.n - group.selected)
    return {"members": group.n, "acted": group.acted, "selected": group.selected}[support]


def _difference(first: Array, second: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(first) & (first == second), 0.0, first - second)


def _labels(counts: Counts) -> tuple[Array, Array]:
    """Return the shares without and with an outcome."""
    q = divide(counts.acted, counts.n)
    return 1 - q, q


def _shared(a: Counts, d: Counts) -> list[tuple[Array, Array, Mask]]:
    """Return the shares of both groups for each label, and whether both have any of it."""
    pairs = zip(_labels(a), _labels(d), strict=True)
    return [(p, r, (p > 0) & (r > 0)) for p, r in pairs]


def _kl(a: Counts, d: Counts) -> Array:
    return np.asarray(sum(_relative(p, r, both) for p, r, both in _shared(a, d)))


def _relative(p: Array, r: Array, both: Mask) -> Array:
    return np.where(both, p * np.log(np.where(both, p, 1.0) / np.where(both, r, 1.0)), 0.0)


def _js(a: Counts, d: Counts) -> Array:
    parts = [
        _relative(p, (p + r) / 2, both) + _relative(r, (p + r) / 2, both)
        for p, r, both in _shared(a, d)
    ]
    return np.asarray(sum(parts) / 2)


def _distances(a: Counts, d: Counts) -> Array:
    """Return |P_a - P_d| of both labels, (2, ...); 0 where a group lacks the label."""
    return np.stack([np.where(both, np.abs(p - r), 0.0) for p, r, both in _shared(a, d)])


def _accuracy(c: Counts) -> Array:
    return divide(c.hits + c.passed, c.n)


def _entropy(a: Counts, d: Counts) -> Array:
    """Generalised entropy of the benefits taken - acted + 1, alpha 2, of both groups together."""
    n, alarms, missed = a.n + d.n, a.false_alarms + d.false_alarms, a.missed + d.missed
    mean = divide(n + alarms - missed, n)
    squares = divide(4 * alarms + (n - alarms - missed), n)
    return (divide(squares, mean**2) - 1) / 2


def _disparity(a: Counts, d: Counts, taken: str = "selected") -> Array:
    """Return d's share of those not taken, less its share of those taken."""
    t_a, t_d = getattr(a, taken), getattr(d, taken)
    return divide(d.n - t_d, a.n + d.n - t_a - t_d) - divide(t_d, t_a + t_d)


def _conditional(taken: str) -> Formula:
    """Return the mean disparity over strata, weighted by their sizes.

    Source: Wachter, Mittelstadt, Russell (2021), "Why fairness cannot be automated".
    """

    def formula(a: Counts, d: Counts) -> Array:
        n = a.n + d.n
        return divide((n * _disparity(a, d, taken)).sum(axis=-1), n.sum(axis=-1))

    return formula


def _of(
    name: str,
    meaning: str,
    support: Support,
    formula: Formula,
    even: float = 0.0,
    *,
    by_stratum: bool = False,
) -> GroupMeasure:
    return GroupMeasure(name, meaning, even, formula, support, by_stratum, name in _DIFFERENCES)


_DIFFERENCES = frozenset(
    {"DPPL", "DD", "CDD", "DPL", "TVD", "KS", "CDDL", "RD", "DAR", "DRR", "AD", "SD"}
)
"""Differences of two shares."""


_LIST = [
    _of("CI", "how much smaller the group is: (n_a - n_d) / (n_a + n_d)", "members",
        lambda a, d: divide(a.n - d.n, a.n + d.n)),
    _of("DPPL", "difference of the shares taken: p_a - p_d", "taken",
        lambda a, d: divide(a.selected, a.n) - divide(d.selected, d.n)),
    _of("DI", "disparate impact, ratio of the shares taken: p_d / p_a", "taken",
        lambda a, d: divide(divide(d.selected, d.n), divide(a.selected, a.n)), 1.0),
    _of("DD", "demographic disparity: the group's share of those not taken, less its share of "
        "those taken", "taken", _disparity),
    _of("CDD", "demographic disparity within strata, weighted by their sizes", "taken",
        _conditional("selected"), by_stratum=True),
    _of("DPL", "difference of the shares with an outcome: q_a - q_d", "outcomes",
        lambda a, d: divide(a.acted, a.n) - divide(d.acted, d.n)),
    _of("KL", "Kullback-Leibler divergence of outcomes", "outcomes", _kl),
    _of("JS", "Jensen-Shannon divergence of outcomes", "outcomes", _js),
    _of("LP", "Euclidean distance of the shares of outcomes", "outcomes",
        lambda a, d: np.sqrt((_distances(a, d) ** 2).sum(axis=0))),
    _of("TVD", "total variation distance of outcomes", "outcomes",
        lambda a, d: _distances(a, d).sum(axis=0) / 2),
    _of("KS", "largest difference of a share of outcomes", "outcomes",
        lambda a, d: _distances(a, d).max(axis=0)),
    _of("CDDL", "demographic disparity of outcomes within strata", "outcomes",
        _conditional("acted"), by_stratum=True),
    _of("RD", "difference of recall: how many of those who acted were taken", "acted",
        lambda a, d: divide(a.hits, a.acted) - divide(d.hits, d.acted)),
    _of("DAR", "difference of precision: how many of those taken acted", "selected",
        lambda a, d: divide(a.hits, a.selected) - divide(d.hits, d.selected)),
    _of("DRR", "difference, d less a, of how many of those not taken did not act", "rest",
        lambda a, d: divide(d.passed, d.n - d.selected) - divide(a.passed, a.n - a.selected)),
    _of("DCA", "difference of those who acted over those taken", "selected",
        lambda a, d: _difference(divide(a.acted, a.selected), divide(d.acted, d.selected))),
    _of("DCR", "difference, d less a, of those who did not act over those not taken", "rest",
        lambda a, d: _difference(divide(d.n - d.acted, d.n - d.selected),
                                 divide(a.n - a.acted, a.n - a.selected))),
    _of("AD", "difference of accuracy", "acted", lambda a, d: _accuracy(a) - _accuracy(d)),
    _of("SD", "difference, d less a, of specificity", "rest",
        lambda a, d: divide(d.passed, d.n - d.acted) - divide(a.passed, a.n - a.acted)),
    _of("TE", "treatment equality, d less a: missed over wrongly taken", "acted",
        lambda a, d: _difference(divide(d.missed, d.false_alarms),
                                 divide(a.missed, a.false_alarms))),
    _of("GE", "generalised entropy (alpha 2) of what users got, both groups together", "acted",
        _entropy),
]  # fmt: skip


GROUP_MEASURES: dict[str, GroupMeasure] = {measure.name: measure for measure in _LIST}
"""By name, those that need no outcomes first."""


def measures_in_points(names: Iterable[str]) -> list[str]:
    """Return which names of rows are differences of shares; parts of a gap are, as the gap is."""
    return [
        name
        for name in dict.fromkeys(names)
        if (measure := GROUP_MEASURES.get(name.partition(" from ")[0])) and measure.in_points
    ]
