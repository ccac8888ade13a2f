"""Samples by requests: each as if drawn alone, whatever the partitions."""

import pandas as pd
import pytest

from psagan_doubles import table, train
from tsgen.batch import SampleBatch, run_batch
from tsgen.errors import DataError, UnknownIdError


@pytest.fixture(scope="module")
def model():
    return train(table(["a", "b", "c"]))


@pytest.fixture
def saved(model, tmp_path):
    model.save(tmp_path / "model")
    return tmp_path / "model"


def drawn(saved, requests, output, tmp_path, **how):
    requests.to_csv(tmp_path / "requests.csv", index=False)
    run_batch(saved, SampleBatch(seed=3), tmp_path / "requests.csv", output, jobs=1, **how)
    return pd.read_parquet(output)


def test_each_request_gets_what_it_asks_for(saved, model, written, tmp_path):
    requests = pd.DataFrame({
        "item_id": ["a", "b", "a"],
        "start": ["2024-01-02", None, "2024-01-03"],
        "length": [8, 16, None],
        "number": [2, None, 1],
    })  # fmt: skip
    made = drawn(saved, requests, written(), tmp_path, partitions=2)
    assert made.groupby("request").size().tolist() == [16, 16, 8]
    assert made.groupby("request")["source_item_id"].first().tolist() == ["a", "b", "a"]
    first = made[made["request"] == 0]
    assert first["timestamp"].min() == pd.Timestamp("2024-01-02")
    alone = model.sample(2, items=["a"], start="2024-01-02", length=8, seed=3).to_frame()
    assert first["target"].tolist() == alone["target"].tolist()


def test_partitions_change_nothing(saved, written, tmp_path, same_rows):
    requests = pd.DataFrame({"item_id": list("abcab")})
    one = drawn(saved, requests, written("one.parquet"), tmp_path, partitions=1)
    four = drawn(saved, requests, written("four.parquet"), tmp_path, partitions=4)
    same_rows(one, four, ["request", "item_id", "timestamp"])


def test_unknown_series_and_columns_are_refused(saved, written, tmp_path):
    with pytest.raises(UnknownIdError, match="zebra"):
        drawn(saved, pd.DataFrame({"item_id": ["a", "zebra"]}), written("a.parquet"), tmp_path)
    strange = pd.DataFrame({"item_id": ["a"], "lenght": [8]})
    with pytest.raises(DataError, match="has the column 'lenght'"):
        drawn(saved, strange, written("b.parquet"), tmp_path)


def test_entries_ask_for_series_of_their_start_and_length(saved, model, written):
    given = [
        {"item_id": "a", "start": pd.Period("2024-01-02", "h"), "target": [0.0] * 8},
        {"item_id": "c", "start": "2024-01-03 00:00", "target": [0.0] * 16},
    ]
    run_batch(saved, SampleBatch(seed=3), given, written(), jobs=1, partitions=2)
    made = pd.read_parquet(written())
    for request, (item, start, length) in enumerate(
        [("a", "2024-01-02", 8), ("c", "2024-01-03", 16)]
    ):
        part = made[made["request"] == request]
        alone = model.sample(1, items=[item], start=start, length=length, seed=3).to_frame()
        assert part["target"].tolist() == alone["target"].tolist()
        assert part["timestamp"].tolist() == alone["timestamp"].tolist()


def test_damaged_requests_are_named(saved, written, tmp_path):
    (tmp_path / "r.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(DataError, match=r"r\.csv\.gz"):
        run_batch(saved, SampleBatch(seed=1), tmp_path / "r.csv.gz", written(), jobs=1)
