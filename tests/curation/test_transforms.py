"""What each transform promises, for all of them and one by one."""

import numpy as np
import pandas as pd
import pytest

from tsgen.curation import TRANSFORMS, Transform, draw_sources
from tsgen.curation.operations import Sources
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, SettingsError

SEASON = 24


def augmented_series(dataset, method, ratio, season, seed, **settings):
    return Transform(method, settings, season)(dataset, ratio, seed=seed)


def panel(lengths=(96, 120, 75), start="2024-01-01 05:00", gap=True):
    """Series of different lengths, starts and levels; the first has a gap."""
    draw = np.random.default_rng(0)
    entries = []
    for i, length in enumerate(lengths):
        hours = np.arange(length) + 7 * i
        target = 10.0 ** (i + 1) * (1.5 + np.sin(2 * np.pi * hours / SEASON))
        target += 0.1 * target.mean() * draw.normal(size=length)
        if gap and i == 0:
            target[10:13] = np.nan
        entries.append(
            {"item_id": f"s{i}", "start": pd.Period(start, "h") + 7 * i, "target": target}
        )
    return to_dataset(entries)


@pytest.mark.parametrize("method", sorted(TRANSFORMS))
def test_new_series_have_the_shape_of_their_sources_and_say_what_they_are(method):
    real = panel()
    made = augmented_series(real, method, 2.0, SEASON, seed=3)
    sources = [real.item_ids.index(facts["source_item_id"]) for facts in made.info]
    assert sorted(sources) == [0, 0, 1, 1, 2, 2]
    np.testing.assert_array_equal(made.lengths, real.lengths[sources])
    np.testing.assert_array_equal(made.starts, real.starts[sources])
    assert made.synthetic.all()
    assert not set(made.item_ids) & set(real.item_ids)


@pytest.mark.parametrize("method", sorted(TRANSFORMS))
def test_the_seed_decides(method):
    real = panel()
    first, again, other = (augmented_series(real, method, 1.0, SEASON, seed=s) for s in (1, 1, 2))
    assert first.fingerprint() == again.fingerprint()
    assert first.fingerprint() != other.fingerprint()


@pytest.mark.parametrize("method", sorted(TRANSFORMS))
def test_rescaling_the_data_rescales_the_new_series(method):
    real = panel()
    doubled = to_dataset(
        [entry | {"target": 2 * entry["target"].astype(np.float64)} for entry in real]
    )
    base = to_dataset([entry | {"target": entry["target"].astype(np.float64)} for entry in real])
    one, two = (augmented_series(d, method, 1.0, SEASON, seed=5) for d in (base, doubled))
    fitted = method == "fit_and_simulate"  # an optimiser stops where it stops
    np.testing.assert_allclose(two.values, 2 * one.values, rtol=1e-2 if fitted else 1e-9)


@pytest.mark.parametrize("method", sorted(set(TRANSFORMS) - {"block_bootstrap", "mixing"}))
def test_a_missing_step_stays_missing(method):
    real = panel(lengths=(96,))
    made = augmented_series(real, method, 1.0, SEASON, seed=1)
    np.testing.assert_array_equal(np.isnan(made.values), np.isnan(real.values))


def test_scaling_is_one_positive_factor_a_series():
    real = panel(gap=False)
    made = augmented_series(real, "scaling", 1.0, SEASON, seed=1)
    for i, facts in enumerate(made.info):
        ratio = made.series(i) / real.series(real.item_ids.index(facts["source_item_id"]))
        assert np.ptp(ratio) < 1e-12
        assert ratio[0] > 0


def test_magnitude_warp_is_smooth_positive_and_around_one():
    flat = to_dataset([{"item_id": "a", "start": "2024-01-01", "target": np.ones(200)}], freq="h")
    made = augmented_series(flat, "magnitude_warp", 400.0, SEASON, seed=1)
    curves = made.values.reshape(400, 200)
    assert curves.min() > 0
    assert np.abs(np.log(curves).mean(axis=0)).max() < 0.04  # median 1 at every step
    assert np.abs(np.diff(curves)).max() < 0.03
    assert np.ptp(curves, axis=1).mean() > 0.1


