"""Does adding series help, and what would rules that decide have done?"""

from .choice_rule import choice_rule
from .helps import helps
from .settings import ChoiceArm, ChoiceRuleStudy, HelpsArm, HelpsStudy

__all__ = ["ChoiceArm", "ChoiceRuleStudy", "HelpsArm", "HelpsStudy", "choice_rule", "helps"]
