"""Towers from a teacher, and all that a model does besides."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from small_shop import USERS, log, read
from tsgen import allocate
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.features import TowerSettings, distil
from tsgen.intensity.relevance import FittedTowers
from tsgen.intensity.towers import distilling

BRIEF = TowerSettings(num_steps=150)
NEW = pd.DataFrame({"item_id": [200, 201], "kind": ["tea", "mug"], "brand": ["x", "y"]})

pytestmark = pytest.mark.filterwarnings("ignore:The attributes of items tell")


@pytest.fixture(scope="module")
def fast(teacher):
    return distil(teacher, rank=6, settings=BRIEF, seed=5)


def dense(model, **how):
    scores = model.scores(**how)
    return scores.block(slice(0, scores.shape[0]), slice(0, 12))


def test_lists_are_nearly_those_of_the_teacher(teacher, fast):
    assert isinstance(fast.parts.relevance, FittedTowers)
    assert fast.summary["towers"]["agreement"] > 0.9
    first, second = dense(teacher).ravel(), dense(fast).ravel()
    assert np.corrcoef(np.log(first + 1e-6), np.log(second + 1e-6))[0, 1] > 0.95
    first, second = teacher.audience(103, size=10), fast.audience(103, size=20)
    assert first["user_id"].isin(second["user_id"]).sum() >= 9


def test_users_have_the_activity_that_the_teacher_did_not_lift(teacher, fast):
    lift = teacher.states.lift
    expected = dense(teacher).sum(1) / lift
    np.testing.assert_allclose(dense(fast).sum(1), expected, rtol=2e-3, atol=1e-6)
    first, second = (m.audience(103, size=40).set_index("user_id") for m in (teacher, fast))
    lifts = pd.Series(lift, teacher.states.users.ids)
    pd.testing.assert_series_equal(
        second["activity"].sort_index(),
        (first["activity"] / lifts).reindex(second.index).sort_index(),
        rtol=1e-3,
        check_names=False,
        check_dtype=False,
    )


def test_chances_add_up_to_those_of_the_teacher(teacher, fast):
    chances = [m.probability(dense(m)).sum() for m in (teacher, fast)]
    assert chances[1] == pytest.approx(chances[0], rel=0.05)


def test_a_saved_one_gives_the_same_lists(fast, tmp_path):
    fast.save(tmp_path / "m")
    again = tsgen.load(tmp_path / "m")
    assert again.settings.relevance == "towers"
    np.testing.assert_array_equal(dense(again), dense(fast))
    pd.testing.assert_frame_equal(again.recommend("u01", size=4), fast.recommend("u01", size=4))


def test_new_histories_become_vectors(fast):
    newer = log()
    updated = fast.update(newer[newer["timestamp"] >= "2024-02-20"])
    np.testing.assert_allclose(
        dense(updated), dense(fast, events=read(newer, users=USERS)), rtol=1e-4
    )
    stranger = newer[newer["user_id"] == "u03"].assign(user_id="somebody")
    with pytest.warns(DataWarning, match="has 1 of the"):
        scores = dense(fast, events=pd.concat([newer[newer["user_id"] == "u03"], stranger]))
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-6)


def test_campaigns_and_new_items_go_on(teacher, fast):
    from tsgen.allocation import Campaign

    plan = [Campaign(name=str(item), items=[item], at_most=4) for item in (101, 102)]
    assert len(allocate(fast, plan).table) == 8
    wide = fast.with_items(NEW)
    few = TowerSettings(num_steps=20)
    before = distil(teacher.with_items(NEW), rank=6, settings=few, seed=5)
    for one in (wide, before):
        wanted = teacher.with_items(NEW).audience(200, size=40)["probability"].sum()
        assert one.audience(200, size=40)["probability"].sum() == pytest.approx(wanted, rel=0.05)


def test_a_model_without_events_needs_the_log(teacher):
    from dataclasses import replace

    bare = replace(teacher, events=None)
    with pytest.raises(DataError, match="give the log"):
        distil(bare, rank=2, settings=BRIEF)
    few = read(log()[lambda table: table["user_id"] > "u05"])
    with pytest.raises(DataError, match=r"lacks \d+ of the 41 users"):
        distil(bare, rank=2, settings=BRIEF, log=few)


def test_towers_do_not_teach(fast):
    with pytest.raises(SettingsError, match="has towers already"):
        distil(fast)


def test_lists_that_do_not_agree_are_said(teacher, monkeypatch):
    monkeypatch.setattr(distilling, "overlap", lambda *lists: 0.5)
    with pytest.warns(DataWarning, match="have 50 % among their first 6"):
        distil(teacher, rank=1, settings=TowerSettings(num_steps=2), seed=1)


@pytest.mark.parametrize("seed", [-1, 10**30, True])
def test_an_impossible_seed_is_refused_before_anything_is_taught(teacher, seed):
    with pytest.raises(SettingsError, match="is not possible"):
        distil(teacher, rank=2, settings=BRIEF, seed=seed)
