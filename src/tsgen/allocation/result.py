"""The result of an allocation: one table, its summary, hold-outs, and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tsgen.displays import amount, html_facts
from tsgen.errors import SettingsError
from tsgen.results import StudyResult, library_versions

from .prices import CampaignPrices

__all__ = ["Allocation"]

_NO_GAP = 5e-5
"""Distances to the best plan below this are none."""


@dataclass(frozen=True, eq=False)
class Allocation:
    """Who gets which offer.

    Attributes:
        table: One row a contact: user_id, campaign, rank (within the campaign, from 1),
            expected_engagements, expected_value, cost, arm ("contact"), price (what the contact
            takes from other users, in units of value; NaN where the solver has no prices).
            Campaigns in their order, then by rank. `table.attrs` holds `facts`, which Parquet
            keeps.
        holdouts: The same columns with arm "holdout": users who would have been contacted at these
            prices if they were not held out, the group to compare with. Nobody of it is in `table`
            for that campaign.
        summary: One row a campaign: users, expected engagements and value, cost, hold-outs,
            overlap (users who are in another campaign as well), which limits bind, and what one
            more contact and one more unit of money would bring.
        facts: The model, cut-off, horizon, seed, solver, worth, bound and gap, and how many users
            were left out for what reason.
    """

    table: pd.DataFrame
    holdouts: pd.DataFrame
    summary: pd.DataFrame
    facts: dict[str, Any]
    fitted: CampaignPrices | None

    def __repr__(self) -> str:
        users = self.table["user_id"].nunique()
        nobody = len(self.facts["without contacts"])
        without = f", {nobody} without a contact (see answer)" if nobody else ""
        return (
            f"Allocation({len(self.table)} contacts of {users} users in {len(self.summary)} "
            f"campaigns{without}, value {self.facts['value']:.6g}{self._gap})"
        )

    def _repr_html_(self) -> str:
        facts = {k: v for k, v in self.facts.items() if k != "without contacts"}
        return html_facts(self.answer, facts) + str(self.summary.to_html(escape=True, index=False))

    @property
    def _gap(self) -> str:
        gap = self.facts["gap"]
        if gap is None:
            return ""
        if gap < _NO_GAP:
            return ", and no plan within these limits brings more"
        return f", at most {100 * gap:.2g} % below the best plan within these limits"

    @property
    def prices(self) -> CampaignPrices:
        """The prices, with all contacts and budgets unused, for users who arrive one by one.

        Raises:
            SettingsError: The solver has none, or demands about groups make them differ by group.
        """
        if "groups" in self.facts:
            raise SettingsError(
                "Campaigns with a facet have prices that differ by group; users who arrive one by "
                "one cannot be decided by them."
            )
        if self.fitted is None:
            raise SettingsError("The greedy solver has no prices; use solver='dual' or 'exact'.")
        return self.fitted.copy()

    def to_result(self, command: str | None = None) -> StudyResult:
        """Return the summary as a study's result of the kind "campaigns", for a page.

        Args:
            command: What was typed, to be kept with the result.
        """
        metrics = ["users", "expected_engagements", "expected_value", "cost", "held_out", "overlap"]
        table = self.summary.melt("campaign", metrics, var_name="metric", value_name="value")
        table = table.assign(
            value=table["value"].astype(float), spread=float("nan"), better="higher",
            protocol="plan", n=self.facts["counts"]["users"], seed=self.facts["seed"],
        )  # fmt: skip
        summary = self.summary.astype(object).where(self.summary.notna(), None)
        facts: dict[str, Any] = {
            "study": "campaigns",
            **self.facts,
            "summary": [{**row, "limited_by": _limits(row)} for row in summary.to_dict("records")],
            "versions": library_versions(),
        }
        return StudyResult(table, self.answer, facts | ({"command": command} if command else {}))

    @property
    def answer(self) -> str:
        """The result in sentences."""
        value, cost = (float(self.table[name].sum()) for name in ("expected_value", "cost"))
        lines = [
            f"{len(self.table):,} contacts of {self.table['user_id'].nunique():,} users for "
            f"{amount(cost)}: {amount(self.table['expected_engagements'].sum())} engagements worth "
            f"{amount(value)} are expected, {amount(value - cost)} after the cost{self._gap}."
        ]
        counts = self.facts["counts"]
        if counts.get("excluded by the list") or counts.get("its entries not known"):
            lines.append(
                f"{counts['excluded by the list']:,} users excluded by the list, "
                f"{counts['its entries not known']:,} of its entries not known; "
                f"{counts['left to contact']:,} of {counts['users']:,} users left to contact."
            )
        lines += [
            f"{name}: {own['excluded']:,} users excluded by its own list, {own['unknown']:,} of "
            "its entries not known."
            for name, own in self.facts.get("own lists", {}).items()
        ]
        lines += [self._line(row) for row in self.summary.to_dict("records")]
        lines += self.facts["without contacts"].values()
        lines += [self._price] if "price" in self.facts else []
        if len(self.holdouts):
            held = self.holdouts["user_id"].nunique()
            lines.append(f"{held} users would be contacted but are held out, to compare with.")
        return "\n".join(lines)

    @property
    def _price(self) -> str:
        price = self.facts["price"]
        engagements, value = (
            f"{amount(price[f'{name} before'])} to {amount(price[f'{name} after'])} "
            f"({-100 * price[f'{name} lost share']:+.1f} %)"
            for name in ("expected_engagements", "expected_value")
        )
        return (
            f"Demands about groups: {price['swapped']:,} contacts are with others than without "
            f"them; expected engagements go from {engagements}, the expected value from {value}."
        )

    @staticmethod
    def _line(row: dict[Any, Any]) -> str:
        overlap = f" ({row['overlap']:,} also elsewhere)" if row["overlap"] else ""
        text = (
            f"{row['campaign']}: {row['users']:,} users{overlap}, "
            f"{amount(row['expected_engagements'])} engagements, value "
            f"{amount(row['expected_value'])}, cost {amount(row['cost'])}"
        )
        if row["binding"]:
            text += f"; limited by {_limits(row)}"
        if row["contact_price"] > 0:
            text += f": ten more contacts would bring about {10 * row['contact_price']:.3g}"
        elif row["contact_price"] < 0:
            text += f": ten contacts fewer would bring about {-10 * row['contact_price']:.3g}"
        if row["money_price"] > 0:
            text += f"; ten more of budget would bring about {10 * row['money_price']:.3g}"
        return text + "."


def _limits(row: Mapping[Any, Any]) -> str:
    """Return what leaves no room for one more contact, in words."""
    words = {
        "at_most": f"its greatest size, {row['at_most']:,}",
        "at_least": f"its least size, {row['at_least']:,}",
        "exactly": f"its size, {row['at_most']:,}",
        "budget": "its budget",
        "budget of all": "the budget of all campaigns",
    }
    return " and by ".join(words[name] for name in row["binding"].split(", ") if name)
