"""What a page says of one run, by kind of study."""

from .base import Picture, Section, csv_address
from .comparison import comparisons
from .data import histogram_pictures
from .kinds import section_of

__all__ = ["Picture", "Section", "comparisons", "csv_address", "histogram_pictures", "section_of"]
