"""A PSA-GAN with features that change in time: whose they are, what if, what is lacking."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.data import MultivariateDataset, simulate_series, to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.psagan import PSAGANEstimator, augment
from tsgen.training import TrainingOptions

OPTIONS = {"dynamic": ["promo", "kind"], "past_dynamic": ["rain"]}


def trained(data, estimator=PSAGANEstimator, **settings):
    small = {"target_length": 8, "num_steps": 6, "batch_size": 4, "channels": (8,)} | settings
    return estimator(**small).train(data, options=TrainingOptions(seed=1, progress=False))


@pytest.fixture(scope="module")
def data(shop):
    return to_dataset(shop(), static=["store"], **OPTIONS)


@pytest.fixture(scope="module")
def model(data):
    return trained(data)


pytestmark = pytest.mark.filterwarnings("ignore:.*on average over a window")


# ---- whose features -----------------------------------------------------------------------------


def test_drawn_series_carry_the_features_of_their_source(model, data):
    drawn = model.sample(2, like=data, length="like", seed=1)
    assert np.array_equal(drawn.dynamic.real[0], np.repeat(
        data.dynamic.real[0].reshape(6, -1), 2, axis=0
    ).ravel())  # fmt: skip
    remembered = model.sample(1, items=["s3"], start="2024-01-11", seed=1)
    assert np.array_equal(remembered.dynamic.real[0], data.dynamic.real[0][3 * 80 + 10 :][:8])


def test_features_move_the_draws_at_their_own_steps_and_nothing_else_does(model, data):
    drawn = [
        model.sample(3, like=data, length=8, dynamic={"promo": value}, constraints=None, seed=1)
        for value in (0.0, 1.0, 1.0)
    ]
    assert not np.allclose(drawn[0].values, drawn[1].values)
    assert np.array_equal(drawn[1].values, drawn[2].values)


def test_what_if_changes_only_what_it_names(model, data):
    drawn = model.sample(1, items=["s1"], start="2024-01-01", dynamic={"promo": [0, 1] * 4}, seed=1)
    assert drawn.dynamic.real[0].tolist() == [0, 1] * 4
    kinds = data.dynamic.columns()["kind"][80:88]
    assert drawn.dynamic.columns()["kind"].tolist() == kinds.tolist()


def test_a_table_reaches_beyond_what_is_known(model):
    days = pd.date_range("2025-03-01", periods=8, freq="D")
    rows = pd.DataFrame({"timestamp": days, "promo": [0, 1] * 4, "kind": "y"})
    with pytest.warns(DataWarning, match="rain not known at 16 of 16"):
        drawn = model.sample(2, items=["s0"], start="2025-03-01", dynamic=rows, seed=1)
    assert drawn.dynamic.real[0].tolist() == [0, 1] * 8
    mine = rows.assign(item_id="s1", promo=1.0)
    with pytest.warns(DataWarning):
        one = model.sample(1, items=["s1"], start="2025-03-01", dynamic=mine, seed=1)
    assert one.dynamic.real[0].tolist() == [1] * 8
    advised = (
        r"promo, kind are not known at 8 of 8.*'s0'.* dynamic=\{'promo': 0.0, 'kind': 'x'\} or"
    )
    with pytest.raises(DataError, match=advised):
        model.sample(1, items=["s0"], start="2025-03-01", dynamic=mine, seed=1)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"prmo": 1}, SettingsError, "'prmo'.*mean 'promo'"),
        ({"kind": "z"}, DataError, "category 'z'.*knows 'x', 'y'"),
        ({"promo": [1, 2]}, SettingsError, "one for each of the 8 steps"),
        (3, SettingsError, "mapping"),
        (pd.DataFrame({"timestamp": [1]}), DataError, "none of the columns promo, kind, rain"),
    ],
)
def test_impossible_changes_are_one_sentence(model, data, given, error, message):
    with pytest.raises(error, match=message):
        model.sample(1, like=data, length=8, dynamic=given)


def test_values_beyond_training_are_said(model, data):
    with pytest.warns(DataWarning, match=r"'promo' is given beyond.*\[0, 1\] at 48 steps"):
        model.sample(1, like=data, length=8, dynamic={"promo": 5.0}, seed=1)


def test_a_promotion_on_every_day_is_drawn_in_turns_of_days_like_those_of_training(
    model, data, monkeypatch
):
    shown, conditions = [], type(model.conditions)

    def at(self, *place):
        shown.append(place[-1][:, 0])
        return original(self, *place)

    original = conditions.at
    monkeypatch.setattr(conditions, "at", at)
    (promo, *_) = model.drawing.turns.switches
    drawn = model.sample(1, like=data, length=8, dynamic={"promo": 1.0}, seed=1)
    assert (drawn.dynamic.real[0] == 1).all()
    on = [(turn == turn.max()).float().mean(dim=1).max() for turn in shown]
    assert len(on) > 1
    assert max(on) <= promo.most


@pytest.mark.filterwarnings("default:.*on average over a window")
def test_a_price_that_is_always_low_is_said_to_be_unlike_training(shop):
    data = to_dataset(shop(2).assign(price=lambda t: 5 - t["promo"] - t["rain"]), dynamic=["price"])
    with pytest.warns(DataWarning, match="'price' is .* on average over a window of 2 of 2 series"):
        trained(data, num_steps=1).sample(1, like=data, length=8, dynamic={"price": 3.5}, seed=1)


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_lacking_features_are_named_or_remembered(model, data, shop):
    bare = to_dataset(shop(), static=["store"])
    with pytest.warns(DataWarning, match="lack the features promo, kind, rain; those of the same"):
        model.sample(1, like=bare, seed=1)
    new = to_dataset(shop().assign(item_id=lambda t: "new" + t["item_id"]), static=["store"])
    with pytest.raises(DataError, match="promo, kind, rain are lacking"):
        model.sample(1, like=new, seed=1)
    half = shop().drop(columns="kind")
    with pytest.raises(DataError, match="kind is lacking"):
        model.sample(1, like=half, seed=1)
    assert len(model.sample(1, like=half, length=8, dynamic={"kind": "x"}, seed=1)) == 6


def test_a_saved_model_draws_the_same(model, tmp_path):
    model.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    ours, theirs = (m.sample(4, length=20, seed=3) for m in (model, again))
    assert np.array_equal(ours.values, theirs.values)
    assert ours.dynamic.digest() == theirs.dynamic.digest()


def test_a_model_without_features_refuses_them():
    plain = trained(simulate_series(2, 40))
    with pytest.raises(SettingsError, match="trained without features"):
        plain.sample(1, dynamic={"promo": 1})


# ---- augmentation and other kinds of models -----------------------------------------------------


def test_augmentation_keeps_each_entrys_own(model, data):
    both = augment(data, model, 1.0, seed=1)
    assert len({frozenset(entry) for entry in both}) == 1
    for entry, facts in zip(both, both.info, strict=True):
        source = data.item_ids.index(facts.get("source_item_id") or entry["item_id"])
        own = data.dynamic.real[:, 80 * source : 80 * (source + 1)]
        assert np.array_equal(entry["feat_dynamic_real"], own)


def test_channels_follow_the_same_features(shop):
    wide = shop(3).assign(visits=lambda t: 3 * t["target"])
    data = to_dataset(wide, target=["target", "visits"], dynamic=["promo"])
    model = trained(data)
    drawn = model.sample(2, like=data, length=8, seed=1)
    assert isinstance(drawn, MultivariateDataset)
    assert drawn.dynamic.real.shape == (1, 48)
    changed = model.sample(2, like=data, length=8, dynamic={"promo": 1.0}, seed=1)
    assert not np.allclose(drawn.values, changed.values)


def test_fine_tuning_goes_on_with_the_same_features(model, shop):
    newer = shop(3, seed=1).assign(item_id=lambda t: t["item_id"].str.replace("s", "n"))
    tuned = model.fine_tune(to_dataset(newer, static=["store"], **OPTIONS), num_steps=2)
    assert tuned.features.lengths.tolist() == [80] * 9
    assert len(tuned.sample(3, items=["n1"], seed=1).dynamic.real[0]) == 24
    with pytest.raises(DataError, match="are lacking"):
        model.fine_tune(to_dataset(newer, static=["store"]), num_steps=2)


def test_the_paper_preset_sees_features_too(data, shop):
    paper = trained(
        to_dataset(shop(2), dynamic=["promo"]), preset="paper", target_length=16, batch_size=2,
        channels=PSAGANEstimator.model_fields["channels"].default, num_steps=4,
    )  # fmt: skip
    given = {"items": ["s0"], "seed": 1, "start": "2024-01-01"}
    low, high = (paper.sample(1, dynamic={"promo": v}, **given).values for v in (0.0, 1.0))
    assert not np.allclose(low, high)


# ---- learning -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_known_effect_of_a_promotion_is_learnt(shop):
    data = to_dataset(shop(8, 200, effect=1.0), dynamic=["promo"])
    model = trained(
        data, target_length=16, num_steps=700, batch_size=32,
        channels=PSAGANEstimator.model_fields["channels"].default,
    )  # fmt: skip
    drawn = model.sample(5, like=data, length="like", seed=1)
    on = drawn.dynamic.real[0] == 1
    assert 1.7 < drawn.values[on].mean() / drawn.values[~on].mean() < 2.3
    days = np.zeros(16)
    days[8] = 1.0
    off, one = (
        model.sample(20, like=data, length=16, dynamic={"promo": p}, seed=2).values.reshape(-1, 16)
        for p in (0 * days, days)
    )
    rise = (one / off).mean(axis=0)
    assert 1.6 < rise[8] < 2.5
    assert np.delete(rise, [7, 8, 9]).max() < 1.25
