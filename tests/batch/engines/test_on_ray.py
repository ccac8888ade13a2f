"""Ray gives the bytes of one process; skipped where it is not installed."""

import pytest

from tsgen.batch import AudienceBatch, run_batch


@pytest.fixture
def cluster():
    ray = pytest.importorskip("ray", reason="ray is not installed")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.mark.filterwarnings("default")  # those of the cluster's own libraries
def test_the_bytes_are_those_of_one_process(shop, written, cluster):
    folder, _, _ = shop
    task = AudienceBatch(items=(100, 104), size=9)
    for engine in ("local", "ray"):
        run_batch(folder / "model", task, folder / "log.parquet", written(f"{engine}.parquet"),
                  engine=engine, jobs=1, partitions=3)  # fmt: skip
    assert written("local.parquet").read_bytes() == written("ray.parquet").read_bytes()
