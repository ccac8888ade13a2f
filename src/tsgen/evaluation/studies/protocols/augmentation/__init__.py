"""Does adding series help, and what would rules that decide have done?"""

from .choice_rule import choice_rule
from .helps import helps

__all__ = ["choice_rule", "helps"]
