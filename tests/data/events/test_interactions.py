import numpy as np
import pandas as pd
from hypothesis import given

from strategies import event_tables
from tsgen.data import Interactions


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)


def small(**columns):
    table = {"user_id": ["b", "a", "a"], "item_id": ["x", "y", "x"], "timestamp": [30, 20, 10]}
    return pd.DataFrame(table | columns)


@given(event_tables())
def test_events_lie_where_a_slow_loop_puts_them(table):
    events = read(table)
    users = sorted(set(table["user_id"]))
    assert list(events.users.ids) == users
    for user in users:
        rows = [row for row in table.itertuples() if row.user_id == user]
        rows.sort(key=lambda row: row.timestamp)  # stable: ties keep the order of the table
        history = events.history(user)
        assert history["item_id"].tolist() == [row.item_id for row in rows]
        assert history["value"].tolist() == [row.value for row in rows]
        seconds = history["timestamp"].astype("datetime64[us]").astype("int64") // 10**6
        assert seconds.tolist() == [row.timestamp for row in rows]


@given(event_tables())
def test_a_table_comes_back_with_every_event_and_its_kind_of_id(table):
    events = read(table)
    back = events.to_frame()
    back["timestamp"] = back["timestamp"].astype("int64") // 10**6
    keys = list(table.columns)
    pd.testing.assert_frame_equal(
        back[keys].sort_values(keys, ignore_index=True),
        table.sort_values(keys, ignore_index=True),
    )
    counts = events.pair_counts().toarray()
    for u, user in enumerate(events.users.ids):
        for i, item in enumerate(events.items.ids):
            hits = (table["user_id"] == user) & (table["item_id"] == item)
            assert counts[u, i] == hits.sum()


def test_cutting_keeps_what_it_says():
    events = read(small())
    assert len(events.before("1970-01-01 00:00:20")) == 1
    only = events.keep_items(["x"])
    assert only.to_frame()["item_id"].tolist() == ["x", "x"]
    assert only.offsets.tolist() == [0, 1, 2]
    assert only.present().fingerprint() == read(small().query("item_id == 'x'")).fingerprint()


def test_a_million_events_are_read():
    random, size = np.random.default_rng(0), 1_000_000
    table = pd.DataFrame({
        "user_id": random.integers(0, 100_000, size),
        "item_id": random.integers(0, 5_000, size),
        "timestamp": random.integers(1_600_000_000, 1_700_000_000, size),
    })  # fmt: skip
    events = read(table)
    assert len(events) == size
    assert (np.diff(events.time)[np.diff(events.user) == 0] >= 0).all()
