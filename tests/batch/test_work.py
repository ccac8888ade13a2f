"""One partition's work."""

import errno

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tsgen.batch import Partition, ScoreBatch
from tsgen.batch.work import Done, PartitionWork, Results
from tsgen.errors import DataError, OutputError, UnknownIdError, error_of


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
    work = work_of(_Counting(items=(100,)), shop, tmp_path)
    assert work(partition).number == 4
    assert work.result_path(4) == tmp_path / "00004.parquet"
    (result,) = Results((work.result_path(4),), tmp_path)
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


def test_an_error_comes_back_whole_with_its_kind(shop, partition, tmp_path):
    class Failing(ScoreBatch):
        def apply(self, model, table, end):
            raise UnknownIdError("no such user", field="user_id")

    done = work_of(Failing(items=(100,)), shop, tmp_path)(partition)
    assert Done.from_json(done.to_json()) == done
    error = error_of(done.failed)
    assert isinstance(error, UnknownIdError)
    assert str(error) == "no such user"
    assert error.field == "user_id"
    assert not (tmp_path / "00004.parquet").exists()


def test_a_damaged_partition_or_result_is_named(shop, partition, tmp_path):
    whole = partition.path.read_bytes()
    partition.path.write_bytes(whole[: len(whole) // 2])
    done = work_of(ScoreBatch(items=(100,)), shop, tmp_path)(partition)
    text = str(error_of(done.failed))
    assert "p.parquet is damaged (" in text
    assert f"delete {tmp_path} and give the same command again" in text
    result = tmp_path / "results" / "00001.parquet"
    result.parent.mkdir()
    result.write_bytes(b"")
    with pytest.raises(
        DataError, match=r"00001.parquet is damaged .*; delete .*/00001.parquet and"
    ):
        list(Results((result,), tmp_path))


def test_a_write_that_fails_leaves_nothing_behind(shop, partition, tmp_path, monkeypatch):
    def full(table, path, **_):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    done = work_of(_Counting(items=(100,)), shop, tmp_path)(partition)
    with pytest.raises(OutputError, match="could not be written: no space is left"):
        raise error_of(done.failed)
    assert not list(tmp_path.glob("0*"))


def test_an_error_of_the_task_itself_is_not_hidden(shop, partition, tmp_path):
    class Wrong(ScoreBatch):
        def apply(self, model, table, end):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work_of(Wrong(items=(100,)), shop, tmp_path)(partition)
