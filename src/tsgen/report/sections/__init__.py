"""What a page says of one run, by kind of study."""

from .comparison import comparisons
from .kinds import section_of

__all__ = ["comparisons", "section_of"]
