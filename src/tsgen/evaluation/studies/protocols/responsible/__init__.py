"""Who is targeted, and why; does a forecaster use other series?"""

from .groups import GroupsArm, GroupsStudy, groups
from .interaction import InteractionArm, InteractionStudy, interaction
from .reasons import ReasonsArm, ReasonsStudy, explained_scores

__all__ = [
    "GroupsArm",
    "GroupsStudy",
    "InteractionArm",
    "InteractionStudy",
    "ReasonsArm",
    "ReasonsStudy",
    "explained_scores",
    "groups",
    "interaction",
]
