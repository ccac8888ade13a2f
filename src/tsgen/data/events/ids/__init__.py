"""Ids of users and items: their spellings, their codes, and lists of them in files."""

from .id_lists import IdList, OnUnknown, read_id_list
from .spelling import Spellings, is_blank, spelling
from .vocabulary import Vocabulary

__all__ = [
    "IdList",
    "OnUnknown",
    "Spellings",
    "Vocabulary",
    "is_blank",
    "read_id_list",
    "spelling",
]
