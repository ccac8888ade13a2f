"""Prices learnt before, applied to users as they come: ways to decide, and the protocol whole."""

import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation.studies.protocols.online_campaigns import WAYS, Arrivals, online_campaigns
from tsgen.evaluation.studies.sources import StudySources

STUDY = {
    "data": "shop", "horizon": "7D", "origins": 1, "campaigns": 3, "filled": 0.5,
    "settings": {"activity": "popularity", "relevance": "popularity", "repeats": "none"},
}  # fmt: skip


def arrivals(seed, n=60, m=4):
    rng = np.random.default_rng(seed)
    expected = rng.gamma(0.5, size=(n, m))
    return Arrivals(expected, rng.poisson(expected).astype(float))


@pytest.mark.parametrize("way", WAYS)
def test_no_campaign_gets_more_than_its_places_and_no_user_more_than_one(way):
    learnt, coming = arrivals(1), arrivals(2)
    places = np.array([5.0, 3.0, 8.0, 2.0])
    chosen = WAYS[way](learnt, coming, places)
    assert chosen.shape == (60,)
    assert (np.bincount(chosen[chosen >= 0], minlength=4) <= places).all()


def gained(values, chosen):
    return values[np.arange(len(chosen)), np.maximum(chosen, 0)][chosen >= 0].sum()


def test_who_knows_more_does_not_do_worse():
    learnt, coming = arrivals(1), arrivals(2)
    places = np.full(4, 6.0)
    chosen = {way: WAYS[way](learnt, coming, places) for way in WAYS}
    expected = {way: gained(coming.expected, codes) for way, codes in chosen.items()}
    assert expected["offline-dual"] >= 0.99 * max(expected.values())
    assert expected["prices"] > expected["no-prices"]  # who comes first takes the places
    realised = {way: gained(coming.realised, codes) for way, codes in chosen.items()}
    assert realised["hindsight"] == max(realised.values())


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    days = pd.date_range("2024-01-01", periods=70, freq="D")
    rows = [
        {"user_id": f"u{u:02d}", "item_id": f"i{(u + k) % 4}", "timestamp": day}
        for k, day in enumerate(days)
        for u in range(24)
        if (k + u) % (2 + u % 5) == 0
    ]
    pd.DataFrame(rows).assign(value=1.0).to_parquet(folder / "shop.parquet")
    return StudySources(folder, folder)


@pytest.mark.filterwarnings("ignore::tsgen.errors.TsgenWarning")
def test_the_offline_way_is_all_of_itself_and_rows_have_intervals(sources):
    dual = online_campaigns(STUDY, {"way": "offline-dual"}, 1, sources)["measures"]
    assert set(dual) == {"of_offline.1", "realised.1", "expected.1"}
    assert set(dual["of_offline.1"].values()) == {1.0}
    prices = online_campaigns(STUDY, {"way": "prices"}, 1, sources)["measures"]
    row = prices["of_offline.1"]
    assert row["low"] <= row["value"] <= row["high"]
    ratio = prices["realised.1"]["value"] / dual["realised.1"]["value"]
    assert row["value"] == pytest.approx(ratio, abs=1e-4)
