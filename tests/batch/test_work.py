"""One partition's work."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tsgen.batch import Partition, ScoreBatch
from tsgen.batch.work import PartitionWork, read_result
from tsgen.errors import DataError


@pytest.fixture
def partition(shop, tmp_path):
    _, _, events = shop
    events.to_frame().to_parquet(tmp_path / "p.parquet")
    return Partition(4, tmp_path / "p.parquet", len(events))


def work_of(task, shop, tmp_path):
    folder, _, _ = shop
    return PartitionWork(task, folder / "model", "cpu", False, None, tmp_path)


class _Counting(ScoreBatch):
    def apply(self, model, table, end):
        made = pd.DataFrame({"rows": [len(table)]})
        made.attrs = {"unknown": [1, 2], "excluded": 3}
        return made


def test_a_result_comes_back_with_what_it_counted(shop, partition, tmp_path):
    done = work_of(_Counting(items=(100,)), shop, tmp_path)(partition)
    assert done.path == tmp_path / "00004.parquet"
    result = read_result(done.path)
    assert result["rows"].tolist() == [partition.rows]
    assert result.attrs == {"unknown": [1, 2], "excluded": 3}
    assert not list(tmp_path.glob("*.tmp"))


def test_a_killed_write_leaves_no_result(shop, partition, tmp_path, monkeypatch):
    def half(table, path, **_):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pq, "write_table", half)
    with pytest.raises(KeyboardInterrupt):
        work_of(_Counting(items=(100,)), shop, tmp_path)(partition)
    assert not (tmp_path / "00004.parquet").exists()


def test_an_error_names_its_partition(shop, partition, tmp_path):
    class Failing(ScoreBatch):
        def apply(self, model, table, end):
            raise DataError("no")

    with pytest.raises(DataError, match="no") as caught:
        work_of(Failing(items=(100,)), shop, tmp_path)(partition)
    assert "in partition 4" in caught.value.__notes__[0]
