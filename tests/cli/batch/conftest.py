import pandas as pd
import pytest


@pytest.fixture(scope="module")
def log(shop, tmp_path_factory):
    """The shop's events as Parquet."""
    path = tmp_path_factory.mktemp("log") / "events.parquet"
    pd.read_csv(shop / "events.csv").to_parquet(path)
    return path
