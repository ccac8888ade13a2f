"""The protocols by the names that study files give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..settings import ArmSettings, StudySettings
from ..sources import StudySources
from .activity import ActivityArm, ActivityStudy, activity
from .audience import AudienceArm, AudienceStudy, audience
from .augmentation import (
    ChoiceArm,
    ChoiceRuleStudy,
    HelpsArm,
    HelpsStudy,
    ManyWaysStudy,
    choice_rule,
    helps,
    many_ways,
)
from .channels import ChannelsArm, ChannelsStudy, channels
from .covariates import CovariatesArm, CovariatesStudy, covariates
from .factors import FactorsArm, FactorsStudy, factors
from .fidelity import AuthorsArm, AuthorsStudy, HeldOutArm, HeldOutStudy, authors, held_out
from .forecasters import ForecastersArm, ForecastersStudy, forecasters
from .gap_filling import GapFillingArm, GapFillingStudy, gap_filling
from .new_items import NewItemsArm, NewItemsStudy, new_items
from .online_campaigns import OnlineCampaignsArm, OnlineCampaignsStudy, online_campaigns
from .responsible import (
    GroupsArm,
    GroupsStudy,
    InteractionArm,
    InteractionStudy,
    ReasonsArm,
    ReasonsStudy,
    explained_scores,
    groups,
    interaction,
)
from .totals import TotalsArm, TotalsStudy, totals
from .uplift_coverage import UpliftCoverageArm, UpliftCoverageStudy, uplift_coverage
from .user_split import UserSplitArm, UserSplitStudy, user_split

__all__ = ["PROTOCOLS", "Protocol"]


class Protocol(NamedTuple):
    """How a kind of study is checked and computed.

    Attributes:
        compute: (study, arm, seed, sources) -> the numbers of one cell, with a table `measures`.
        study: What the study file says, but for its arms.
        arm: What one arm says.
    """

    compute: Callable[[Mapping[str, Any], Mapping[str, Any], int, StudySources], dict[str, Any]]
    study: type[StudySettings]
    arm: type[ArmSettings]


PROTOCOLS = {
    "held-out": Protocol(held_out, HeldOutStudy, HeldOutArm),
    "authors": Protocol(authors, AuthorsStudy, AuthorsArm),
    "channels": Protocol(channels, ChannelsStudy, ChannelsArm),
    "covariates": Protocol(covariates, CovariatesStudy, CovariatesArm),
    "activity": Protocol(activity, ActivityStudy, ActivityArm),
    "user-split": Protocol(user_split, UserSplitStudy, UserSplitArm),
    "audience": Protocol(audience, AudienceStudy, AudienceArm),
    "gap-filling": Protocol(gap_filling, GapFillingStudy, GapFillingArm),
    "new-items": Protocol(new_items, NewItemsStudy, NewItemsArm),
    "forecasters": Protocol(forecasters, ForecastersStudy, ForecastersArm),
    "online-campaigns": Protocol(online_campaigns, OnlineCampaignsStudy, OnlineCampaignsArm),
    "uplift-coverage": Protocol(uplift_coverage, UpliftCoverageStudy, UpliftCoverageArm),
    "totals": Protocol(totals, TotalsStudy, TotalsArm),
    "helps": Protocol(helps, HelpsStudy, HelpsArm),
    "many-ways": Protocol(many_ways, ManyWaysStudy, ChoiceArm),
    "choice-rule": Protocol(choice_rule, ChoiceRuleStudy, ChoiceArm),
    "factors": Protocol(factors, FactorsStudy, FactorsArm),
    "groups": Protocol(groups, GroupsStudy, GroupsArm),
    "interaction": Protocol(interaction, InteractionStudy, InteractionArm),
    "reasons": Protocol(explained_scores, ReasonsStudy, ReasonsArm),
}
"""Name, as studies give it -> what checks and computes a cell."""
