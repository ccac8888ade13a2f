import datetime
import time
import uuid
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from strategies import event_tables
from tsgen.data import Interactions, Vocabulary, read_interactions
from tsgen.data.events.stray import warn_of_strays
from tsgen.data.events.times import read_span
from tsgen.errors import DataError, DataWarning, SettingsError, UnknownIdError


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


@pytest.mark.parametrize(
    "ids",
    [
        ["b", "a", "c"],
        [3, -1, 2],
        [0.5, 0.25, 2.0],
        [("a", 1), ("b", 2), ("a", 0)],
        [1, "2", ("x",)],
        [uuid.UUID(int=k) for k in (5, 3, 9)],
        [datetime.date(2024, 1, k) for k in (3, 1, 2)],
        pd.Categorical(["m", "k", "l"]),
        pd.array([4, 2, 9], dtype="Int64"),
        np.array([4, 2, 9], dtype="uint16"),
    ],
    ids=lambda ids: f"{type(ids).__name__} of {type(ids[0]).__name__}",
)
def test_ids_of_any_hashable_kind_come_back_and_are_saved(ids, tmp_path):
    asked = list(ids)
    column = pd.Series(ids, dtype=object) if isinstance(ids, list) and ids[0] == ("a", 1) else ids
    table = pd.DataFrame({"user_id": column, "item_id": column, "timestamp": [1, 2, 3]})
    events = read(table)
    for place, known in enumerate(asked):
        history = events.history(known)
        assert history["item_id"].tolist() == [known]
        assert history["timestamp"].iloc[0] == pd.Timestamp(place + 1, unit="s")
    saved, kind = events.users.to_column()
    path = tmp_path / "ids.parquet"
    pd.DataFrame({"user_id": saved}).to_parquet(path)
    back = Vocabulary.from_column(pd.read_parquet(path)["user_id"], kind, "user")
    assert back.find(asked).tolist() == events.users.find(asked).tolist()
    assert [type(known) for known in back.ids] == [type(known) for known in events.users.ids]


@pytest.mark.parametrize(
    "stamps",
    [
        pd.to_datetime(["2024-03-31 01:30", "2024-03-31 02:00", "2024-03-31 02:30"]),
        pd.to_datetime(["2024-03-31 01:30", "2024-03-31 02:00", "2024-03-31 02:30"]).as_unit("s"),
        ["2024-03-31 01:30", "2024-03-31T02:00", "2024-03-31 02:30:00"],
        ["2024-03-31 03:30+02:00", "2024-03-31 04:00+02:00", "2024-03-31T04:30:00 +02:00"],
        pd.to_datetime(["2024-03-31 01:30", "2024-03-31 02:00", "2024-03-31 02:30"])
        .tz_localize("UTC")
        .tz_convert("Europe/Berlin"),
        [1711848600, 1711850400, 1711852200],
        [1711848600.0, 1711850400.0, 1711852200.0],
    ],
)
def test_every_way_of_writing_a_time_means_the_same_instant(stamps):
    events = read(small(timestamp=stamps, user_id="a"))
    seconds = events.time // 10**6
    assert seconds.tolist() == [1711848600, 1711850400, 1711852200]


MIXED = ["2024-03-31 01:30Z", "2024-03-31 04:00+02:00", "2024-03-30 21:30-05:00"]


