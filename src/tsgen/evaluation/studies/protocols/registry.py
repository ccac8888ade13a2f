"""The protocols by the names that study files give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..sources import StudySources
from .activity import activity
from .audience import audience
from .channels import channels
from .covariates import covariates
from .factors import factors
from .fidelity import authors, held_out
from .forecasters import forecasters
from .gap_filling import gap_filling
from .new_items import new_items
from .online_campaigns import online_campaigns
from .totals import totals
from .uplift_coverage import uplift_coverage
from .user_split import user_split

__all__ = ["PROTOCOLS", "Protocol"]

Protocol = Callable[[Mapping[str, Any], Mapping[str, Any], int, StudySources], dict[str, Any]]
"""(study, arm, seed, sources) -> the numbers of one cell, with a table `measures`."""

PROTOCOLS: dict[str, Protocol] = {
    "held-out": held_out,
    "authors": authors,
    "channels": channels,
    "covariates": covariates,
    "activity": activity,
    "user-split": user_split,
    "audience": audience,
    "gap-filling": gap_filling,
    "new-items": new_items,
    "forecasters": forecasters,
    "online-campaigns": online_campaigns,
    "uplift-coverage": uplift_coverage,
    "totals": totals,
    "factors": factors,
}
"""Name, as studies give it -> what computes a cell."""
