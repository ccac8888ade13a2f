import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.data import Interactions
from tsgen.data.events import sample_users
from tsgen.errors import DataError, DataWarning, SettingsError

QUIET = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)


def shop(num=900, users=40, seed=0):
    draw = np.random.default_rng(seed)
    days = pd.to_timedelta(np.sort(draw.uniform(0, 90, num)), unit="D")
    return pd.DataFrame({
        "user_id": draw.zipf(1.6, num) % users,
        "item_id": draw.choice(list("abcdef"), num),
        "timestamp": (pd.Timestamp("2024-01-01") + days).round("s"),
    }).drop_duplicates(ignore_index=True)  # fmt: skip


WHOLE = shop()
OLD, NEW = WHOLE[:700], pd.concat([WHOLE[700:], WHOLE.tail(1).assign(user_id=99)])
BOTH = pd.concat([OLD, NEW])


def train(**settings):
    return tsgen.RIMEstimator(**{"horizon": "14D"} | settings).train(OLD, options=QUIET)


@pytest.fixture(scope="module")
def model():
    return train()


def assert_same_states(one, other):
    assert list(one.users.ids) == list(other.users.ids)
    assert one.at == other.at
    for name in ("activity", "factors", "occurred"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_almost_equal_nulp(one.bias, other.bias, 2)  # sums of 32 bits
    np.testing.assert_allclose(one.pairs.toarray(), other.pairs.toarray(), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "settings",
    [{}, {"activity": "bg-nbd", "repeats": "mixture"},
     {"relevance": "gru", "network": {"hidden_size": 4, "max_epochs": 1}}],
    ids=["default", "bg-nbd", "gru"],
)  # fmt: skip
def test_an_update_gives_the_states_that_the_whole_log_gives(settings, request):
    model = request.getfixturevalue("model") if not settings else train(**settings)
    updated = model.update(NEW)
    assert_same_states(updated.states, model.candidates(events=BOTH).states)
    wanted = model.audience("a", size=99, events=BOTH, exclude=[3])
    pd.testing.assert_frame_equal(updated.audience("a", size=99, exclude=[3]), wanted)
    assert 99 in set(updated.recommendations([99], size=1)["user_id"])
    assert model.states.at < updated.states.at  # the older model stays as it is


def test_updates_one_after_another_equal_one_and_survive_saving(model, tmp_path):
    first = model.update(NEW[:50])
    first.save(tmp_path / "m")
    second = tsgen.load(tmp_path / "m").update(NEW[50:])
    assert_same_states(second.states, model.update(NEW).states)
    assert second.summary["num_events"] == len(BOTH)
    assert second.summary["updates"] == 2
    total = second.candidates().activity.sum()
    assert second.summary["expected_events"] == pytest.approx(total, rel=0.05)


def test_what_is_known_already_counts_once_and_unknown_items_are_left_out(model):
    with pytest.warns(DataWarning, match=r"30 of \d+ new events are known already"):
        again = model.update(pd.concat([OLD.tail(30), NEW]))
    assert_same_states(again.states, model.update(NEW).states)
    strange = NEW.assign(item_id=["zzz", *NEW["item_id"][1:]])
    with pytest.warns(DataWarning, match="1 events of items that the model does not know"):
        model.update(strange)
    with (
        pytest.warns(DataWarning, match=f"{len(NEW)} events of items"),
        pytest.raises(DataError, match="None of the"),
    ):
        model.update(NEW.assign(item_id="zzz"))


def test_a_forgotten_user_comes_back_with_new_events_alone(model):
    busy = OLD["user_id"].mode()[0]
    assert busy in set(NEW["user_id"])
    known = Interactions.from_frame(BOTH[~((BOTH["user_id"] == busy) & (BOTH.index < 700))])
    updated = model.forget(busy).update(NEW)
    assert_same_states(updated.states, model.candidates(events=known).states)


def test_a_model_without_events_takes_the_log_and_says_so(model):
    bare = train(keep_events=False)
    with pytest.raises(DataError, match=r"keeps no events.*log="):
        bare.update(NEW)
    assert_same_states(bare.update(NEW, log=OLD).states, model.update(NEW).states)


def test_a_cut_off_before_the_old_one_is_refused(model):
    with pytest.raises(SettingsError, match="before the cut-off"):
        model.update(NEW, at="2024-02-01")
    late = model.update(NEW, at="2024-06-01")
    assert late.cutoff == pd.Timestamp("2024-06-01", tz="UTC")


def test_events_that_all_lie_before_the_cut_off_are_added_and_said(model):
    late = OLD.iloc[[100, 300]].assign(user_id=[0, 1])
    late["timestamp"] += pd.Timedelta("7s")
    with pytest.warns(DataWarning, match="All 2 events given as newer lie before the cut-off"):
        updated = model.update(late)
    assert updated.states.at == model.states.at
    assert updated.summary["num_events"] == model.summary["num_events"] + 2
    with pytest.warns(DataWarning) as said:  # known already, and that is said as well
        again = model.update(OLD.tail(30))
    assert sum("lie before the cut-off" in str(one.message) for one in said) == 1
    assert_same_states(again.states, model.states)


def test_returns_among_the_new_events_reach_older_purchases_where_the_log_is_given():
    old = OLD.assign(value=1.0)
    log = Interactions.from_frame(old, returns="cancel")
    estimator = tsgen.RIMEstimator(horizon="14D", repeats="none", relevance="popularity")
    model = estimator.train(log, options=QUIET)
    last = old.iloc[-1]
    late = old["timestamp"].max() + pd.Timedelta("1D")
    new = pd.DataFrame([last, last]).assign(value=[-1.0, 2.0])
    new["timestamp"] = late + pd.to_timedelta([0, 1], "h")
    with pytest.warns(DataWarning, match="took back 1 purchases whole"):
        reached = model.update(new, log=old)
    assert len(reached.events.item) == len(old)  # one taken back, one bought
    with pytest.warns(DataWarning) as warned:
        alone = model.update(new)
    assert any("among them alone" in str(one.message) for one in warned)
    assert len(alone.events.item) == len(old) + 1


def test_events_after_the_new_cut_off_are_left_out_and_counted(model):
    new = NEW[:-1]  # without the new user
    middle = new["timestamp"].iloc[100]
    late = int((new["timestamp"] >= middle).sum())
    with pytest.warns(DataWarning, match=f"^{late} events at or after at="):
        updated = model.update(new, at=middle)
    assert_same_states(updated.states, model.update(new[:-late], at=middle).states)
    assert updated.summary["num_events"] == len(OLD) + len(new) - late


def test_a_log_that_lacks_users_of_the_model_is_said_to_be_another(model):
    lacking = OLD[OLD["user_id"] != OLD["user_id"].iloc[0]]
    known = len(model.states)
    with pytest.warns(DataWarning, match=f"1 of the {known} users of the model are not in log="):
        updated = model.update(NEW[:5], log=lacking)
    assert len(updated.states) <= known


def test_a_model_of_a_sample_of_users_takes_no_newer_events(tmp_path):
    OLD.to_parquet(tmp_path / "log.parquet")
    sample = sample_users(tmp_path / "log.parquet", 10, seed=1)
    model = tsgen.RIMEstimator(horizon="14D", relevance="popularity").train(sample, options=QUIET)
    with pytest.warns(DataWarning, match=r"The model knows 10 of \d+ users.*lists hold no others"):
        assert len(model.audience("a", size=50)) <= 10
    assert len(model.audience("a", size=50, events=OLD)) > 10
    with pytest.raises(SettingsError, match=r"trained on 10 of .* users"):
        model.update(NEW)
    with pytest.raises(SettingsError, match=r"trained on 10 of .* users"):
        tsgen.RIMEstimator(horizon="14D").train_from(model, NEW)
