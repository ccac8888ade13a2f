"""What others run for the same tables as the ways of `scale`, on the same machine.

- implicit: ALS of 64 factors, 15 rounds, on a pandas table; then its own search, or pandas
- spark_als: Spark's ALS of the same, on a cluster of one process (needs pyspark, and Java)
- dgan: DoppelGANger of gretel-synthetics; par: the PAR model of deepecho (what SDV draws
  sequences with). Both learn for a minute from the series that PSA-GAN learns from, in windows
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scale_processes import seconds

__all__ = ["RIVALS"]

FACTORS, ROUNDS, LENGTH, TRAINING = 64, 15, 64, 60.0


def fitted_als(folder: Path) -> tuple[Any, Any, Any, Any]:
    """Return implicit's model, the counts (users, items), and the ids of users and items."""
    from implicit.als import AlternatingLeastSquares
    from scipy.sparse import coo_array, csr_matrix

    table = pd.read_parquet(folder / "log")
    (users, user_ids), (items, item_ids) = (
        pd.factorize(table[name]) for name in ("user_id", "item_id")
    )
    counts = csr_matrix(coo_array((np.ones(len(table), np.float32), (users, items))))
    model = AlternatingLeastSquares(
        factors=FACTORS, iterations=ROUNDS, num_threads=1, random_state=1
    )
    model.fit(counts, show_progress=False)
    return model, counts, user_ids, item_ids


def implicit(folder: Path) -> dict[str, Any]:
    model, *_ = fitted_als(folder)
    scores = model.user_factors @ model.item_factors[:100].T
    lists = [pd.Series(scores[:, k]).nlargest(500) for k in range(100)]
    return {"rows": sum(map(len, lists))}


def implicit_catalogue(folder: Path) -> dict[str, Any]:
    from implicit.cpu.topk import topk

    model, _, user_ids, item_ids = fitted_als(folder)
    users, scores = topk(model.user_factors, model.item_factors, 20, num_threads=1)
    table = pd.DataFrame({
        "item_id": np.repeat(item_ids, 20),
        "user_id": user_ids[users.ravel()],
        "score": scores.ravel(),
    })  # fmt: skip
    table.to_parquet(folder / "others.parquet")
    return {"known": len(item_ids), "rows": len(table)}


def implicit_recommend(folder: Path) -> dict[str, Any]:
    model, counts, user_ids, item_ids = fitted_als(folder)
    items, scores = model.recommend(
        np.arange(len(user_ids)), counts, N=20, filter_already_liked_items=False
    )
    table = pd.DataFrame({
        "user_id": np.repeat(user_ids, 20),
        "item_id": item_ids[items.ravel()],
        "score": scores.ravel(),
    })  # fmt: skip
    table.to_parquet(folder / "others.parquet")
    return {"rows": len(table)}


def implicit_greedy(folder: Path, campaigns: int) -> dict[str, Any]:
    """Give each campaign of four items in turn its best users who are left."""
    model, _, user_ids, item_ids = fitted_als(folder)
    most, contacts = len(user_ids) // (2 * campaigns), []
    left = np.ones(len(user_ids), bool)
    for k in range(campaigns):
        items = (np.arange(4) + 4 * k + k * 4 // 1_600) % len(item_ids)
        factors = model.item_factors[items]
        scores = np.where(left, model.user_factors @ factors.sum(axis=0), -np.inf)
        best = np.argpartition(-scores, most)[:most]
        left[best] = False
        contacts.append(pd.DataFrame({"user_id": user_ids[best], "campaign": f"c{k}"}))
    table = pd.concat(contacts)
    table.to_parquet(folder / "others.parquet")
    return {"contacts": len(table)}


def spark_als(folder: Path) -> dict[str, Any]:
    from pyspark.ml.recommendation import ALS
    from pyspark.sql import SparkSession, functions

    spark = SparkSession.builder.master("local[2]").config("spark.driver.memory", "6g")
    spark = spark.config("spark.ui.enabled", "false")
    spark = spark.config("spark.sql.legacy.parquet.nanosAsLong", "true").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    table = spark.read.parquet(str(folder / "log")).groupBy("user_id", "item_id")
    model = ALS(
        rank=FACTORS, maxIter=ROUNDS, implicitPrefs=True, seed=1, userCol="user_id",
        itemCol="item_id", ratingCol="count",
    ).fit(table.agg(functions.count("*").alias("count")))  # fmt: skip
    items = model.itemFactors.selectExpr("id as item_id").limit(100)
    lists = model.recommendForItemSubset(items, 500)
    lists.select("item_id", functions.explode("recommendations")).write.parquet(
        str(folder / "others.parquet")
    )
    return {"rows": spark.read.parquet(str(folder / "others.parquet")).count()}


def windows() -> npt.NDArray[np.float64]:
    """Return the series that PSA-GAN learns from, in windows, (windows, steps)."""
    from tsgen.data import simulate_series

    series = [entry["target"] for entry in simulate_series(num_series=10, length=256, seed=1)]
    return np.concatenate([np.reshape(one, (-1, LENGTH)) for one in series]).astype(np.float64)


def written(drawn: npt.NDArray[Any], folder: Path) -> int:
    """Write series (n, steps) as a table of one row a step; return their number."""
    number = np.repeat(np.arange(len(drawn)), drawn.shape[1])
    pd.DataFrame({"item_id": number, "target": drawn.ravel()}).to_parquet(folder / "o.parquet")
    return len(drawn)


def dgan(folder: Path, events: int) -> dict[str, Any]:
    from gretel_synthetics.timeseries_dgan.config import DGANConfig, OutputType
    from gretel_synthetics.timeseries_dgan.dgan import DGAN

    def trained(epochs: int) -> tuple[Any, float]:
        begin = time.process_time()
        model = DGAN(DGANConfig(max_sequence_len=LENGTH, sample_len=8, batch_size=20, cuda=False,
                                epochs=epochs))  # fmt: skip
        model.train_numpy(windows()[:, :, None], feature_types=[OutputType.CONTINUOUS])
        return model, time.process_time() - begin

    _, short = trained(20)
    model, training = trained(max(int(20 * TRAINING / short), 1))
    begin = seconds()
    series = written(np.asarray(model.generate_numpy(events // 100)[1])[:, :, 0], folder)
    return {"series": series, "training": round(training), "drawing": round(seconds() - begin, 1)}


def par(folder: Path, events: int) -> dict[str, Any]:
    from deepecho import PARModel

    sequences = [{"context": [], "data": [one.tolist()]} for one in windows()]

    def trained(epochs: int) -> tuple[Any, float]:
        begin = time.process_time()
        model = PARModel(epochs=epochs, cuda=False, verbose=False)
        model.fit_sequences(sequences, [], ["continuous"])
        return model, time.process_time() - begin

    _, short = trained(20)
    model, training = trained(max(int(20 * TRAINING / short), 1))
    begin = seconds()
    drawn = [model.sample_sequence([], LENGTH)[0] for _ in range(events // 100)]
    series = written(np.array(drawn, np.float64), folder)
    return {"series": series, "training": round(training), "drawing": round(seconds() - begin, 1)}


RIVALS = {
    "implicit": implicit, "spark_als": spark_als, "implicit_catalogue": implicit_catalogue,
    "implicit_recommend": implicit_recommend, "implicit_greedy": implicit_greedy,
    "dgan": dgan, "par": par,
}  # fmt: skip
