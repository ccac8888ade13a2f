import json
from decimal import Decimal

import pandas as pd
import pytest

import tsgen
from small_shop import ITEMS, QUIET, USERS, log, read
from tsgen import RIMEstimator
from tsgen.errors import DataError, ModelFormatError, SettingsError
from tsgen.storage import sealed


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


def test_an_absent_device_is_refused_though_no_part_has_a_network(tmp_path):
    model = RIMEstimator(horizon="7D", relevance="popularity").train(read(log()), options=QUIET)
    model.save(tmp_path / "model")
    with pytest.raises(SettingsError, match=r"device='cuda:99' is absent"):
        tsgen.load(tmp_path / "model", device="cuda:99")


def test_weights_of_another_kind_are_refused_in_a_sentence(tmp_path):
    model = RIMEstimator(horizon="7D", relevance="popularity").train(read(log()), options=QUIET)
    model.save(tmp_path / "model")
    (tmp_path / "model" / "weights.safetensors").write_bytes(b"nonsense")
    header = tmp_path / "model" / "model.json"
    content = {k: v for k, v in json.loads(header.read_text()).items() if k != "sha256"}
    header.write_text(json.dumps(sealed(content, tmp_path / "model", "model.json")))
    with pytest.raises(
        ModelFormatError, match=r"not a complete RIM model \(Error while deserializing"
    ):
        tsgen.load(tmp_path / "model")
