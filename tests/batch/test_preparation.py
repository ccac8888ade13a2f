"""The folder in between: what of it is used again."""

from tsgen.batch import ScoreBatch
from tsgen.batch.locations import Source
from tsgen.batch.preparation import prepared


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
