"""A RIM teaches towers, and gets them in the place of its relevance and pair part."""

from .distilling import with_towers

__all__ = ["with_towers"]
