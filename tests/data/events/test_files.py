"""Event logs on disk hold the same events as the table they were written from."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions, read_interactions
from tsgen.data.events.files import column_names, stream_interactions
from tsgen.errors import DataError, DataWarning, TooLargeError
from tsgen.memory import memory_limit


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)


def small(**columns):
    table = {"user_id": ["b", "a", "a"], "item_id": ["x", "y", "x"], "timestamp": [30, 20, 10]}
    return pd.DataFrame(table | columns)


def test_a_csv_keeps_the_one_offset_of_its_stamps(tmp_path):
    stamps = ["2024-03-31 03:30+02:00", "2024-03-31 04:00+02:00", "2024-03-31 04:30+02:00"]
    small(timestamp=stamps, user_id="a").to_csv(tmp_path / "log.csv", index=False)
    events = read_interactions(tmp_path / "log.csv")
    assert str(events.history("a")["timestamp"].iloc[0]) == "2024-03-31 03:30:00+02:00"
    assert (events.time // 10**6).tolist() == [1711848600, 1711850400, 1711852200]


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ""])
def test_files_and_folders_hold_the_same_events_as_the_table(tmp_path, suffix):
    random = np.random.default_rng(1)
    table = pd.DataFrame({
        "user_id": random.choice(["007", "NA", "12", "x y"], 300),
        "item_id": random.integers(0, 9, 300),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.permutation(300), "min"),
        "value": random.exponential(size=300).round(3),
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


def test_reading_says_what_is_wrong_with_a_path(tmp_path):
    with pytest.raises(DataError, match="no file or folder"):
        read_interactions(tmp_path / "none.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no Parquet files"):
        read_interactions(tmp_path / "empty")
    (tmp_path / "events.parquet").write_text("not parquet")
    with pytest.raises(DataError, match="not a complete Parquet file"):
        read_interactions(tmp_path / "events.parquet")
    with pytest.raises(TypeError, match=r"no argument 'users_id'"):
        read_interactions(tmp_path / "events.parquet", users_id="x")


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


def in_parts(folder, *tables):
    folder.mkdir()
    for k, table in enumerate(tables):
        table.to_parquet(folder / f"p{k}.parquet")
    return folder


def test_columns_of_a_log_are_those_of_its_table_or_its_first_part(tmp_path):
    small().to_csv(tmp_path / "log.csv", index=False)
    parts = in_parts(tmp_path / "x", small(), small(value=1.0))
    for path in (tmp_path / "log.csv", parts):
        assert column_names(path) == ["user_id", "item_id", "timestamp"]


def test_a_value_that_one_part_alone_has_is_no_matter_of_chance(tmp_path):
    with pytest.raises(DataError, match=r"value.*p0\.parquet has none"):
        read_interactions(in_parts(tmp_path / "x", small(), small(value=1.0)))


def test_stamps_of_several_offsets_are_the_moments_they_name(tmp_path):
    stamps = ["2024-03-31 01:30+01:00", "2024-03-31 03:30+02:00", "2024-03-31 02:00+00:00"]
    small(timestamp=stamps).to_csv(tmp_path / "log.csv", index=False)
    moments = sorted(pd.to_datetime(stamps, utc=True).asi8 // 10**9)
    with pytest.raises(DataError, match="offsets"):
        read_interactions(tmp_path / "log.csv")
    log = read_interactions(tmp_path / "log.csv", timezone="Europe/Berlin")
    assert sorted(log.time // 10**6) == moments


def test_stamps_in_utc_stay_in_utc(tmp_path):
    stamps = ["2024-03-31 01:30Z", None, "2024-03-31 03:30Z"]
    small(timestamp=stamps).to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(DataError, match="timestamp"):
        read_interactions(tmp_path / "log.csv")
    small(timestamp=["2024-03-31 01:30Z"] * 3).to_csv(tmp_path / "log.csv", index=False)
    log = read_interactions(tmp_path / "log.csv")
    assert str(log.history("b")["timestamp"].iloc[0]) == "2024-03-31 01:30:00+00:00"


@pytest.mark.parametrize(
    ("name", "mark"), [("log.csv", ";"), ("log.tsv", "\t"), ("log.tsv.gz", "\t")]
)
def test_logs_of_text_have_any_separator(tmp_path, name, mark):
    small(note="x,y").to_csv(tmp_path / name, index=False, sep=mark)
    assert read_interactions(tmp_path / name).fingerprint() == read(small()).fingerprint()
    assert column_names(tmp_path / name) == ["user_id", "item_id", "timestamp", "note"]


def test_ids_of_text_are_whole_numbers_if_all_are(tmp_path):
    small(user_id=["7", "08", "7"], item_id=["1", "2", "1"]).to_csv(
        tmp_path / "log.csv", index=False
    )
    log = read_interactions(tmp_path / "log.csv")
    assert (sorted(log.users.ids), sorted(log.items.ids)) == (["08", "7"], [1, 2])
    small(user_id=["NA", "null", "x"]).to_csv(tmp_path / "log.csv", index=False)
    with pytest.warns(DataWarning, match="has 'null' for a user id"):
        assert sorted(read_interactions(tmp_path / "log.csv").users.ids) == ["NA", "null", "x"]


def test_ids_kept_from_spreadsheets_come_back(tmp_path):
    small(user_id=["'=1+1", "b", "b"]).to_csv(tmp_path / "log.csv", index=False)
    with pytest.warns(DataWarning, match="were neutralised"):
        assert sorted(read_interactions(tmp_path / "log.csv").users.ids) == ["=1+1", "b"]


def test_numbers_of_any_width_are_one_id(tmp_path):
    narrow = small(user_id=np.array([1, 2, 2], np.int8))
    wide = small(user_id=np.array([1, 2, 2], np.int64), timestamp=[5, 6, 7])
    log = read_interactions(in_parts(tmp_path / "x", narrow, wide))
    assert log.users.ids.tolist() == [1, 2]
    assert len(log) == 6
    large = small(user_id=np.array([1, 2, 2**63 + 5], np.uint64))
    large.to_parquet(tmp_path / "large.parquet")
    assert max(read_interactions(tmp_path / "large.parquet").users.ids) == 2**63 + 5


def test_what_is_not_asked_for_may_differ_and_is_not_read(tmp_path):
    parts = in_parts(tmp_path / "x", small(note="x"), small(note=1.0, timestamp=[5, 6, 7]))
    assert len(read_interactions(parts)) == 6
    with pytest.raises(DataError, match="differ in the column 'note'"):
        read_interactions(parts, value="note")
    whole, halves = small(price=[1, 2, 3]), small(price=[0.5, 1.5, 2.5], timestamp=[5, 6, 7])
    log = read_interactions(in_parts(tmp_path / "y", whole, halves), value="price")
    assert sorted(log.value) == [0.5, 1, 1.5, 2, 2.5, 3]


@pytest.mark.parametrize("name", ["log.csv", "log.parquet"])
def test_columns_asked_for_must_be_there(tmp_path, name):
    table = small(count=2)
    table.to_csv(tmp_path / name, index=False) if name == "log.csv" else table.to_parquet(
        tmp_path / name
    )
    for role in ("user_id", "item_id", "timestamp", "value", "quantity"):
        with pytest.raises(DataError, match=f"no column 'nowhere' \\({role}\\)"):
            read_interactions(tmp_path / name, **{role: "nowhere"})
    assert read_interactions(tmp_path / name, quantity="count").users.ids.tolist() == ["a", "b"]


def test_one_column_twice_is_refused_where_it_is_read(tmp_path):
    (tmp_path / "log.csv").write_text("user_id,item_id,timestamp,note,note\na,x,5,1,2\n")
    assert len(read_interactions(tmp_path / "log.csv")) == 1
    for name in ("user_id", "item_id", "timestamp"):
        (tmp_path / "log.csv").write_text(f"user_id,item_id,timestamp,{name}\na,x,5,b\n")
        with pytest.raises(DataError, match=f"two columns '{name}'"):
            read_interactions(tmp_path / "log.csv")


def test_a_nul_in_a_log_is_refused(tmp_path):
    (tmp_path / "log.csv").write_text("user_id,item_id,timestamp\na\0b,x,5\n")
    with pytest.raises(DataError, match="NUL byte"):
        read_interactions(tmp_path / "log.csv")


def test_a_log_in_blocks_is_the_log_and_takes_the_options_of_a_block(tmp_path):
    parts = in_parts(tmp_path / "x", small(), small()[:0], small(timestamp=[5, 6, 7]))
    blocks = list(stream_interactions(parts))
    assert [len(block) for block in blocks] == [3, 3]  # none of an empty file
    assert sorted(np.concatenate([block.time // 10**6 for block in blocks])) == [
        5,
        6,
        7,
        10,
        20,
        30,
    ]
    twice = small(user_id="a", item_id="x", timestamp=5, value=[1.0, -1.0, 1.0])
    twice.to_csv(tmp_path / "log.csv", index=False)
    (block,) = stream_interactions(tmp_path / "log.csv")
    assert block.value.tolist() == [1, -1, 1]  # repeats and returns wait for who has the whole
    with pytest.raises(TypeError, match="stream_interactions has no argument 'users'"):
        next(stream_interactions(tmp_path / "log.csv", users=pd.DataFrame()))
    with pytest.raises(DataError, match="no file or folder"):
        next(stream_interactions(tmp_path / "none.csv"))


def test_blocks_need_not_fit_into_memory_together(tmp_path):
    parts = in_parts(tmp_path / "x", small(), small(timestamp=[5, 6, 7]))
    with memory_limit(8 * 3 * 6 - 1):
        with pytest.raises(TooLargeError, match="with 6 rows"):
            read_interactions(parts)
        assert sum(len(block) for block in stream_interactions(parts)) == 6


def test_a_broken_part_is_called_by_its_name(tmp_path):
    parts = in_parts(tmp_path / "x", small(), small())
    (parts / "p1.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(DataError, match=r"p1\.parquet is not a complete Parquet file"):
        read_interactions(parts)


def test_other_files_are_no_logs(tmp_path):
    (tmp_path / "log.xlsx").write_bytes(b"x")
    with pytest.raises(DataError, match="unknown kind"):
        read_interactions(tmp_path / "log.xlsx")
