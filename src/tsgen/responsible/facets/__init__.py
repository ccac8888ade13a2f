"""Groups of users, or of series, by what a table says of them."""

from .groups import OTHER_GROUP, UNKNOWN_GROUP, Facet, FacetChoice, read_facets
from .terms import FacetTerms, Term, parse_facet
from .user_tables import AttributeTable, attributes_of, rows_of

__all__ = [
    "OTHER_GROUP",
    "UNKNOWN_GROUP",
    "AttributeTable",
    "Facet",
    "FacetChoice",
    "FacetTerms",
    "Term",
    "attributes_of",
    "parse_facet",
    "read_facets",
    "rows_of",
]
