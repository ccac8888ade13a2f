import numpy as np
import pandas as pd
import pytest

from tsgen.curation import DomainGraph, market_series
from tsgen.data import SeriesDataset
from tsgen.data.series import to_series
from tsgen.errors import DataError, SettingsError

GRAPH = DomainGraph.from_edges([(f"s{k}", f"s{k + 1}") for k in range(7)])


def sites():
    """Seven sites in a row, two series each; the season moves along the row."""
    random = np.random.default_rng(0)
    frames = []
    for site in range(7):
        for copy in range(2):
            steps = np.arange(72)
            values = 10 + 4 * np.sin((steps + 1.5 * site) * np.pi / 6) + random.normal(0, 0.2, 72)
            frames.append(pd.DataFrame({
                "item_id": f"s{site}-{copy}", "target": values,
                "timestamp": pd.date_range("2018-01-01", periods=72, freq="MS"),
            }))  # fmt: skip
    return to_series(pd.concat(frames), freq="M")


@pytest.fixture(scope="module")
def data():
    return sites()


DOMAINS = [f"s{k}" for k in range(7) for _ in range(2)]


def test_near_sites_are_there_more_often_and_the_target_is_not(data):
    near, weights = market_series(
        data, GRAPH, "s6", DOMAINS, prediction_length=6, scale=1.0, seed=1
    )
    site = pd.Series([entry["item_id"][:2] for entry in near]).value_counts()
    assert "s6" not in site
    assert site["s5"] > site.get("s3", 0) >= site.get("s0", 0)
    assert abs(len(near) - 12) <= 1
    first = {entry["item_id"]: entry["target"] for entry in near}
    copies = [name for name in first if "copy" in name]
    assert copies
    for name in copies:
        np.testing.assert_array_equal(first[name], first[name.split(" (")[0]])
    assert weights.weights["s5"] > weights.weights["s0"]


def test_the_scale_errs_least_on_sites_left_out_or_weighs_all_alike(data):
    _, weights = market_series(data, GRAPH, "s7", DOMAINS, prediction_length=6, seed=1)
    least = min(weights.losses, key=weights.losses.__getitem__)
    assert weights.scale in (least, np.inf)
    assert len(weights.losses) == 6


def test_bad_input_is_named(data):
    with pytest.raises(DataError, match="13 markets are given for 14 series"):
        market_series(data, GRAPH, "s7", DOMAINS[:-1], prediction_length=6)
    with pytest.raises(DataError, match="has no domain 'x'"):
        market_series(data, GRAPH, "s7", ["x", *DOMAINS[1:]], prediction_length=6, scale=1.0)
    with pytest.raises(SettingsError, match="graph is a list, not a DomainGraph"):
        market_series(data, [("s0", "s1")], "s7", DOMAINS, prediction_length=6)
    short, _ = data.subset(np.arange(2)).split(last=64)
    mixed = SeriesDataset.concat([short, data.subset(np.arange(2, 14))])
    with pytest.raises(DataError, match="Site 's0' has no complete window of 12 steps"):
        market_series(mixed, GRAPH, "s7", DOMAINS, prediction_length=6)