@pytest.mark.parametrize("kind", ["text", "objects", "csv"])
def test_mixed_offsets_are_instants_shown_in_utc_with_a_warning(kind, tmp_path):
    table = small(timestamp=MIXED, user_id="a")
    if kind == "objects":
        table["timestamp"] = [pd.Timestamp(stamp) for stamp in MIXED]
    table.to_csv(tmp_path / "log.csv", index=False)
    given = tmp_path / "log.csv" if kind == "csv" else table
    with pytest.warns(DataWarning, match=r"mixes the UTC offsets .*timezone='Europe/Berlin'"):
        events = read_interactions(given) if kind == "csv" else read(given)
    assert (events.time // 10**6).tolist() == [1711848600, 1711850400, 1711852200]
    assert events.timezone == "UTC"
    named = (
        read_interactions(given, timezone="Europe/Berlin")
        if kind == "csv"
        else read(given, timezone="Europe/Berlin")
    )
    assert named.timezone == "Europe/Berlin"
    assert named.time.tolist() == events.time.tolist()


def test_a_csv_keeps_the_one_offset_of_its_stamps(tmp_path):
    stamps = ["2024-03-31 03:30+02:00", "2024-03-31 04:00+02:00", "2024-03-31 04:30+02:00"]
    small(timestamp=stamps, user_id="a").to_csv(tmp_path / "log.csv", index=False)
    events = read_interactions(tmp_path / "log.csv")
    assert str(events.history("a")["timestamp"].iloc[0]) == "2024-03-31 03:30:00+02:00"
    assert (events.time // 10**6).tolist() == [1711848600, 1711850400, 1711852200]


@pytest.mark.parametrize("stamps", [["1711848600", "2024-03-31", "x"], ["17", "18", "19"]])
def test_numbers_written_as_text_are_refused_with_advice_for_events(stamps):
    with pytest.raises(DataError, match=r"number in row 0 .*unit='ms'") as caught:
        read(small(timestamp=stamps, user_id="a"))
    assert "freq=" not in str(caught.value)


def test_naive_stamps_of_a_zone_and_the_hour_it_skips():
    stamps = ["2024-10-27 01:30", "2024-10-27 03:30", "2024-10-28 00:00"]
    events = read(small(timestamp=stamps, user_id="a"), timezone="Europe/Berlin")
    assert np.diff(events.time).tolist() == [3 * 3600 * 10**6, 20.5 * 3600 * 10**6]
    assert str(events.history("a")["timestamp"].dt.tz) == "Europe/Berlin"
    assert events.read_time("2024-10-27 03:30") == events.time[1]
    with pytest.raises(DataError, match=r"02:30:00 in row 1, which Europe/Berlin skips"):
        read(
            small(timestamp=["2024-03-30", "2024-03-31 02:30", "2024-04-01"]),
            timezone="Europe/Berlin",
        )


@pytest.mark.parametrize(
    ("unit", "size"), [("ms", 10**3), ("D", 1 / 86_400)], ids=["milliseconds", "days"]
)
def test_numbers_are_seconds_unless_said_with_a_warning_when_another_unit_fits(unit, size):
    stamps = (np.array([1.6e9, 1.65e9, 1.7e9]) // 86_400 * 86_400 * size).astype("int64")
    with pytest.warns(DataWarning, match=f"unit='{unit}' it would be 2020"):
        as_seconds = read(small(timestamp=stamps, user_id="a"))
    assert (as_seconds.time // 10**6).tolist() == stamps.tolist()
    said = read(small(timestamp=stamps, user_id="a"), unit=unit)
    assert said.history("a")["timestamp"].dt.year.tolist() == [2020, 2022, 2023]
    with pytest.raises(DataError, match="unit='us' fits"):
        read(small(timestamp=np.array([1.6e15, 1.65e15, 1.7e15]).astype("int64")))


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


def test_cutting_keeps_what_it_says():
    events = read(small())
    assert len(events.before("1970-01-01 00:00:20")) == 1
    only = events.keep_items(["x"])
    assert only.to_frame()["item_id"].tolist() == ["x", "x"]
    assert only.offsets.tolist() == [0, 1, 2]
    assert only.present().fingerprint() == read(small().query("item_id == 'x'")).fingerprint()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (small().rename(columns={"user_id": "userid"}), r"no column 'user_id'.*'userid'"),
        (small(user_id=["b", None, "a"]), "no user id in row 1"),
        (small(item_id=[1.0, 2.0, np.nan]), "no item id in row 2"),
        (small(timestamp=["2024-01-01", "yesterday", "2024-01-02"]), "row 1: 'yesterday'"),
        (small(timestamp=["2024-01-01 10:00Z", "2024-01-01 10:00", "2024-01-02"]), "mixes"),
        (small(timestamp=[1.0, np.nan, 2.0]), "no time stamp in row 1"),
        (small(timestamp=[True, False, True]), "true and false"),
        (small(value=[1.0, np.nan, 2.0]), "no finite value in row 1"),
        (small(value=["1", "abc", "2"]), "row 1: 'abc'. Correct it, or pass value='' to leave the"),
        (small(user_id=[["a"], ["b"], ["c"]]), "hashable"),
        (small().iloc[:0], "no events"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(table, message):
    with pytest.raises(DataError, match=message) as caught:
        read(table)
    assert "\n" not in str(caught.value)


def test_unknown_ids_are_named_with_the_nearest():
    events = read(small(user_id=["anna", "ben", "ben"], item_id=[1, 2, 1]))
    with pytest.raises(UnknownIdError, match=r"no user 'ana'. Did you mean 'anna'\?"):
        events.history("ana")
    with pytest.raises(UnknownIdError, match="Ids here are of type int"):
        events.items.find(["1"])
    assert events.items.from_text(["2", "x"]) == [2, "x"]


@pytest.mark.parametrize("span", ["14", 14, "2 months", "-1D", "0D", None, float("nan")])
def test_a_horizon_must_be_a_length_of_time(span):
    with pytest.raises(SettingsError, match="write '14D'"):
        read_span(span)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ""])
def test_files_and_folders_hold_the_same_events_as_the_table(tmp_path, suffix):
    random = np.random.default_rng(1)
    table = pd.DataFrame({
        "user_id": random.choice(["007", "NA", "12", "x y"], 300),
        "item_id": random.integers(0, 9, 300),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.permutation(300), "min"),
        "value": random.normal(size=300).round(3),
        "note": "unused",
    })  # fmt: skip
    path = tmp_path / f"events{suffix}"
    if suffix == ".parquet":
        table.to_parquet(path, row_group_size=50)
    elif suffix:
        table.to_csv(path, index=False)
    else:
        (path / "day=1").mkdir(parents=True)
        table.iloc[200:].to_parquet(path / "b.parquet")
        table.iloc[:200].to_parquet(path / "day=1" / "a.parquet")
    events = read_interactions(path)
    assert events.fingerprint() == Interactions.from_frame(table).fingerprint()
    with pytest.raises(DataError, match=r"events.*no column 'user'.*Did you mean 'user_id'"):
        read_interactions(path, user_id="user")


def test_a_fingerprint_tells_attributes_apart():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": [1, 2], "timestamp": [1.0, 2.0]})
    users = pd.DataFrame({"user_id": ["a", "b"], "age": [30, 41], "town": ["Graz", None]})

    def of(**tables):
        return Interactions.from_frame(table, **tables).fingerprint()

    items = users.rename(columns={"user_id": "item_id"}).assign(item_id=[1, 2])
    told = [
        of(), of(users=users), of(items=items), of(users=users, items=items),
        of(users=users[["user_id"]]), of(users=users.assign(age=[41, 30])),
        of(users=users.assign(town=[None, "Graz"])), of(users=users.rename(columns={"age": "n"})),
    ]  # fmt: skip
    assert len(set(told)) == len(told)
    assert of(users=users[::-1]) == of(users=users[["town", "user_id", "age"]]) == told[1]


def test_reading_says_what_is_wrong_with_a_path(tmp_path):
    with pytest.raises(DataError, match="no file or folder"):
        read_interactions(tmp_path / "none.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no Parquet files"):
        read_interactions(tmp_path / "empty")
    (tmp_path / "events.parquet").write_text("not parquet")
    with pytest.raises(DataError, match="cannot be read"):
        read_interactions(tmp_path / "events.parquet")
    with pytest.raises(TypeError, match=r"no argument 'users_id'"):
        read_interactions(tmp_path / "events.parquet", users_id="x")


def test_a_million_events_are_read_in_seconds():
    random, size = np.random.default_rng(0), 1_000_000
    table = pd.DataFrame({
        "user_id": random.integers(0, 100_000, size),
        "item_id": random.integers(0, 5_000, size),
        "timestamp": random.integers(1_600_000_000, 1_700_000_000, size),
    })  # fmt: skip
    begin = time.process_time()
    events = read(table)
    assert time.process_time() - begin < 5
    assert len(events) == size
    assert (np.diff(events.time)[np.diff(events.user) == 0] >= 0).all()


def test_a_table_whose_ids_are_of_another_kind_is_noticed():
    table = pd.DataFrame({"user_id": ["1", "2"], "item_id": ["a", "b"], "timestamp": [1.0, 2.0]})
    users = pd.DataFrame({"user_id": [1, 2], "country": ["DE", "AT"]})
    with pytest.warns(DataWarning, match=r"user table knows no user .* '1' \(str\), .* 1 \(int"):
        Interactions.from_frame(table, users=users)


def test_values_can_be_left_out(tmp_path):
    table = small(value=["1", "abc", "2"])
    assert read(table, value="").value is None
    table.to_csv(tmp_path / "log.csv", index=False)
    table.to_parquet(tmp_path / "log.parquet")
    for name in ("log.csv", "log.parquet"):
        events = read_interactions(tmp_path / name, value="")
        assert (events.value, len(events)) == (None, 3)


def test_a_bad_table_of_items_is_not_the_fault_of_the_log(tmp_path):
    small().to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(DataError, match=r"^The item table has no column 'item_id'"):
        read_interactions(tmp_path / "log.csv", items=pd.DataFrame({"sku": [1]}))


def days_of(*days):
    table = pd.DataFrame({"user_id": 1, "item_id": np.arange(len(days)), "day": days})
    table["timestamp"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(table.pop("day"), unit="D")
    return Interactions.from_frame(table)


@pytest.mark.parametrize(("late", "count"), [((36500,), 1), ((150, 151), 2), ((140, 900), 2)])
def test_a_few_events_far_after_all_others_are_noticed(late, count):
    words = (
        rf"last {count} of 10\d events (is|are) at .* others, which end at 2024-04-09 .*\(--at\)"
    )
    with pytest.warns(DataWarning, match=words):
        warn_of_strays(days_of(*range(100), *late), 7 * 86_400_000_000)


@pytest.mark.parametrize(
    "late",
    [
        (105,),  # within a horizon
        (115,),  # within a fifth of the time
        range(150, 161),  # eleven are not few
    ],
)
def test_events_that_are_not_few_or_not_far_are_no_strays(late):
    warn_of_strays(days_of(*range(100), *late), 7 * 86_400_000_000)
    warn_of_strays(days_of(0, 1, 500), 7 * 86_400_000_000)


def test_what_is_no_table_is_refused_by_name():
    with pytest.raises(DataError, match="events are given as str; give a data frame"):
        Interactions.from_frame("events.csv")
    table = pd.DataFrame({"user_id": ["1"], "item_id": ["a"], "timestamp": [1.0]})
    with pytest.raises(DataError, match="attributes of items are given as dict"):
        Interactions.from_frame(table, items={"a": 1})


@pytest.mark.parametrize(("early", "count"), [("1970-01-01", 1), ("2019-05-01", 3)])
def test_a_few_events_far_before_all_others_are_noticed(early, count):
    table = pd.DataFrame({"user_id": range(100), "item_id": 1})
    table["timestamp"] = pd.date_range("2024-01-01", periods=100, freq="8h")
    table.loc[: count - 1, "timestamp"] = pd.Timestamp(early) + pd.Timedelta("1h")
    with pytest.warns(DataWarning, match=rf"The first {count} of 100 events .* before all others"):
        warn_of_strays(read(table), 7 * 86_400 * 10**6)


@pytest.mark.parametrize("default", ["1970-01-01", "2030-01-01"])
def test_a_block_of_default_dates_is_noticed(default):
    table = pd.DataFrame({"user_id": range(100), "item_id": 1})
    table["timestamp"] = pd.date_range("2024-01-01", periods=100, freq="8h")
    table.loc[:14, "timestamp"] = pd.Timestamp(default)
    with pytest.warns(DataWarning, match=f"15 of 100 events are at {default} 00:00:00 exactly"):
        warn_of_strays(read(table), 7 * 86_400 * 10**6)


def test_dates_written_as_numbers_and_empty_ids_are_refused():
    dates = pd.DataFrame({"user_id": ["a", "b"], "item_id": 1, "timestamp": [20240101, 20241231]})
    with pytest.raises(DataError, match=r"20240101, which look like dates written yyyymmdd"):
        read(dates)
    assert len(read(dates, unit="s")) == 2
    assert len(read(dates.assign(timestamp=[20240101, 20241301]), unit="s")) == 2
    with pytest.raises(DataError, match=r"empty text for a user id in 1 of 2 rows .*row 1"):
        read(dates.assign(user_id=["a", ""]))


def test_day_and_month_in_two_orders_are_refused():
    days = pd.date_range("2024-01-01", "2024-04-29", freq="D")
    table = pd.DataFrame({"user_id": range(len(days)), "item_id": 1})
    mixed = [d.strftime("%d/%m/%Y" if d.day <= 12 else "%m/%d/%Y") for d in days]
    with pytest.raises(DataError, match=r"mix day/month and month/day: \d+ of its \d+ different"):
        read(table.assign(timestamp=mixed))
    for order in ("%m/%d/%Y", "%d/%m/%Y"):
        events = read(table.assign(timestamp=days.strftime(order)))
        assert events.to_frame()["timestamp"].tolist() == days.tolist()
