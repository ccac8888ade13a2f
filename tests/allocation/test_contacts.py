import pandas as pd
import pytest

import tsgen
from tsgen.errors import DataError, SettingsError

PLAN = [{"name": "one", "items": ["a"]}, {"name": "two", "items": ["b", "c"], "value": 2.0}]


def test_contacts_already_made_count_in_their_window(model):
    cut = model.cutoff.tz_localize(None)
    contacts = pd.DataFrame({
        "user_id": [100, 100, 101, 102],
        "timestamp": cut - pd.to_timedelta([1, 2, 3, 8], "D"),
    })  # fmt: skip
    options = {"max_contacts": 2, "contact_window": "7D", "contacts": contacts}
    table = tsgen.allocate(model, PLAN, max_campaigns=2, **options).table
    got = table["user_id"].value_counts()
    assert 100 not in got
    assert got[101] == 1
    assert got[102] == 2


def test_bad_contacts_get_one_sentence(model):
    cut = model.cutoff.tz_localize(None)
    late = pd.DataFrame({"user_id": [100, 101], "timestamp": [cut - pd.Timedelta("1D"), cut]})
    with pytest.raises(DataError, match="1 contacts in the future: row 1"):
        tsgen.allocate(model, PLAN, contacts=late, max_contacts=1)
    others = pd.DataFrame({"user_id": [7, 8], "timestamp": [cut - pd.Timedelta("1D")] * 2})
    with pytest.raises(DataError, match="None of the 2 contacts is of a user that is known"):
        tsgen.allocate(model, PLAN, contacts=others, max_contacts=1)
    with pytest.raises(SettingsError, match="without max_contacts"):
        tsgen.allocate(model, PLAN, contacts=late)
    some = pd.DataFrame({"user_id": [100, 8], "timestamp": [cut - pd.Timedelta("1D")] * 2})
    with pytest.warns(tsgen.errors.DataWarning, match="1 of 2 contacts are of users who are not"):
        tsgen.allocate(model, PLAN, contacts=some, max_contacts=1)
