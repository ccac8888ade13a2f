from decimal import Decimal

import pandas as pd
import pytest

import tsgen
from small_shop import ITEMS, QUIET, USERS, log, read
from tsgen import RIMEstimator
from tsgen.errors import (
    DataError,
)


def test_what_cannot_be_saved_is_refused_before_training(monkeypatch):
    monkeypatch.setattr("tsgen.intensity.estimator.PartsFitter", None)  # nothing is learnt
    estimator = RIMEstimator(horizon="7D", relevance="popularity")
    mixed = USERS.assign(age=[1, "x"] * 20 + [None])
    with pytest.raises(DataError, match=r"'age' of users has .*int, str, such as 1 and 'x'\)"):
        estimator.train(read(log(), users=mixed), options=QUIET)
    objects = ITEMS.assign(shape=[{1, 2}, complex(1, 2)] * 6 + [None])
    with pytest.raises(DataError, match=r"'shape' of items has values that a model folder cannot"):
        estimator.train(read(log(), items=objects), options=QUIET)
    decimals = log().assign(item_id=lambda table: table["item_id"].map(Decimal))
    with pytest.raises(DataError, match=r"item ids are objects that cannot be saved.*astype\(str"):
        estimator.train(read(decimals), options=QUIET)


def test_attributes_of_many_kinds_are_saved_as_they_are(tmp_path):
    users = USERS.assign(
        since=pd.date_range("2020", periods=41, unit="us"), spent=Decimal("1.50"),
        month=pd.Period("2024-01", "M"), size=pd.Categorical(["s", "m"] * 20 + ["l"]),
        regular=[True, None] * 20 + [False],
    )  # fmt: skip
    model = RIMEstimator(horizon="7D", relevance="popularity").train(
        read(log(), users=users), options=QUIET
    )
    model.save(tmp_path / "model")
    pd.testing.assert_frame_equal(tsgen.load(tmp_path / "model").user_table, model.user_table)