def test_jitter_adds_noise_of_the_stated_size():
    real = panel(lengths=(5000,), gap=False)
    made = augmented_series(real, "jitter", 1.0, SEASON, seed=1, share=0.1)
    noise = made.values - real.values
    assert noise.std() == pytest.approx(0.1 * real.values.std(), rel=0.05)


def test_block_bootstrap_moves_whole_blocks_by_whole_seasons():
    steps = np.arange(24 * 10 + 7, dtype=float)  # each value tells where it comes from
    real = to_dataset([{"item_id": "a", "start": "2024-01-01", "target": steps}], freq="h")
    made = augmented_series(real, "block_bootstrap", 20.0, SEASON, seed=1)
    for i in range(20):
        drawn = made.series(i)
        assert (drawn % SEASON == steps % SEASON).all()
        moves = drawn - steps
        for block in range(0, len(steps), SEASON):
            assert np.ptp(moves[block : block + SEASON]) == 0
    assert len(np.unique(made.values)) == len(steps)  # every step of the source can be drawn


def test_block_bootstrap_of_a_series_shorter_than_a_season_is_the_series():
    short = to_dataset(
        [{"item_id": "a", "start": "2024-01-01", "target": np.arange(9.0)}], freq="h"
    )
    made = augmented_series(short, "block_bootstrap", 3.0, SEASON, seed=1)
    np.testing.assert_array_equal(made.values.reshape(3, 9), np.tile(np.arange(9.0), (3, 1)))


def test_mixing_equals_a_slow_loop():
    real = panel(gap=False)
    sources = Sources.of(real, np.array([0, 1, 2, 1]), SEASON)
    mixed = TRANSFORMS["mixing"](sources, np.random.default_rng(4))
    draw = np.random.default_rng(4)
    partners = (np.array([0, 1, 2, 1]) + draw.integers(1, 3, size=4)) % 3
    weights, at = draw.random(4), 0
    for row, partner, weight in zip([0, 1, 2, 1], partners, weights, strict=True):
        mine, theirs = real.series(row), real.series(partner)
        whole = len(theirs) // SEASON * SEASON
        ratio = np.abs(mine).mean() / np.abs(theirs).mean()
        lead = (real.starts[row] - real.starts[partner]) % SEASON
        for step, value in enumerate(mine):
            place = (step + lead) % whole
            assert (real.starts[partner] + place - real.starts[row] - step) % SEASON == 0
            expected = weight * value + (1 - weight) * ratio * theirs[place]
            assert mixed[at] == pytest.approx(expected)
            at += 1


def test_mixing_needs_two_series():
    with pytest.raises(DataError, match="at least two series"):
        augmented_series(panel(lengths=(50,)), "mixing", 1.0, SEASON, seed=1)


def test_sources_are_shared_out_evenly():
    rows = draw_sources(7, 2.5, seed=1)
    counts = np.bincount(rows, minlength=7)
    assert len(rows) == 18
    assert set(counts) <= {2, 3}


def test_a_ratio_that_gives_nothing_is_refused():
    with pytest.raises(SettingsError, match=r"ratio=0\.1 of 3 series is no series"):
        draw_sources(3, 0.1, seed=1)


def test_a_misspelt_setting_of_an_augmentation_is_named():
    with pytest.raises(SettingsError, match="sigm"):
        augmented_series(simulate_series(3, 50), "scaling", 1.0, SEASON, seed=1, sigm=0.1)


def test_a_transform_that_does_not_exist_is_named():
    with pytest.raises(SettingsError, match="Did you mean 'mixing'"):
        Transform("mixin")


def one(values, freq="h"):
    return to_dataset([{"item_id": "a", "start": "2024-01-01", "target": values}], freq=freq)


def test_time_warp_keeps_order_and_ends_and_moves_the_middle():
    ramp = np.arange(200.0)
    made = augmented_series(one(ramp), "time_warp", 50.0, SEASON, seed=1).values.reshape(50, 200)
    np.testing.assert_allclose(made[:, [0, -1]], np.tile([0.0, 199.0], (50, 1)), atol=1e-9)
    assert (np.diff(made) > 0).all()
    assert np.abs(made - ramp).max(axis=1).min() > 0.2


