"""When attributes of users are learnt from, and how far they are believed."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories
from tsgen.errors import DataError, SettingsError
from tsgen.features import TabularEncoderEstimator
from tsgen.intensity.new_users import fit_new_users

HORIZON = 14 * 86_400_000_000


def histories_of(log):
    return Histories.of(log, int(log.time.max()) + 1)


def with_table(log, table):
    return Histories.of(
        Interactions.from_frame(
            pd.DataFrame({
                "user_id": log.users.ids[log.user],
                "item_id": log.items.ids[log.item],
                "timestamp": pd.to_datetime(log.time, unit="us"),
            }),
            users=table,
        ),
        int(log.time.max()) + 1,
    )  # fmt: skip


def test_attributes_that_tell_are_believed(shop):
    learnt = fit_new_users(histories_of(shop[0]), HORIZON, "columns", seed=1)
    assert learnt.facts["gain_items"] > 0.03
    assert learnt.facts["gain_activity"] > 0.03
    assert learnt.facts["rule"] == "columns"
    assert 280 < learnt.facts["users"] <= 300


def test_what_names_each_user_is_left_out(shop):
    learnt = fit_new_users(histories_of(shop[0]), HORIZON, "columns", seed=1)
    assert set(learnt.numbers.columns) == {"age", "plan"}


def test_columns_that_tell_nothing_are_said(shop, caplog):
    log, _ = shop
    table = log.user_table.assign(user_id=log.users.ids, shop="x", rent=np.nan)
    learnt = fit_new_users(with_table(log, table), HORIZON, "columns", seed=1)
    assert learnt is not None
    assert "tell nothing of users without events: email, shop, rent" in caplog.text


def test_attributes_dealt_at_random_are_not_believed(shop):
    log, _ = shop
    order = np.random.default_rng(0).permutation(400)
    table = log.user_table.iloc[order].reset_index(drop=True).assign(user_id=log.users.ids)
    learnt = fit_new_users(with_table(log, table), HORIZON, "columns", seed=1)
    strength = [np.abs(slopes).max() for slopes in (learnt.items, learnt.activity)]
    true = fit_new_users(histories_of(log), HORIZON, "columns", seed=1)
    assert strength[0] < 0.3 * np.abs(true.items).max()
    assert strength[1] < 0.3 * np.abs(true.activity).max()


def test_without_a_table_or_with_few_users_nothing_is_learnt_and_it_is_said(shop, caplog):
    log, _ = shop
    table = log.user_table.assign(user_id=log.users.ids)
    assert fit_new_users(with_table(log, None), HORIZON, "columns", seed=1) is None
    assert fit_new_users(histories_of(log), HORIZON, "none", seed=1) is None
    few = table.copy()
    few.loc[30:, ["age", "plan", "email"]] = None
    assert fit_new_users(with_table(log, few), HORIZON, "columns", seed=1) is None
    assert "the 109 users without events are all alike to the model: 29 users" in caplog.text
    same = table.assign(age=3.0, plan="a", email="x")
    assert fit_new_users(with_table(log, same), HORIZON, "columns", seed=1) is None
    assert "No column of the table tells one row from another" in caplog.text


def test_an_encoder_of_another_table_is_taken_and_saved(shop, tmp_path):
    log, _ = shop
    quiet = TrainingOptions(seed=1, progress=False)
    others = pd.concat([log.user_table] * 2)[["age", "plan"]]
    encoder = TabularEncoderEstimator(num_steps=2, width=8).train(others, options=quiet)
    simple = {"activity": "popularity", "relevance": "popularity", "repeats": "none"}
    estimator = RIMEstimator(horizon="14D", new_users="encoder", **simple)
    model = estimator.train(log, options=quiet, user_encoder=encoder)
    assert model.parts.new_users.numbers.description is encoder
    model.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    pd.testing.assert_frame_equal(*(m.audience(log.items.ids[0], size=400) for m in (again, model)))
    other = TabularEncoderEstimator(num_steps=2).train(others.assign(rent=others["age"] * 2.0))
    with pytest.raises(DataError, match="rent"):
        estimator.train(log, options=quiet, user_encoder=other)
    with pytest.raises(SettingsError, match=r"\(user_encoder=\) is read with new_users='enc"):
        RIMEstimator(horizon="14D", **simple).train(log, options=quiet, user_encoder=encoder)
