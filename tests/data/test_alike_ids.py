"""Ids that are one but for the way of writing are counted and told."""

import pandas as pd
import pytest

from tsgen.data import Interactions, to_dataset
from tsgen.data.alike_ids import warn_of_alike
from tsgen.errors import DataWarning

DAYS = pd.date_range("2024-01-01", periods=3)
COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def test_ids_that_differ_by_blanks_are_counted_with_the_first_and_the_remedy():
    with pytest.warns(DataWarning) as caught:
        warn_of_alike(["a", "b c", "a ", 7, "bc", "\u00a0a", "d"], "sku", "item")
    (told,) = caught
    assert str(told.message).startswith("3 item ids of column 'sku' differ")
    assert "by blanks only" in str(told.message)
    assert "'a ', beside 'a'" in str(told.message)
    assert str(told.message).endswith("table['sku'].str.strip().")


@pytest.mark.parametrize(
    ("ids", "ways", "shown"),
    [
        (["u1", "U1"], "case", "'U1', beside 'u1'"),
        (["b", "STRASSE", "stra\u00dfe"], "case", "'stra\u00dfe', beside 'STRASSE'"),
        ([COMPOSED, DECOMPOSED], "Unicode form", r"'cafe\u0301', beside 'caf\xe9'"),
        ([COMPOSED, "CAFE\u0301 "], "blanks and Unicode form and case", r"'CAFE\u0301 '"),
        (["a", "A", "a "], "blanks and case", "2 user ids"),
    ],
)  # fmt: skip
def test_the_ways_are_named_and_the_remedy_makes_them_one(ids, ways, shown):
    with pytest.warns(DataWarning) as caught:
        warn_of_alike(ids, "who", "user")
    (told,) = [str(one.message) for one in caught]
    assert f"by {ways} only" in told
    assert shown in told
    table = pd.DataFrame({"who": ids})
    remedy = told.rpartition("such as ")[2].removesuffix(".")
    assert eval(remedy, {"table": table}).nunique() == table["who"].nunique() - int(told[0])


def test_other_ids_are_passed_in_silence():
    warn_of_alike(["a", "b c", "b-c", "\u00e9", "e", 1, None], "sku", "item")
    warn_of_alike(["u1", "u2", "1"], "sku", "item")


def test_events_tell_of_users_and_items_once_for_all_parts():
    table = pd.DataFrame({"user_id": ["u", "u ", "v"], "item_id": ["i", "i", "I"]})
    with pytest.warns(DataWarning) as caught:
        log = Interactions.from_frame(table.assign(timestamp=DAYS))
    told = [str(one.message) for one in caught if "stay ids of their own" in str(one.message)]
    assert [text[:11] for text in told] == ["1 user ids ", "1 item ids "]
    assert (log.num_users, log.num_items) == (3, 2)


@pytest.mark.parametrize(("one", "other"), [("a", " a"), ("a", "A"), (COMPOSED, DECOMPOSED)])
def test_series_tell_of_tables_and_of_entries(one, other):
    table = pd.DataFrame({"item_id": [one] * 3 + [other] * 3, "timestamp": [*DAYS, *DAYS]})
    with pytest.warns(DataWarning, match="1 item ids of column 'item_id'"):
        assert len(to_dataset(table.assign(target=1.0))) == 2
    entry = {"start": pd.Period("2024-01-01", "D"), "target": [1.0, 2.0]}
    with pytest.warns(DataWarning, match="1 item ids"):
        to_dataset([{"item_id": one, **entry}, {"item_id": other, **entry}])
