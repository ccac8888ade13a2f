"""Reaches and holds of fills, set at the end of training."""

from dataclasses import replace

import numpy as np
import pytest

import tsgen
from tsgen.data import to_dataset
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.psagan.conditional import calibration, estimator
from tsgen.psagan.conditional.drawing import ContextDrawing
from tsgen.training import TrainingOptions

STEPS = 300


def series(random):
    """A battery that is often full, a level that moves now and then, zeros among counts, waves."""
    wave = np.sin(2 * np.pi * np.arange(STEPS) / 24)
    stays = np.repeat(10 + 5 * random.integers(0, 9, STEPS // 4), 4)
    counts = np.where(random.random(STEPS) < 0.6, 0, random.integers(1, 7, STEPS))
    battery = np.minimum(np.round(85 + 40 * wave + random.normal(0, 3, STEPS)), 100)
    waves = 5 + wave + random.normal(0, 0.05, STEPS)
    return {"battery": battery, "stays": stays, "counts": counts, "wave": waves}


def dataset_of(targets, start="2024-01-01"):
    entries = [{"item_id": n, "start": start, "target": t} for n, t in targets.items()]
    return to_dataset(entries, freq="h")


ESTIMATOR = PSAGANForecastEstimator(
    target_length=16, context_length=24, num_steps=20, batch_size=8, channels=(4, 4)
)
GAPS = range(40, 260, 50)
OPTIONS = TrainingOptions(seed=1, progress=False)


@pytest.fixture(scope="module")
def real():
    return dataset_of(series(np.random.default_rng(3)))


@pytest.fixture(scope="module")
def predictor(real):
    return ESTIMATOR.train(real, options=OPTIONS)


@pytest.fixture(scope="module")
def fills(predictor, real):
    """What is filled in gaps of a window, by series: (copies, gap steps and the one before)."""
    values = real.values.reshape(4, STEPS).copy()
    for gap in GAPS:
        values[:, gap : gap + 16] = np.nan
    filled = predictor.impute(replace(real, values=values.ravel()), 20, seed=2)
    drawn = filled.values.reshape(4, 20, STEPS)
    return {
        name: np.stack([drawn[i][:, gap - 1 : gap + 16] for gap in GAPS])
        for i, name in enumerate(real.item_ids)
    }


def test_as_many_fills_as_hidden_values_lie_where_values_pile_up(fills, real):
    hidden = np.concatenate([np.arange(gap, gap + 16) for gap in GAPS])
    full, none = real.series(0)[hidden] == 100, real.series(2)[hidden] == 0
    assert (fills["battery"][..., 1:] == 100).mean() == pytest.approx(full.mean(), abs=0.12)
    assert (fills["counts"][..., 1:] == 0).mean() == pytest.approx(none.mean(), abs=0.12)


def test_as_many_fills_as_real_values_repeat_the_one_before(fills, real):
    share = (np.diff(real.series(1)) == 0).mean()
    assert (np.diff(fills["stays"]) == 0).mean() == pytest.approx(share, abs=0.12)
    assert (np.diff(fills["wave"]) == 0).mean() == 0


def test_what_is_found_is_saved_with_the_model(predictor, tmp_path):
    predictor.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    grain, found = again.table.grain, predictor.table.grain
    assert np.isfinite(found.high_reach[0])
    assert found.hold[1] > 0
    for name in ("low_reach", "high_reach", "mode_reach", "hold"):
        np.testing.assert_array_equal(getattr(grain, name), getattr(found, name))


def test_further_training_finds_anew_for_its_series_and_keeps_the_others(predictor):
    newer = series(np.random.default_rng(4))
    del newer["counts"]
    later = ESTIMATOR.train_from(predictor, dataset_of(newer), options=OPTIONS)
    before, after = (
        model.table.grain.rows(model.table.find(["counts", "battery"]))
        for model in (predictor, later)
    )
    assert after.low_reach[0] == before.low_reach[0]
    assert np.isfinite(after.high_reach[1])
    assert after.high_reach[1] != before.high_reach[1]


def test_series_without_pile_ups_and_repeats_draw_nothing(monkeypatch):
    monkeypatch.setattr(calibration, "_hidden_windows", None)  # would end in a TypeError
    smooth = dataset_of({"wave": 5 + np.sin(np.arange(STEPS))})
    predictor = ESTIMATOR.train(smooth, options=OPTIONS)
    assert np.isnan(predictor.table.grain.hold).all()


def test_it_is_found_on_fills_as_they_are_drawn_without_closed_hours(monkeypatch):
    """With the noise of fills; a shop that is closed in the second half of the day."""
    scales, drawn = [], []
    windows, calibrated = ContextDrawing.windows, calibration.calibrated

    def recorded(drawing, *others):
        scales.append(drawing.noise_scale)
        return windows(drawing, *others)

    def seen(table, rows, values, *others):
        drawn.append(values)
        return calibrated(table, rows, values, *others)

    monkeypatch.setattr(estimator, "fill_noise", lambda *_: 1.75)
    monkeypatch.setattr(ContextDrawing, "windows", recorded)
    monkeypatch.setattr(calibration, "calibrated", seen)
    battery = series(np.random.default_rng(3))["battery"]
    battery[::5] = 50.0  # at no hour always full
    battery[np.arange(STEPS) % 24 >= 12] = np.nan
    settings = ESTIMATOR.model_dump() | {"min_observed": 0.2}
    PSAGANForecastEstimator(**settings).train(dataset_of({"a": battery}), options=OPTIONS)
    assert scales[-1] == 1.75
    shut = np.isnan(drawn[0]).sum(axis=-1)  # of windows of 16 hours
    assert shut.min() >= 4
    assert shut.max() <= 12
