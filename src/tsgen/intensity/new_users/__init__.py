"""Users that no event mentions: what their attributes say of them."""

from .fitting import fit_new_users
from .part import AttributeUsers

__all__ = ["AttributeUsers", "fit_new_users"]
