"""Does adding series help, and what would rules that decide have done?"""

from .choice_rule import choice_rule
from .helps import helps
from .many_ways import many_ways
from .settings import ChoiceArm, ChoiceRuleStudy, HelpsArm, HelpsStudy, ManyWaysStudy

__all__ = [
    "ChoiceArm",
    "ChoiceRuleStudy",
    "HelpsArm",
    "HelpsStudy",
    "ManyWaysStudy",
    "choice_rule",
    "helps",
    "many_ways",
]
