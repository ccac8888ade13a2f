"""A shop of forty users: its log on disk, and a RIM of its past, saved."""

import pandas as pd
import pytest

from small_shop import ITEMS, QUIET, log, read
from tsgen import RIMEstimator


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    table = log().assign(value=2.5)
    events = read(table, items=ITEMS)
    model = RIMEstimator(horizon="7D").train(events.before("2024-02-20"), options=QUIET)
    model.save(folder / "model")
    table.sample(frac=1, random_state=1).to_parquet(folder / "log.parquet")
    halves = folder / "halves"
    halves.mkdir()
    table[:300].to_parquet(halves / "a.parquet")
    table[300:].to_parquet(halves / "b.parquet")
    return folder, model, read(table.drop(columns="value"))


@pytest.fixture
def written(tmp_path):
    def place(name="out.parquet"):
        return tmp_path / name

    return place


@pytest.fixture
def same_rows():
    def compare(one, other, keys):
        a, b = (t.sort_values(keys).reset_index(drop=True) for t in (one, other))
        pd.testing.assert_frame_equal(a[b.columns], b, rtol=1e-5)

    return compare
