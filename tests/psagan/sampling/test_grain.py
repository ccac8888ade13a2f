"""Drawn values get the grain of real ones: rule by rule, then of a trained model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tsgen
from tsgen.data import to_dataset
from tsgen.errors import DataWarning
from tsgen.psagan import PSAGANEstimator, augment
from tsgen.psagan.memory import Grain
from tsgen.psagan.sampling import calibration
from tsgen.psagan.sampling.grain import hold_steady, piled_up, within_bounds
from tsgen.training import TrainingOptions


def grain(values, **changes):
    entry = {"start": pd.Period("2024-01-01", "h"), "target": np.asarray(values, float)}
    whole = {name: np.array([value]) for name, value in changes.items()}
    return replace(Grain.of(to_dataset([entry])), **whole)


def test_a_small_move_repeats_the_value_before():
    drawn = np.array([[0.0, 0.4, 0.9, 1.1, 2.5, 2.4], [0.0, 0.4, 0.9, 1.1, 2.5, 2.4]])
    held = hold_steady(drawn, np.array([1.0, np.nan]))
    np.testing.assert_array_equal(held[0], [0.0, 0.0, 0.0, 1.1, 2.5, 2.5])
    np.testing.assert_array_equal(held[1], drawn[1])


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=30))
def test_values_are_on_the_grid_and_within_the_bounds(drawn):
    facts = grain([-3.5, 0.0, 1.5, 7.0, 2.5])
    found = within_bounds(np.array([drawn]), facts)
    assert (found >= -3.5).all()
    assert (found <= 7.0).all()
    np.testing.assert_array_equal(found * 2, np.round(found * 2))
    np.testing.assert_array_equal(within_bounds(found, facts), found)


def test_bounds_of_an_older_grid_do_not_break_the_latest():
    values = np.r_[np.linspace(0.05, 99.95, 200), np.arange(10.0, 90.0)]
    facts = grain(values)
    found = within_bounds(np.array([[-5.0, 0.3, 50.4, 120.0]]), facts)
    np.testing.assert_array_equal(found, [[1.0, 1.0, 50.0, 99.0]])


def test_what_lies_near_a_bound_with_a_pile_up_is_at_it_and_nothing_else_is():
    facts = grain([0, 0, 0, 5, 7, 10, 10, 3], low_reach=0.2, high_reach=0.1)
    drawn = np.array([[-4.0, 1.9, 2.1, 8.9, 9.1, 20.0]])
    found = piled_up(drawn, drawn, facts, np.array([10.0]))
    np.testing.assert_array_equal(found, [[0.0, 0.0, 2.0, 9.0, 10.0, 10.0]])
    near = np.array([[0.4]])  # rounds to 0, but was not drawn near enough
    tight = replace(facts, low_reach=np.array([0.01]))
    np.testing.assert_array_equal(piled_up(near, near, tight, np.array([10.0])), [[1.0]])


def test_what_lies_beyond_a_bound_without_a_pile_up_is_mirrored_and_not_cut_off():
    facts = grain(np.sin(np.arange(200.0)) * np.pi)
    drawn = np.array([[facts.high[0] + 0.5, facts.high[0] + 0.7, facts.low[0] - 0.1, 100.0]])
    found = piled_up(drawn, drawn, facts, np.array([1.0]))
    expected = [facts.high[0] - 0.5, facts.high[0] - 0.7, facts.low[0] + 0.1, facts.low[0]]
    np.testing.assert_allclose(found[0], expected)


def test_what_lies_near_a_pile_up_inside_is_at_it():
    facts = grain([-4, 0, 0, 0, 5, 0, 0, -7, 10, 3], mode_reach=[0.12, np.nan, np.nan])
    assert (facts.mode[0, 0], facts.mode_share[0, 0]) == (0.0, 0.5)
    drawn = np.array([[-1.3, -1.1, 0.4, 1.2, 1.6, 20.0]])
    expected = [[-1.0, 0.0, 0.0, 0.0, 2.0, 0.0]]  # 20 is mirrored in 10
    np.testing.assert_array_equal(piled_up(drawn, drawn, facts, np.array([10.0])), expected)
    unset = replace(facts, mode_reach=np.full((1, 3), np.nan))
    np.testing.assert_array_equal(
        piled_up(drawn[:, :2], drawn[:, :2], unset, np.array([10.0])), [[-1.0, -1.0]]
    )


def test_what_lies_near_two_pile_ups_is_at_the_nearer():
    real = [18.0, 18.0, 18.0, 21.0, 21.0, 21.0, 18.0, 21.0, 25.0, 10.0]
    facts = grain(real * 10, mode_reach=[0.16, 0.2, np.nan])
    assert facts.mode[0, :2].tolist() == [18.0, 21.0]
    drawn = np.array([[15.0, 17.0, 19.4, 19.55, 20.5, 22.9, 24.0]])
    expected = [[15.0, 18.0, 18.0, 21.0, 21.0, 21.0, 24.0]]
    np.testing.assert_array_equal(piled_up(drawn, drawn, facts, np.array([10.0])), expected)


STEPS = 24 * 28


def real_entries():
    draw, t = np.random.default_rng(1), np.arange(STEPS)
    day = np.sin(2 * np.pi * t / 24)
    metro = np.round(200 + 120 * day + draw.normal(0, 20, STEPS))
    metro[t % 24 < 6] = np.nan
    stock = np.round(50 + 20 * day + draw.normal(0, 4, STEPS), 1)
    for begin in range(40, STEPS - 20, 60):
        stock[begin : begin + 6] = np.nan
    targets = {
        "battery": np.clip(np.round(60 + 60 * day + draw.normal(0, 8, STEPS), 1), 0, 100),
        "metro": metro,
        "stock": stock,
        "tank": np.repeat(50 + 3 * day[::4] + draw.normal(0, 1, STEPS // 4), 4),
        "flows": np.where(np.abs(day) < 0.4, 0.0, 5 * day + draw.normal(0, 1, STEPS)),
        "house": np.where(np.abs(day) > 0.7, 19.5 + 1.5 * np.sign(day),
                          19.5 + day + draw.normal(0, 1, STEPS)),
    }  # fmt: skip
    start = pd.Period("2024-01-01", "h")
    return [{"item_id": k, "start": start, "target": v} for k, v in targets.items()]


@pytest.fixture(scope="module")
def grained():
    estimator = PSAGANEstimator(target_length=24, num_steps=60, batch_size=16, min_observed=0.5)
    return estimator.train(real_entries(), options=TrainingOptions(seed=1, progress=False))


def of_source(augmented, item_id):
    return [augmented.series(i) for i, facts in enumerate(augmented.info)
            if facts["synthetic"] and facts["source_item_id"] == item_id]  # fmt: skip


def test_pile_ups_and_repeats_are_as_frequent_as_in_training(grained):
    real = real_entries()
    battery, tank = (grained.sample(300, items=[k], seed=2).values for k in ("battery", "tank"))
    assert (battery.min(), battery.max()) == (0, 100)
    np.testing.assert_array_equal(battery, np.round(battery, 1))
    for bound in (0, 100):
        share = (real[0]["target"] == bound).mean()
        assert (battery == bound).mean() == pytest.approx(share, abs=0.05)
    repeats = (np.diff(tank.reshape(300, -1), axis=1) == 0).mean()
    assert repeats == pytest.approx(0.75, abs=0.07)
    free = grained.sample(300, items=["battery", "tank"], constraints=None, seed=2).values
    assert not np.isin(free, (0, 100)).any()
    assert len(np.unique(free)) > 0.99 * free.size


def test_zeros_among_both_signs_come_back(grained):
    real = real_entries()[4]["target"]
    drawn = grained.sample(300, items=["flows"], seed=2).values
    assert (real == 0).mean() > 0.2
    assert (drawn == 0).mean() == pytest.approx((real == 0).mean(), abs=0.05)
    assert drawn.min() < 0 < drawn.max()
    assert not (grained.sample(300, items=["flows"], constraints=None, seed=2).values == 0).any()


def test_two_set_points_come_back_each_as_often(grained):
    real = real_entries()[5]["target"]
    drawn = grained.sample(300, items=["house"], seed=2).values
    for point in (18.0, 21.0):
        assert (real == point).mean() > 0.2
        assert (drawn == point).mean() == pytest.approx((real == point).mean(), abs=0.05)


@pytest.mark.parametrize("missing", ["like", "model", "none"])
def test_closed_hours_stay_closed_in_all_samples(grained, missing):
    request = {"items": ["metro"], "start": "2025-03-04 05:00", "length": 60, "missing": missing}
    drawn = grained.sample(3, **request, seed=3)
    night = (5 + np.arange(60)) % 24 < 6
    for i in range(3):
        np.testing.assert_array_equal(np.isnan(drawn.series(i)), night)
    free = grained.sample(3, **(request | {"missing": "none"}), constraints=None, seed=3)
    assert np.isfinite(free.values).all()


def test_a_drawn_copy_keeps_the_gaps_of_its_source_or_gets_others_like_them(grained):
    real = real_entries()[2:3]
    gaps = np.isnan(real[0]["target"])
    for copy in of_source(augment(real, grained, 2.0, seed=4), "stock"):
        np.testing.assert_array_equal(np.isnan(copy), gaps)
    drawn = [np.isnan(c) for c in of_source(augment(real, grained, 8.0, missing="model", seed=4),
                                            "stock")]  # fmt: skip
    assert all((d != gaps).any() for d in drawn)
    assert np.mean(drawn) == pytest.approx(gaps.mean(), abs=0.04)
    begun = np.mean([np.diff(d.astype(int), prepend=0).clip(0).sum() for d in drawn])
    assert np.sum(drawn) / len(drawn) / begun == pytest.approx(6, abs=1.5)
    for copy in of_source(augment(real, grained, 1.0, missing="none", seed=4), "stock"):
        assert np.isfinite(copy).all()


def test_a_window_of_an_entry_has_the_gaps_of_its_own_place(grained):
    like = to_dataset(real_entries()).subset(np.array([2]))
    drawn = grained.sample(1, like=like, start="2024-01-02 12:00", length=24, seed=1)
    np.testing.assert_array_equal(np.isnan(drawn.values), np.isnan(like.series(0)[36:60]))


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_the_grid_of_an_entry_is_read_from_the_entry(grained):
    entry = real_entries()[0] | {"target": np.round(real_entries()[0]["target"] * 2) / 2}
    drawn = grained.sample(3, like=[entry], length=48, seed=1).values
    np.testing.assert_array_equal(drawn, np.round(drawn * 2) / 2)
    new = grained.sample(30, like=[entry | {"item_id": "new"}], length=48, seed=1).values
    np.testing.assert_array_equal(new, np.round(new * 2) / 2)
    assert (new.min(), new.max()) == (0, 100)


def test_a_loaded_model_draws_the_same(grained, tmp_path):
    grained.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    request = {
        "num_samples": 2,
        "items": ["battery", "metro", "tank"],
        "missing": "model",
        "seed": 5,
    }
    np.testing.assert_array_equal(again.sample(**request).values, grained.sample(**request).values)


def test_what_was_not_drawn_is_held_to_nothing_and_holds_what_follows():
    values = np.array([[5.0, 5.2, 5.3, 9.0, 8.8, 5.1]])
    drawn = np.array([[False, True, False, False, True, True]])
    held = hold_steady(values, np.array([0.5]), drawn)
    assert held.tolist() == [[5.0, 5.0, 5.3, 9.0, 9.0, 5.1]]


def sun(seed=1, days=30):
    """Power of the sun on cloudy days: always 0 for eight hours, and now and then at six."""
    draw, hours = np.random.default_rng(seed), np.arange(24 * days) % 24
    power = np.round(draw.uniform(0.3, 1.0, hours.size) * np.sin(np.pi * (hours - 3) / 17), 3)
    power[6::24] *= draw.random(days) < 0.6
    return np.where((hours < 4) | (hours >= 20), 0.0, power)


@pytest.fixture(scope="module")
def sunny():
    start = pd.Period("2024-01-01", "h")
    entries = [{"item_id": str(k), "start": start, "target": sun(k)} for k in range(3)]
    estimator = PSAGANEstimator(target_length=24, num_steps=60, batch_size=16)
    return estimator.train(entries, options=TrainingOptions(seed=1, progress=False))


def test_there_is_no_sun_at_night_and_as_many_zeros_by_day_as_there_are(sunny):
    drawn = sunny.sample(600, seed=2)
    hours = (drawn.starts[:, None] + np.arange(24)) % 24
    dark = (hours < 4) | (hours >= 20)
    values = drawn.values.reshape(-1, 24)
    assert (values[dark] == 0).all()
    real = np.mean([sun(k).reshape(-1, 24)[:, 4:20] == 0 for k in range(3)])
    assert (values[~dark] == 0).mean() == pytest.approx(real, abs=0.01)
    free = sunny.sample(20, start="2025-03-01 00:00", constraints=None, seed=2)
    assert not (free.values == 0).any()


def test_a_series_at_rest_is_so_after_entries_too_and_by_channel(sunny):
    entry = {"item_id": "new", "start": pd.Period("2024-06-01 07:00", "h"), "target": sun(9)[7:]}
    with pytest.warns(DataWarning, match="new to the model"):
        made = augment([entry], sunny, 2.0, seed=4)
    hours = (7 + np.arange(len(entry["target"]))) % 24
    dark = (hours < 4) | (hours >= 20)
    for copy in of_source(made, "new"):
        assert (copy[dark] == 0).all()
        assert (copy[~dark] > 0).mean() > 0.9
    wave = 5 + np.sin(np.arange(720) / 4) + np.random.default_rng(0).normal(0, 0.1, 720)
    both = {
        "item_id": "b",
        "start": pd.Period("2024-01-01", "h"),
        "target": np.stack([sun(), wave]),
    }
    estimator = PSAGANEstimator(target_length=24, num_steps=20, batch_size=16)
    joint = estimator.train([both], options=TrainingOptions(seed=1, progress=False))
    power, level = joint.sample(20, start="2025-03-01 00:00", seed=2).parts
    assert (power.values.reshape(-1, 24)[:, :4] == 0).all()
    assert not (level.values == 0).any()


def test_a_series_that_is_awake_at_night_now_is_so_after_its_entry(sunny):
    awake = np.where(sun(0) == 0, 0.4, sun(0))
    entry = {"item_id": "0", "start": pd.Period("2024-03-01", "h"), "target": awake}
    (copy,) = of_source(augment([entry], sunny, 1.0, seed=4), "0")
    assert (copy.reshape(-1, 24)[:, :4] != 0).any()


def test_hours_at_rest_count_for_no_reach(sunny, monkeypatch):
    seen = []

    def remembered(table, rows, drawn, zero_below):
        seen.append(drawn)
        return table

    monkeypatch.setattr(calibration, "calibrated", remembered)
    calibration._calibrated_tables(sunny)
    assert (np.isnan(seen[0]).sum(axis=-1) == 8).all()  # of windows of a day
