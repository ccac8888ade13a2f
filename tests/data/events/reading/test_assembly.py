"""Parts put together: order, duplicates, and tables of users and items."""

import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from strategies import event_tables
from tsgen.data import Interactions, Vocabulary
from tsgen.data.events.reading.assembly import assemble
from tsgen.data.events.reading.parts import EventPart
from tsgen.data.events.reading.read_options import ReadOptions
from tsgen.errors import DataError, DataWarning


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)


def small(**columns):
    table = {"user_id": ["b", "a", "a"], "item_id": ["x", "y", "x"], "timestamp": [30, 20, 10]}
    return pd.DataFrame(table | columns)


def test_exact_duplicates_are_kept_and_said_or_treated_as_asked():
    table = pd.concat([small(), small().iloc[[2, 2]]], ignore_index=True)
    with pytest.warns(DataWarning, match=r"^2 events repeat another exactly and are kept .*'x'"):
        assert len(Interactions.from_frame(table)) == 5
    with pytest.warns(DataWarning, match=r"^2 events .* were dropped"):
        assert len(Interactions.from_frame(table, on_duplicate="drop")) == 3
    with pytest.raises(DataError, match="user 'a', item 'x'"):
        Interactions.from_frame(table, on_duplicate="error")
    table["value"] = [1.0, 1.0, 1.0, 2.0, 3.0]  # another value is another event
    assert len(Interactions.from_frame(table, on_duplicate="error")) == 5


@given(event_tables())
def test_dropping_duplicates_leaves_each_distinct_event_once(table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        events = Interactions.from_frame(table, on_duplicate="drop")
    assert len(events) == len(table.drop_duplicates())
    assert not events.to_frame().duplicated().any()


def test_tables_of_users_and_items_may_name_more_ids_and_lack_some():
    users = pd.DataFrame({"user_id": ["z", "a"], "country": ["DE", "UK"]})
    with pytest.warns(
        DataWarning, match=r"user table lacks 1 of the 2 users .* \(the first: 'b'\)"
    ):
        events = read(small(), users=users)
    assert list(events.users.ids) == ["a", "b", "z"]
    assert events.lengths.tolist() == [2, 1, 0]
    assert events.user_table["country"].fillna("-").tolist() == ["UK", "-", "DE"]
    with pytest.raises(DataError, match="'a' twice"):
        read(small(), users=pd.DataFrame({"user_id": ["a", "b", "a"]}))
    with pytest.raises(DataError, match=r"no column 'item_id'.*'itemid'"):
        read(small(), items=pd.DataFrame({"itemid": [1]}))
    kept = events.present()
    assert list(kept.users.ids) == ["a", "b"]
    assert kept.user_table["country"].fillna("-").tolist() == ["UK", "-"]


def test_a_table_whose_ids_are_of_another_kind_is_noticed():
    table = pd.DataFrame({"user_id": ["1", "2"], "item_id": ["a", "b"], "timestamp": [1.0, 2.0]})
    users = pd.DataFrame({"user_id": [8, 9], "country": ["DE", "AT"]})
    with pytest.warns(DataWarning, match=r"user table knows no user .* '1' \(str\), .* 8 \(int"):
        Interactions.from_frame(table, users=users)


@pytest.mark.parametrize("written", [["001", "2"], [1, 2]])
def test_a_table_that_writes_ids_otherwise_than_the_events_is_read_as_they_are(written):
    table = pd.DataFrame({"user_id": written, "item_id": ["a", "b"], "timestamp": [1.0, 2.0]})
    other = [1, 2, 3] if isinstance(written[0], str) else ["1", "02", "3"]
    users = pd.DataFrame({"user_id": other, "country": ["DE", "AT", "CH"]})
    told = r"user table writes 2 of its 3 ids otherwise than the events \(the first: .*1"
    with pytest.warns(DataWarning, match=told):
        events = Interactions.from_frame(table, users=users)
    assert events.num_users == 3
    rows = events.users.find(written)
    assert events.user_table["country"].iloc[rows].tolist() == ["DE", "AT"]


def parts_of(num, size):
    """Yield events of a thousand users in no order."""
    draw = np.random.default_rng(0)
    for _ in range(num):
        user, item = (draw.integers(0, n, size).astype(np.int32) for n in (1_000, 50))
        users, items = (
            Vocabulary(pd.RangeIndex(1_000), "user"),
            Vocabulary(pd.RangeIndex(50), "item"),
        )
        yield EventPart(users, items, user, item, draw.integers(0, 10**12, size), None, None, None)


def test_parts_are_put_together_in_less_than_twice_their_size():
    tracemalloc.start()
    log = assemble(parts_of(5, 40_000), ReadOptions(on_duplicate="keep"), users=None, items=None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * (4 + 4 + 8) * 200_000
    given = list(parts_of(5, 40_000))
    user, item, time = (
        np.concatenate([getattr(p, n) for p in given]) for n in ("user", "item", "time")
    )
    order = np.lexsort((time, user))
    assert np.array_equal(np.repeat(np.arange(1_000), np.diff(log.offsets)), user[order])
    assert np.array_equal(log.item, item[order])
    assert np.array_equal(log.time, time[order])


def test_parts_without_events_are_told():
    ids = Vocabulary(np.array(["a"], object), "user")
    nothing = np.zeros(0, np.int64)
    none = EventPart(ids, ids, nothing, nothing, nothing, None, None, None)
    with pytest.raises(DataError, match="no events; give at least one row"):
        assemble([none, none], ReadOptions(), users=None, items=None)


def test_ids_that_differ_by_blanks_alone_are_warned_of():
    with pytest.warns(DataWarning, match=r"1 item ids of column 'item_id' differ .* blanks only"):
        read(small(item_id=["x", "x ", "y"]))
