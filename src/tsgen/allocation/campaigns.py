"""Campaigns and the plan that holds them: validated values, from Python or TOML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from tsgen.data import plain_value
from tsgen.data.events import id_entries, read_span
from tsgen.errors import SettingsError
from tsgen.settings import Settings, read_settings_file

__all__ = ["Campaign", "Plan"]


def _items(value: Any) -> Any:
    several = isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes)
    return tuple(value) if several else (value,)


Contacts = Annotated[int, BeforeValidator(plain_value), Field(strict=True, ge=0)]
_MOST = 1e15
"""Of money, in whatever currency; sums of more would not be exact."""
Money = Annotated[float, BeforeValidator(plain_value), Field(ge=0, le=_MOST, allow_inf_nan=False)]
Share = Annotated[float, BeforeValidator(plain_value), Field(ge=0, le=1, allow_inf_nan=False)]


class Campaign(Settings):
    """One offer: what it is about, whom it may reach, what it may use and what it brings.

    Example:
        >>> from tsgen.allocation import Campaign
        >>> Campaign(name="bags", items=["85099B"], at_most=500, cost=0.4, value=6.0).at_most
        500
    """

    name: str = Field(min_length=1)
    """What it is called; no two campaigns of a plan have one name."""

    items: Annotated[tuple[Any, ...], BeforeValidator(_items)] = ()
    """Ids of its items; expected engagements add up over them."""

    item_where: dict[str, Any] = Field(default_factory=dict)
    """Instead of `items`: attributes of its items, {"category": ["toys", "games"]}."""

    at_most: Contacts | None = None
    """Users it may have; None is as many as there are."""

    at_least: Contacts | None = None
    """Users it must have."""

    exactly: Contacts | None = None
    """Users it must have and may have."""

    budget: Money | None = None
    """What its contacts may cost together."""

    cost: Money | str = 0.0
    """Cost of a contact: a number, or a column of the user table."""

    value: Money | Literal["spend"] = 1.0
    """What an engagement is worth: a number, or "spend", what the pair is expected to spend."""

    min_probability: Share = 0.0
    """Smallest chance of at least one engagement that a user must have."""

    where: dict[str, Any] = Field(default_factory=dict)
    """Attributes that users must have."""

    exclude_where: dict[str, Any] = Field(default_factory=dict)
    """Attributes of users to leave out."""

    exclude: tuple[Any, ...] | None = None
    """Ids of users to leave out of this campaign."""

    exclude_seen: bool | str | tuple[str, ...] = False
    """Leave out who has engaged with its items already; an attribute of items, or several, leaves
    out who has engaged with an item that equals one of them in it as well."""

    holdout: Share = 0.0
    """Share of the users that this campaign never contacts, to measure it against."""

    facet: str | dict[str, Any] | None = None
    """Groups of its users that a demand is about, "gender" or "age<25"; see `tsgen.rebalance`."""

    min_ratio: Share | None = None
    """Each group's share of contacts is at least so much of the others'."""

    min_share: Share | None = None
    """The group has at least this share of the contacts."""

    @field_validator("exclude", mode="before")
    @classmethod
    def _check_exclude(cls, value: Any) -> Any:
        if isinstance(value, str | bytes):
            raise ValueError(f"{value!r} is a text; give a list of user ids")
        return value if value is None else id_entries(value)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.items) == bool(self.item_where):
            raise ValueError(f"campaign '{self.name}' needs items or item_where, one of the two")
        if self.exactly is not None and not self.at_most is self.at_least is None:
            raise ValueError(f"campaign '{self.name}' has exactly beside at_most or at_least")
        if self.most is not None and self.least > self.most:
            raise ValueError(
                f"campaign '{self.name}' wants at_least={self.least} and at_most={self.most} "
                "users; the minimum is above the maximum"
            )
        self._check_money()
        self._check_demand()
        return self

    def _check_demand(self) -> None:
        demands = [one for one in (self.min_ratio, self.min_share) if one is not None]
        if len(demands) != (0 if self.facet is None else 1):
            raise ValueError(
                f"campaign '{self.name}' needs facet with one of min_ratio and min_share, or none "
                "of the three"
            )
        if 0.0 in demands:
            raise ValueError(f"campaign '{self.name}' demands 0 of its groups; leave facet out")

    def _check_money(self) -> None:
        if self.budget is None:
            return
        if self.cost == 0:
            raise ValueError(
                f"campaign '{self.name}' has a budget but its contacts cost nothing; give cost="
            )
        if not isinstance(self.cost, str) and self.budget < self.cost * max(self.least, 1):
            raise ValueError(
                f"campaign '{self.name}' has a budget of {self.budget:g}, below the "
                f"{self.cost * max(self.least, 1):g} that {max(self.least, 1)} contact(s) cost"
            )

    @property
    def least(self) -> int:
        """Users it must have."""
        return int(self.at_least or 0) if self.exactly is None else self.exactly

    @property
    def most(self) -> int | None:
        """Users it may have."""
        return self.at_most if self.exactly is None else self.exactly


def _campaigns(value: Any) -> Any:
    if isinstance(value, Mapping | Campaign):
        value = [value]
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError("give a list of campaigns, in TOML as [[campaigns]] tables")
    return tuple(_campaign(one, place) for place, one in enumerate(value, 1))


def _campaign(one: Any, place: int) -> Campaign:
    if isinstance(one, Campaign):
        return one
    if not isinstance(one, Mapping):
        raise ValueError(f"campaign {place} is {one!r:.80}; give a table of settings")
    try:
        return Campaign(**one)
    except SettingsError as error:
        raise ValueError(
            f"campaign {place} ({one.get('name', 'without a name')}): {error}"
        ) from None


class Plan(Settings):
    """Campaigns that share users, and what holds for all of them.

    In TOML the settings come first, then one `[[campaigns]]` table for each campaign.

    Example:
        >>> from tsgen.allocation import Plan
        >>> bags = {"name": "bags", "items": ["85099B"], "at_most": 500}
        >>> Plan(campaigns=[bags], max_campaigns=2, holdout=0.05).campaigns[0].name
        'bags'
    """

    campaigns: Annotated[tuple[Campaign, ...], BeforeValidator(_campaigns)]
    """The campaigns; their order decides exact ties."""

    max_campaigns: Annotated[Contacts, Field(ge=1)] = 1
    """Campaigns that a user may be in."""

    budget: Money | None = None
    """What all contacts may cost together."""

    objective: Literal["value", "profit"] = "value"
    """What to make most of: the expected value, or the expected value less the cost of contacts."""

    holdout: Share = 0.0
    """Share of the users that no campaign contacts."""

    on_unknown: Literal["error", "warn"] = "error"
    """A list of users to leave out of whom none is known is refused by "error"; "warn" says so."""

    salt: str = "tsgen"
    """Text that hold-outs are drawn by: the same text, the same users held out."""

    max_contacts: Contacts | None = None
    """Contacts that a user may have within `contact_window`, those already made included."""

    contact_window: str = "7D"
    """Length of the rolling window that ends with the cut-off of the model, or `at`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.campaigns:
            raise ValueError("there is no campaign; give at least one")
        twice = [
            name for name, times in Counter(c.name for c in self.campaigns).items() if times > 1
        ]
        if twice:
            raise ValueError(f"two campaigns are called '{twice[0]}'; give each a name of its own")
        if self.budget is not None and all(campaign.cost == 0 for campaign in self.campaigns):
            raise ValueError("budget is given but no campaign has a cost")
        read_span(self.contact_window, "contact_window")
        return self

    @classmethod
    def of(cls, campaigns: Any, **settings: Any) -> Self:
        """Return a plan of campaigns, of a TOML file, or a plan with some settings changed.

        Raises:
            SettingsError: A campaign or a setting is impossible.
        """
        if isinstance(campaigns, cls):
            fields = {name: getattr(campaigns, name) for name in campaigns.model_fields_set}
            return cls(**fields | settings)
        if isinstance(campaigns, str | Path):
            return cls(**read_settings_file(Path(campaigns)) | settings)
        return cls(campaigns=campaigns, **settings)

    def check_spend(self, spend: Any) -> None:
        """Refuse a log of spend that no campaign asks for.

        Raises:
            SettingsError: It is given, and no value is "spend".
        """
        if spend is not None and all(campaign.value != "spend" for campaign in self.campaigns):
            raise SettingsError(
                "spend is given, but no campaign has value='spend'; leave it out, or say so there."
            )
