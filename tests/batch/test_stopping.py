"""What is left of a batch that stops, and what is said of it."""

import errno

import pytest

from tsgen.batch.stopping import resumable
from tsgen.errors import DataError, OutputError, TooLargeError, TrainingInterruptedError
from tsgen.interruption import Ended


def stopped(work, error, *, split=True, finished=0):
    """Stop a batch after so many partitions."""
    with resumable(work):
        (work / "results").mkdir(parents=True, exist_ok=True)
        if split:
            (work / "batch.json").write_text("{}")
        for number in range(finished):
            (work / "results" / f"{number}.parquet").write_bytes(b"")
        raise error


@pytest.mark.parametrize(("error", "number"), [(KeyboardInterrupt(), 2), (Ended(), 15)])
def test_an_interruption_says_what_is_kept_and_how_to_go_on(tmp_path, error, number):
    work = tmp_path / "o.csv.batch"
    with pytest.raises(TrainingInterruptedError, match=r"^2 partitions are finished and") as said:
        stopped(work, error, finished=2)
    assert (said.value.signal, said.value.checkpoint) == (number, str(work))
    assert work.exists()


def test_an_interruption_before_anything_is_split_stays_one(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        stopped(tmp_path / "o.csv.batch", KeyboardInterrupt(), split=False)


def test_an_error_leaves_nothing_unless_a_partition_is_finished(tmp_path):
    work = tmp_path / "o.csv.batch"
    with pytest.raises(DataError, match=r"^no\.$"):
        stopped(work, DataError("no."))
    assert not work.exists()
    with pytest.raises(
        DataError, match=r"^no\. 1 partitions are finished and kept in .*o\.csv\.batch;"
    ):
        stopped(work, DataError("no."), finished=1)
    assert len(list(work.glob("results/*"))) == 1


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), OutputError, "could not be written"),
        (OSError("Error writing bytes. Detail: [errno 28] No space"), OutputError, "Free some"),
        (MemoryError("no."), TooLargeError, "use more partitions"),
    ],
)
@pytest.mark.parametrize("finished", [0, 3])
def test_a_full_disk_and_little_memory_are_sentences_that_say_what_is_kept(
    tmp_path, error, kind, words, finished
):
    work = tmp_path / "o.csv.batch"
    with pytest.raises(kind, match=words) as said:
        stopped(work, error, finished=finished)
    assert work.exists() == bool(finished)
    assert (f"3 partitions are finished and kept in {work}" in str(said.value)) == bool(finished)


def test_another_error_of_the_system_stays_what_it_is(tmp_path):
    with pytest.raises(PermissionError, match="not yours"):
        stopped(tmp_path / "o.csv.batch", PermissionError(errno.EACCES, "not yours"))


def test_what_was_there_before_stays(tmp_path):
    work = tmp_path / "o.csv.batch"
    work.mkdir()
    (work / "mine").write_text("")
    with pytest.raises(DataError):
        stopped(work, DataError("no."))
    assert (work / "mine").exists()
