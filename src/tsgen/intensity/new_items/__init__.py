"""Items that no event mentions: relevance from attributes, calibrated like the others."""

from .adding import with_new_items
from .fitting import NewItemFitter
from .part import AttributeItems
from .reading import read_new_items

__all__ = ["AttributeItems", "NewItemFitter", "read_new_items", "with_new_items"]
