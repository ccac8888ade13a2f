"""Prices of campaigns that decide for one user at a time, without the model."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from tsgen.arrays import AnyArray, Array
from tsgen.errors import DataError, ModelFormatError
from tsgen.persistence import fault_of
from tsgen.storage import check_own_sum, check_readable, with_own_sum, write_text

from .solving import DensePairs, Duals, Limits, solve_dual

__all__ = ["CampaignPrices", "Decision"]


_FORMAT = 1


@dataclass(frozen=True)
class Decision:
    """What a user is offered: campaigns by falling value minus price.

    Attributes:
        campaigns: Their names.
        values: Their values.
        prices: What the contacts cost others, in units of value.
    """

    campaigns: list[str]
    values: list[float]
    prices: list[float]


@dataclass(eq=False)
class CampaignPrices:
    """What a contact of each campaign is worth to other users; decides as users arrive.

    A user is offered the campaigns with the largest value minus price, as long as that is positive,
    a place is left and the budget pays for it. Contacts and money are counted down.

    Attributes:
        names: (m,) campaigns.
        contact: (m,) price of a contact.
        money: (m,) price of a unit of money.
        places: (m,) contacts left, inf for any number.
        budgets: (m,) money left, inf for any sum.
        total: Money left for all.
        max_campaigns: Campaigns that a user may be in.
        facts: Where the prices come from.

    Example:
        >>> import numpy as np
        >>> prices = CampaignPrices(["bags", "mugs"], np.array([0.5, 0.1]), np.zeros(2),
        ...                         np.array([1.0, 9.0]), np.full(2, np.inf))
        >>> prices.decide([0.9, 0.6]).campaigns, prices.decide([0.4, 0.2]).campaigns
        (['mugs'], ['mugs'])
    """

    names: list[str]
    contact: Array
    money: Array
    places: Array
    budgets: Array
    total: float = float("inf")
    max_campaigns: int = 1
    facts: dict[str, Any] = field(default_factory=dict)

    def decide(
        self, values: Any, costs: Any = 0.0, *, max_campaigns: int | None = None
    ) -> Decision:
        """Return the offers for the user who is here now, and count them.

        Args:
            values: (m,) expected value of each campaign; NaN or -inf where it may not be offered.
            costs: (m,) cost of each contact, or one number.
            max_campaigns: Campaigns for this user; None takes that of the plan.

        Raises:
            DataError: There is not one value for each campaign.
        """
        values = np.asarray(values, np.float64)
        if values.shape != self.contact.shape:
            raise DataError(
                f"values has shape {values.shape}; give one for each of the {len(self.names)} "
                "campaigns, in the order of names."
            )
        costs = np.broadcast_to(np.asarray(costs, np.float64), values.shape)
        prices = self.contact + costs * self.money
        margin = values - prices
        margin[(self.places < 1) | (costs > self.budgets) | ~(values > 0)] = -np.inf
        num = self.max_campaigns if max_campaigns is None else max_campaigns
        chosen = [place for place in _largest(margin, num) if self._pay(place, costs[place])]
        return Decision(
            [self.names[place] for place in chosen],
            [float(values[place]) for place in chosen],
            [float(prices[place]) for place in chosen],
        )

    def copy(self) -> Self:
        """Return prices that count down by themselves."""
        return replace(self, places=self.places.copy(), budgets=self.budgets.copy())

    def _pay(self, place: int, cost: float) -> bool:
        if cost > self.total:
            return False
        self.places[place] -= 1
        self.budgets[place] -= cost
        self.total -= cost
        return True

    def reprice(
        self, values: Any, costs: Any = 0.0, *, expected_users: float | None = None
    ) -> Self:
        """Return prices for what is left, by users like those who are still to come.

        Args:
            values: (n, m) expected values of recent users, -inf where an offer is not allowed.
            costs: (n, m), or anything that broadcasts to it.
            expected_users: How many are still to come; None means as many as these.
        """
        values = np.asarray(values, np.float64)
        pairs = DensePairs(np.where(np.isnan(values), -np.inf, values), np.asarray(costs))
        n, m = pairs.shape
        share = n / (n if expected_users is None else max(expected_users, 1))
        limits = Limits.of(
            self.max_campaigns,
            (n, m),
            at_most=np.minimum(self.places * share, n),
            budgets=self.budgets * share,
            total=self.total * share,
        )
        duals = _fit_duals(pairs, limits)
        return type(self)(
            list(self.names), duals.contact, duals.money + duals.total, self.places.copy(),
            self.budgets.copy(), self.total, self.max_campaigns, {**self.facts, "repriced on": n},
        )  # fmt: skip

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the prices, and what is left, as JSON.

        Raises:
            OutputError: The file exists, or the disk refused the write.
        """
        content = {
            "format": _FORMAT,
            "kind": "campaign-prices",
            "names": self.names,
            "contact": self.contact.tolist(),
            "money": self.money.tolist(),
            "places": _finite(self.places),
            "budgets": _finite(self.budgets),
            "total": _finite(np.array([self.total]))[0],
            "max_campaigns": self.max_campaigns,
            "facts": self.facts,
        }
        text = json.dumps(with_own_sum(content), indent=1, allow_nan=False)
        write_text(path, text + "\n", overwrite=overwrite)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelFormatError: The file is not one of prices.
        """
        check_readable(Path(path))
        try:
            content = json.loads(Path(path).read_text("utf-8"))
            if content["kind"] != "campaign-prices" or content["format"] != _FORMAT:
                raise ValueError("another kind or format")
            check_own_sum(Path(path), content)
            return cls(
                [str(name) for name in content["names"]],
                np.array(content["contact"], float),
                np.array(content["money"], float),
                _infinite(content["places"]),
                _infinite(content["budgets"]),
                float(_infinite([content["total"]])[0]),
                int(content["max_campaigns"]),
                dict(content["facts"]),
            )
        except ModelFormatError:
            raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelFormatError(
                f"{path} holds no prices of campaigns ({fault_of(error)}); give a "
                "file that `save` or `tsgen allocate` wrote."
            ) from None


def _fit_duals(pairs: DensePairs, limits: Limits) -> Duals:
    """Return the prices of the dual on pairs in memory."""
    numbers = 20_000_000
    solution = solve_dual(
        pairs, limits, tolerance=1e-3, max_pairs=numbers, block_numbers=numbers, seed=0
    )
    return Duals.zero(len(limits.at_most)) if solution.duals is None else solution.duals


def _largest(margin: AnyArray, num: int) -> list[int]:
    """Return the places of the largest positive margins, falling; ties to the earlier place."""
    positive = np.flatnonzero(margin > 0)
    if len(positive) > 4 * num:
        floor = np.partition(margin[positive], len(positive) - num)[len(positive) - num]
        positive = positive[margin[positive] >= floor]
    best = positive[np.argsort(-margin[positive], kind="stable")[:num]]
    return [int(place) for place in best]


def _finite(values: AnyArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _infinite(values: list[float | None]) -> Array:
    return np.array([np.inf if value is None else value for value in values], float)
