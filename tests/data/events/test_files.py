"""Event logs on disk hold the same events as the table they were written from."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions, read_interactions
from tsgen.data.events.files import column_names
from tsgen.errors import DataError


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
