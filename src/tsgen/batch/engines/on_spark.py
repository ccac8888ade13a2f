"""Partitions on a Spark cluster."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from tsgen.training import check_answers

from ..partitions import Partition
from ..work import Done, PartitionWork
from .base import TRIES, worker_lost

__all__ = ["on_spark"]

_LOST = re.compile("Python worker exited unexpectedly|ExecutorLostFailure")
"""How Spark tells of a worker that is gone, within the trace of a Java error."""


def on_spark(work: PartitionWork, partitions: Sequence[Partition], jobs: int) -> Iterator[Done]:
    """See `Engine`; the session is the active one, that of `SPARK_MASTER`, or of `jobs` cores here.

    Raises:
        DataError: Nothing answers at `SPARK_MASTER` within ten seconds, or a partition's worker was
            lost time after time.
    """
    from pyspark.sql import SparkSession

    spark = SparkSession.getActiveSession()
    if spark is None:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # executors need these packages
        master = os.environ.get("SPARK_MASTER") or f"local[{jobs},{TRIES}]"
        check_answers("SPARK_MASTER", master)
        spark = SparkSession.builder.master(master).appName("tsgen").getOrCreate()
    rows = [(p.number, str(p.path), p.rows) for p in partitions]
    table = spark.createDataFrame(rows, "number int, path string, rows long")
    done = table.repartitionByRange(len(rows), "number").mapInPandas(_worker(work), "done string")
    try:
        for row in done.toLocalIterator():
            yield Done.from_json(row["done"])
    except Exception as error:
        if _LOST.search(str(error)) is None:
            raise
        raise worker_lost("Spark") from error


def _worker(
    work: PartitionWork,
) -> Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]:
    """Return what an executor does; its process keeps the model."""

    def of_tables(tables: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for table in tables:
            rows = zip(table["number"], table["path"], table["rows"], strict=True)
            for number, path, length in rows:
                done = work(Partition(int(number), Path(path), int(length)))
                yield pd.DataFrame({"done": [done.to_json()]})

    return of_tables