def test_window_slice_of_a_line_is_a_flatter_line_inside_it():
    ramp = np.arange(101.0)
    made = augmented_series(one(ramp), "window_slice", 50.0, 1, seed=1, share=0.8)
    rows = made.values.reshape(50, 101)
    np.testing.assert_allclose(np.diff(rows), 0.8, atol=1e-9)
    assert rows.min() >= 0
    assert rows.max() <= 100
    assert np.ptp(rows[:, 0]) > 5


def test_trend_change_adds_nothing_and_then_a_line():
    flat = 5 + np.sin(np.arange(100.0))
    made = augmented_series(one(flat), "trend_change", 30.0, 1, seed=1).values.reshape(30, 100)
    bends = made - flat
    second = np.abs(np.diff(bends, n=2))
    assert (np.count_nonzero(second > 1e-9, axis=1) <= 2).all()  # one bend, on or between steps
    np.testing.assert_allclose(bends[:, 0], 0, atol=1e-9)


def test_phase_randomisation_keeps_the_spectrum_and_the_season():
    steps = np.arange(480)
    values = 10 * np.sin(2 * np.pi * steps / SEASON) + np.random.default_rng(0).normal(size=480)
    values -= np.polyval(np.polyfit(steps, values, 1), steps)
    made = augmented_series(one(values), "phase_randomisation", 1.0, SEASON, seed=1).values
    np.testing.assert_allclose(
        np.abs(np.fft.rfft(made)), np.abs(np.fft.rfft(values)), rtol=1e-5, atol=1e-2
    )
    assert np.corrcoef(made, values)[0, 1] > 0.95
    free = augmented_series(
        one(values), "phase_randomisation", 1.0, SEASON, seed=1, keep_season=False
    )
    assert np.corrcoef(free.values, values)[0, 1] < 0.95


def test_frequency_masking_leaves_out_the_stated_share():
    values = np.random.default_rng(0).normal(size=1001)
    made = augmented_series(one(values), "frequency_masking", 1.0, 1, seed=1, share=0.25).values
    line = np.polyval(np.polyfit(np.arange(1001), values, 1), np.arange(1001))
    gone = np.abs(np.fft.rfft(made - line)[1:]) < 1e-4
    assert gone.mean() == pytest.approx(0.25, abs=0.06)


@pytest.mark.parametrize("model", ["stl", "ets"])
def test_fit_and_simulate_keeps_level_season_and_sign(model):
    draw = np.random.default_rng(0)
    steps = np.arange(120)
    values = np.exp(
        3 + 0.005 * steps + np.sin(2 * np.pi * steps / 12) + 0.1 * draw.normal(size=120)
    )
    made = augmented_series(one(values, "M"), "fit_and_simulate", 5.0, 12, seed=1, model=model)
    rows = made.values.reshape(5, 120)
    assert (rows > 0).all()
    assert all(np.corrcoef(np.log(row), np.log(values))[0, 1] > 0.8 for row in rows)
    assert np.abs(rows - values).max() > 1
    assert len({row.tobytes() for row in rows}) == 5


def test_what_cannot_be_fitted_stays_as_it_is():
    made = augmented_series(one(np.full(50, 3.0)), "fit_and_simulate", 2.0, 12, seed=1)
    np.testing.assert_array_equal(made.values, 3.0)


def test_steps_of_several_units_have_the_right_phase():
    values = np.tile(np.arange(48.0), 4)
    days = to_dataset(
        [
            {"item_id": "a", "start": pd.Period("2024-01-01 00:00", "30min"), "target": values},
            {"item_id": "b", "start": pd.Period("2024-01-01 02:00", "30min"),
             "target": np.roll(values, -4)},
        ]
    )  # fmt: skip
    mixed = Transform("mixing")(days, 1.0, seed=1)
    sources = [days.item_ids.index(facts["source_item_id"]) for facts in mixed.info]
    for i, source in enumerate(sources):
        np.testing.assert_allclose(mixed.series(i), days.series(source))
