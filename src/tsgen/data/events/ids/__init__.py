"""Ids of users and items: their spellings, their codes, and lists of them in files."""

from .id_lists import (
    IdList,
    OnUnknown,
    id_entries,
    read_id_list,
)
from .list_faults import fault_of_list, refuse_list
from .spelling import Spellings, is_blank, is_digest, spelling
from .vocabulary import Vocabulary

__all__ = [
    "IdList",
    "OnUnknown",
    "Spellings",
    "Vocabulary",
    "fault_of_list",
    "id_entries",
    "is_blank",
    "is_digest",
    "read_id_list",
    "refuse_list",
    "spelling",
]
