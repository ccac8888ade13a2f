"""Whole inputs of every kind that tsgen reads, small: what the fuzzer damages."""

import functools
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather

from tsgen import RIMEstimator, TrainingOptions
from tsgen.data import Interactions

SAVED = Path(__file__).parents[1] / "fixtures" / "saved"
MODELS = {
    "psagan": "psa-gan-default",
    "channels": "psa-gan-multivariate",
    "forecaster": "psa-gan-c-default",
    "shop": "rim-default",
    "run": "run-fidelity",
    "run2": "run-audience",
}
STUDY = """\
data = "load"
prediction_length = 4
num_windows = 1
seeds = [1]
num_test_series = 2
[forecasters.naive]
estimator = "seasonal_naive"
[arms.real]
[arms.jitter]
method = "jitter"
"""
CAMPAIGNS = """\
max_campaigns = 1
holdout = 0.1
[[campaigns]]
name = "a"
items = ["i1"]
at_most = 3
value = 6.0
[[campaigns]]
name = "b"
items = ["i2", "i3"]
cost = 0.4
budget = 4
"""
CONFIG = 'target_length = 8\nnum_steps = 2\nbatch_size = 4\nchannels = [4]\npreset = "default"\n'
STEPS = 40


def series():
    steps = np.arange(STEPS)
    times = pd.date_range("2024-01-01", periods=STEPS, freq="h")
    return pd.concat(
        [
            pd.DataFrame({"item_id": i, "timestamp": times, "target": 5 + k + np.sin(steps / 3)})
            for k, i in enumerate(("series-0", "series-1"))
        ],
        ignore_index=True,
    ).round({"target": 3})


def events():
    draw = np.random.default_rng(0)
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(120) * 12, "h")
    return pd.DataFrame(
        {
            "user_id": [f"u{k:02d}" for k in draw.integers(0, 20, 120)],
            "item_id": [f"i{k}" for k in draw.integers(0, 6, 120)],
            "timestamp": times,
            "value": draw.integers(1, 9, 120) * 1.0,
        }
    )


def later():
    """Return events of the same users after those of `events`."""
    log = events().tail(30)
    return log.assign(timestamp=log["timestamp"] + pd.Timedelta("16D"))


def attributes(what="user"):
    ids = [f"u{k:02d}" for k in range(20)] if what == "user" else [f"i{k}" for k in range(6)]
    return pd.DataFrame({f"{what}_id": ids, "kind": [f"k{k % 3}" for k in range(len(ids))]})


def entries():
    table = series()
    return [
        {"item_id": i, "start": "2024-01-01 00:00", "target": part["target"].tolist()}
        for i, part in table.groupby("item_id")
    ]


def parquet(table):
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def arrow_of(rows):
    file = io.BytesIO()
    feather.write_feather(pa.Table.from_pylist(rows), file, compression="uncompressed")
    return file.getvalue()


def text(table, **options):
    return table.to_csv(index=False, **options).encode()


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def contents():
    """Return path -> bytes of all inputs that are files."""
    load, log = series(), events()
    return {
        "load.csv": text(load),
        "load.tsv": text(load, sep="\t"),
        "load.parquet": parquet(load),
        "parts/a.parquet": parquet(load[:STEPS]),
        "parts/b.parquet": parquet(load[STEPS:]),
        "entries.jsonl": lines(entries()),
        "entries.arrow": arrow_of(entries()),
        "folder/metadata.json": b'{"freq": "h", "prediction_length": 4}',
        "folder/train/data.json": lines(entries()),
        "log.csv": text(log),
        "log.tsv": text(log, sep="\t"),
        "log.parquet": parquet(log),
        "logs/a.parquet": parquet(log[:60]),
        "logs/b.parquet": parquet(log[60:]),
        "later.csv": text(later()),
        "later.parquet": parquet(later()),
        "kinds.csv": text(
            load.assign(kind=load["item_id"].map({"series-0": "a", "series-1": "b"}))
        ),
        "past.csv": b"user_id,timestamp\nu01,2024-02-28\nu02,2024-02-29\n",
        "requests.csv": b"item_id,number\nseries-0,2\nseries-1,1\n",
        "new.csv": b"item_id,kind\nn1,k0\nn2,k9\n",
        "users.csv": text(attributes()),
        "users.parquet": parquet(attributes()),
        "items.csv": text(attributes("item")),
        "ids.txt": b"u01\nu02\nu03\n",
        "ids.csv": b"user_id,why\nu01,x\nu02,y\n",
        "ids.parquet": parquet(pd.DataFrame({"user_id": ["u01", "u02"]})),
        "contacts.csv": b"user_id,campaign,expected_engagements\nu01,a,0.1\nu02,b,0.2\n",
        "holdouts.csv": b"user_id,campaign,expected_engagements\nu03,a,0.1\nu04,b,0.1\n",
        "config.toml": CONFIG.encode(),
        "config.json": b'{"target_length": 8, "num_steps": 2, "batch_size": 4, "channels": [4]}',
        "rim.toml": b'horizon = "7D"\nrelevance = "popularity"\nactivity = "moving-average"\n',
        "campaigns.toml": CAMPAIGNS.encode(),
        "study.toml": STUDY.encode(),
    }


def write_all(folder):
    """Write all inputs and models to a folder."""
    write(folder, contents())
    for name, saved in MODELS.items():
        shutil.copytree(SAVED / saved / "saved", folder / name)
    kept().save(folder / "kept")


@functools.cache
def kept():
    """Return a RIM that keeps its events and knows attributes of items."""
    log = Interactions.from_frame(events(), items=attributes("item"))
    estimator = RIMEstimator(horizon="7D", relevance="popularity", activity="moving-average")
    return estimator.train(log, options=TrainingOptions(seed=1, device="cpu", progress=False))


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it may be a link to the whole input
        path.write_bytes(content)
