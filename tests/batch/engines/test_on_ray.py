"""Ray gives the bytes of one process; skipped where it is not installed."""

import os
import sys

import pytest

from tsgen.batch import AllocateBatch, AudienceBatch, RecommendBatch, run_batch
from tsgen.errors import DataError
from tsgen.training import RayCommand


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setenv("RAY_worker_niceness", "0")
    ray = pytest.importorskip("ray", reason="ray is not installed")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.mark.filterwarnings("default")  # those of the cluster's own libraries
def test_the_bytes_are_those_of_one_process(shop, written, cluster):
    folder, _, _ = shop
    campaigns = [{"name": "one", "items": [100], "at_most": 9}, {"name": "two", "items": [104]}]
    tasks = AudienceBatch(items=(100, 104), size=9), AllocateBatch(campaigns=campaigns)
    for number, task in enumerate(tasks):
        made = [written(f"{engine}{number}.parquet") for engine in ("local", "ray")]
        for engine, output in zip(("local", "ray"), made, strict=True):
            run_batch(folder / "model", task, folder / "log.parquet", output,
                      engine=engine, jobs=1, partitions=3)  # fmt: skip
        assert made[0].read_bytes() == made[1].read_bytes()


@pytest.mark.filterwarnings("default")
def test_a_command_on_the_cluster_ends_with_its_code_or_is_ended(tmp_path, monkeypatch, cluster):
    monkeypatch.chdir(tmp_path)
    write = "import os; open('here', 'w').write(os.environ['WORD']); exit(3)"
    assert RayCommand([sys.executable, "-c", write], os.environ | {"WORD": "done"}).wait() == 3
    assert (tmp_path / "here").read_text() == "done"
    endless = RayCommand([sys.executable, "-c", "import time; time.sleep(600)"], os.environ)
    endless.terminate()
    assert endless.wait() == 1


@pytest.mark.filterwarnings("default")
def test_a_lost_worker_is_replaced_and_one_lost_every_time_is_said(shop, written, cluster, dying):
    folder, _, _ = shop

    def run(task, name, engine="ray"):
        run_batch(folder / "model", task, folder / "log.parquet", written(name),
                  engine=engine, jobs=1, partitions=2)  # fmt: skip

    run(RecommendBatch(size=2), "undisturbed.parquet", "local")
    run(dying(size=2, times=2), "disturbed.parquet")
    assert written("disturbed.parquet").read_bytes() == written("undisturbed.parquet").read_bytes()
    with pytest.raises(DataError, match="Ray lost the worker of a partition 4 times"):
        run(dying(size=2, times=99), "never.parquet")
    assert not written("never.parquet").exists()
