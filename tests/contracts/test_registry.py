"""Classes by name: imported when they are asked for."""

from collections import Counter

import pytest

from tsgen.contracts.registry import registered
from tsgen.errors import SettingsError


def test_a_name_leads_to_what_is_registered_or_to_where_it_is():
    there = {"mine": dict, "counts": "collections:Counter"}
    assert registered(there, "mine", "thing") is dict
    assert registered(there, "counts", "thing") is Counter


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match=r"no thing 'mime'\. Did you mean 'mine'\? There are"):
        registered({"mine": dict}, "mime", "thing")
