"""Users without an event: lists by their attributes, sums kept, the others as they were."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.errors import DataError
from tsgen.intensity.new_users.part import _own_pairs


def block(model, **how):
    scores = model.scores(**how)
    return scores.block(slice(0, scores.shape[0]), slice(0, scores.shape[1]))


def test_those_with_events_are_as_they_were_and_new_ones_are_not(trained, alike):
    with_attributes, without = block(trained), block(alike)
    new = trained.candidates().users_on_attributes
    others = np.delete(np.arange(400), new)
    assert len(new) >= 90
    assert (new >= 300).sum() == 95
    np.testing.assert_array_equal(with_attributes[others], without[others])
    assert len(np.unique(without[new].round(12), axis=0)) == 1
    assert len(np.unique(with_attributes[new].round(12), axis=0)) > 20


def test_a_new_user_is_as_active_and_likes_what_those_alike_do(trained, shop):
    young = shop[1][300:395]
    scores = block(trained)[300:395]
    toys = pd.Index(trained.items.ids).str.startswith("toy")
    share = scores[:, toys].sum(axis=1) / scores.sum(axis=1)
    assert share[young].min() > share[~young].max()
    assert share[~young].mean() < 0.45 < 0.65 < share[young].mean()  # .2 and .8 of events in truth
    ratio = scores.sum(axis=1)[young].mean() / scores.sum(axis=1)[~young].mean()
    assert 2 < ratio < 4  # 3 in truth


def test_what_a_user_expects_of_all_items_is_the_activity_as_before(trained, alike):
    ours, theirs = trained.candidates(), alike.candidates()
    lifted = ours.activity / theirs.activity
    np.testing.assert_allclose(
        block(trained).sum(axis=1) / block(alike).sum(axis=1), lifted, rtol=1e-4
    )
    assert (lifted[:300] == 1).mean() > 0.95


def test_lists_say_what_they_rest_on_and_count_those_without_attributes(trained, alike):
    table = trained.audience("toy 1", size=400)
    kinds = table["basis"].value_counts().to_dict()
    assert kinds == table.attrs["counts"]["basis"]
    assert kinds["nothing of their own"] == 5
    assert set(kinds) == {"events", "attributes", "nothing of their own"}
    assert "basis" not in alike.audience("toy 1", size=400)
    one = trained.recommend("u350", size=3)
    assert (one["basis"] == "attributes").all()


def test_it_is_saved_with_the_model(trained, tmp_path):
    trained.save(tmp_path / "m")
    again = tsgen.load(tmp_path / "m")
    np.testing.assert_array_equal(block(trained), block(again))
    assert again.parts.new_users.facts == trained.parts.new_users.facts


def test_users_of_a_newer_log_and_of_an_update_are_taken(trained, shop):
    log = shop[0]
    user = trained.states.users.ids[0]
    event = pd.DataFrame({
        "user_id": [user], "item_id": ["toy 1"], "timestamp": [pd.Timestamp("2024-04-02")]
    })  # fmt: skip
    updated = trained.update(event)
    assert len(updated.candidates().users_on_attributes) == len(
        trained.candidates().users_on_attributes
    )
    again = block(updated, at="2024-04-03")
    assert len(np.unique(again[320:390].round(12), axis=0)) > 20
    table = pd.DataFrame({"user_id": ["zoe", user], "age": [25.0, 60.0], "plan": "a", "email": "z"})
    newer = tsgen.Interactions.from_frame(pd.concat([frame_of(log, user), event]), users=table)
    with pytest.warns(tsgen.errors.DataWarning):
        assert trained.candidates(events=newer).users_on_attributes.tolist() == [1]
    bad = tsgen.Interactions.from_frame(event, users=table.assign(age=["young", "old"]))
    with pytest.raises(DataError, match="'age' holds numbers"), pytest.warns():
        trained.candidates(events=bad)


def frame_of(log, user):
    rows = np.flatnonzero(log.users.ids[log.user] == user)
    return pd.DataFrame({
        "user_id": user, "item_id": log.items.ids[log.item[rows]], "timestamp": pd.to_datetime(
            log.time[rows], unit="us")})  # fmt: skip


def test_nothing_changes_without_a_table_of_users(trained):
    bare = replace(trained, user_table=None)
    assert not len(bare.candidates().users_on_attributes)


@pytest.mark.parametrize("num", [7, 250])
def test_own_pairs_keep_the_sum_and_raise_what_the_lifts_raise(num):
    random = np.random.default_rng(2)
    base, lift = random.random((4, num)), random.random((4, num)) * 3 + 0.05
    shift, pairs = _own_pairs(base, lift)
    total = base * np.exp(shift)[:, None] + pairs.toarray()
    np.testing.assert_allclose(total.sum(axis=1), base.sum(axis=1))
    assert (np.diff(pairs.indptr) <= 100).all()
    assert pairs.data.min() > 0
    wanted = (
        base * lift / (base * lift).sum(axis=1, keepdims=True) * base.sum(axis=1, keepdims=True)
    )
    own = pairs.toarray() > 0
    np.testing.assert_allclose(total[own], wanted[own])
