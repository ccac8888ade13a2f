import numpy as np
import pandas as pd
import pytest

from small_shop import ITEMS, QUIET, START, USERS, log, read
from tsgen import RIMEstimator
from tsgen.errors import (
    DataError,
    DataWarning,
    SettingsError,
)


@pytest.fixture(scope="module")
def events(shop_events):
    return shop_events


@pytest.fixture(scope="module")
def model(shop_model):
    return shop_model


def tiny(**settings):
    network = {"hidden_size": 8, "num_layers": 1, "max_epochs": 2}
    return RIMEstimator(**{"horizon": "7D", "network": network} | settings)


def test_later_events_leak_into_nothing(events):
    moved = log()
    later = moved["timestamp"] >= "2024-02-20"
    moved.loc[later, "timestamp"] += pd.Timedelta("90D")
    moved.loc[later, "item_id"] = 100
    other = read(moved, users=USERS, items=ITEMS)
    frames = [
        tiny(relevance="gru").train(log_, at="2024-02-20", options=QUIET).scores().to_frame()
        for log_ in (events, other)
    ]
    pd.testing.assert_frame_equal(*frames)


def test_several_devices_are_for_sequence_models(events):
    options = QUIET.model_copy(update={"devices": 2})
    with pytest.raises(SettingsError, match=r"devices=2 is possible for the sequence models alone"):
        tiny(relevance="popularity").train(events, options=options)


def test_an_absent_device_is_refused_though_no_network_is_trained(events):
    options = QUIET.model_copy(update={"device": "cuda:99"})
    with pytest.raises(SettingsError, match=r"device='cuda:99' is absent"):
        tiny(relevance="popularity").train(events, options=options)


def test_odd_logs_are_served_or_refused_in_one_sentence():
    one_user = log().assign(user_id="only")
    model = RIMEstimator(horizon="7D", relevance="popularity").train(read(one_user), options=QUIET)
    assert model.audience(104, size=5)["user_id"].tolist() == ["only"]
    one_item = log().assign(item_id="cd")
    model = RIMEstimator(horizon="7D", relevance="popularity").train(read(one_item), options=QUIET)
    assert len(model.audience("cd", size=100)) == len(set(one_item["user_id"]))
    with pytest.raises(DataError, match="horizon 90D is longer than the data"):
        RIMEstimator(horizon="90D").train(read(log()))
    with pytest.raises(DataError, match="No event lies before the cut-off"):
        RIMEstimator(horizon="7D").train(read(log()), at="2020-01-01")
    with pytest.raises(SettingsError, match="horizon"):
        RIMEstimator(horizon="two weeks")


def test_one_event_with_a_date_gone_wrong_is_told():
    wrong = log(size=1).assign(timestamp=pd.Timestamp("2124-01-01"))
    table = pd.concat([log(), wrong])
    estimator = RIMEstimator(horizon="7D", activity="popularity", repeats="none")
    with pytest.warns(DataWarning, match="The last 1 of 901 events is at 2124-01-01"):
        estimator.train(read(table), options=QUIET)
    estimator.train(read(table), at="2024-03-01", options=QUIET)


def test_counts_are_forecast_on_a_steady_log():
    random = np.random.default_rng(1)
    table = log(seed=1, size=6000)
    table["timestamp"] = START + pd.to_timedelta(random.integers(0, 60 * 86_400, 6000), "s")
    estimator = RIMEstimator(horizon="7D", relevance="popularity", activity="bg-nbd")
    model = estimator.train(read(table), at="2024-02-20", options=QUIET)
    expected = model.scores().block(slice(0, 40), slice(0, 12)).astype(float)
    window = table[table["timestamp"].between("2024-02-20", "2024-02-27", inclusive="left")]
    assert expected.sum() == pytest.approx(len(window), rel=0.1)
