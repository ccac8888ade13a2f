"""A table and a log, each with a small model trained on it."""

import json

import numpy as np
import pandas as pd
import pytest

from command_line import TINY, run, succeed
from tsgen.data import simulate_series


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder with a table and a model trained on it."""
    folder = tmp_path_factory.mktemp("cli")
    frame = simulate_series(num_series=3, length=72, seed=1).to_frame()
    frame["shop"] = frame["item_id"].map({"series-0": "x", "series-1": "y", "series-2": "x"})
    frame.to_csv(folder / "load.csv", index=False)
    words = ["train", "psa-gan", folder / "load.csv", "-o", folder / "model", "--seed", "1", *TINY]
    succeed(*words, "--read", "static=shop")
    return folder


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    random = np.random.default_rng(0)
    table = pd.DataFrame({
        "user_id": random.integers(0, 30, 500),
        "item_id": random.choice(["tea", "mug", "007"], 500),
        "timestamp": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(random.integers(0, 60 * 1440, 500), "min"),
    })  # fmt: skip
    table.to_csv(folder / "events.csv", index=False)
    result = run("train", "rim", folder / "events.csv", "-o", folder / "model", "--seed", 1,
                 "--set", "horizon=7D", "--set", "relevance=popularity", "--json")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["num_users"] == 30
    return folder
