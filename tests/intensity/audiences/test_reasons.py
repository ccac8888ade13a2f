"""Reasons are plain facts of the log: a slow loop gives the same."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.errors import DataError
from tsgen.intensity.audiences.reasons import REASONS

QUIET = tsgen.TrainingOptions(seed=1)


def shop():
    draw = np.random.default_rng(4)
    days = pd.to_timedelta(np.sort(draw.uniform(0, 60, 500)), unit="D")
    return pd.DataFrame({
        "user_id": draw.integers(0, 30, 500), "item_id": draw.zipf(1.3, 500) % 40,
        "timestamp": (pd.Timestamp("2024-01-01") + days).round("s"),
    })  # fmt: skip


def slow(log, users, items, at):
    sets = {item: set(group["user_id"]) for item, group in log.groupby("item_id")}
    similar = set()
    for item in items:
        alike = [
            (-len(sets[item] & sets[o]) / np.sqrt(len(sets[item]) * len(sets[o])), o)
            for o in sets if o != item
        ]  # fmt: skip
        similar |= {other for cosine, other in sorted(alike)[:20] if cosine < 0}
    rows = []
    for user in users:
        own = log[log["user_id"] == user]
        bought = own[own["item_id"].isin(items)]
        rows.append((
            len(bought),
            (at - bought["timestamp"].max()) / pd.Timedelta("1D"),
            (at - own["timestamp"].max()) / pd.Timedelta("1D"),
            len((set(own["item_id"]) - set(items)) & similar),
        ))  # fmt: skip
    return np.array(rows, float)


@pytest.fixture(scope="module")
def model():
    estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    return estimator.train(shop(), options=QUIET)


@pytest.mark.parametrize("items", [[1], [2, 5, 9]])
def test_reasons_equal_a_slow_loop(model, items):
    found = model.audience(items, size=30, why=True)
    at = model.cutoff.tz_localize(None)
    expected = slow(shop(), found["user_id"], items, at)
    np.testing.assert_allclose(found[list(REASONS)].to_numpy(float), expected, atol=1e-6)
    assert found["days_since_bought"].isna().any() == (found["times_bought"] == 0).any()


def test_a_model_without_events_has_no_reasons_but_a_log_does(model):
    estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity", keep_events=False)
    bare = estimator.train(shop(), options=QUIET)
    with pytest.raises(DataError, match=r"keeps no events.*events="):
        bare.audience([1], size=3, why=True)
    assert set(REASONS) <= set(bare.audience([1], size=3, why=True, events=shop()))
