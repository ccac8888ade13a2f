"""The folder in between: what of it is used again."""

import shutil

from tsgen.batch import ScoreBatch
from tsgen.batch.locations import Source
from tsgen.batch.preparation import prepared, results_of


def test_the_same_batch_is_split_once_and_another_anew(shop, tmp_path):
    folder, model, events = shop
    work = tmp_path / "out.batch"

    def split(task, num, overwrite=False):
        source = Source(str(folder / "halves"))
        return prepared(work, task, model, folder / "model", source, num, overwrite)

    first = split(ScoreBatch(items=(100,)), 3)
    assert sum(p.rows for p in first.partitions) == len(events)
    assert split(ScoreBatch(items=(100,)), 7) == first
    assert not (work / "input").exists()
    other = split(ScoreBatch(items=(101,)), 7, overwrite=True)
    assert len(other.partitions) == 7


def test_partitions_that_are_deleted_are_made_again_and_results_stay(shop, tmp_path):
    folder, model, _ = shop
    work, task = tmp_path / "out.batch", ScoreBatch(items=(100,))

    def split():
        source = Source(str(folder / "halves"))
        return prepared(work, task, model, folder / "model", source, 3, False)

    first = split()
    before = [p.path.read_bytes() for p in first.partitions]
    (results_of(work) / "00001.parquet").write_bytes(b"finished")
    shutil.rmtree(first.partitions[0].path.parent)
    assert split() == first
    assert [p.path.read_bytes() for p in first.partitions] == before
    assert (results_of(work) / "00001.parquet").read_bytes() == b"finished"
