"""What every engine says of a worker that is lost."""

from tsgen.batch.engines.base import worker_lost
from tsgen.errors import DataError


def test_a_lost_worker_is_said_with_the_engine_and_what_to_do():
    error = worker_lost("Spark")
    assert isinstance(error, DataError)
    assert str(error).startswith("Spark lost the worker of a partition 4 times")
    assert "use more partitions" in str(error)
