"""The scale of the noise in fills: found where their intervals hold, kept, and used."""

import json
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

import tsgen
from tsgen.data import simulate_series
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.psagan.conditional.fill_noise import _MOST, fill_noise
from tsgen.storage import sealed
from tsgen.training import TrainingOptions


@dataclass(frozen=True)
class Toy:
    """Draws white noise of a deviation of its own, whatever the window."""

    deviation: float
    after: int = 32
    length: int = 16
    noise_scale: float = 1.0
    device: str = "cpu"

    @property
    def conditions(self):
        return SimpleNamespace(calendar=SimpleNamespace(stride=1))

    @property
    def context(self):
        return SimpleNamespace(before=32, after=self.after)

    def windows(self, frames, rows, streams, number, covariates):
        assert np.isnan(frames[..., 32:48]).any(axis=-1).all()  # a gap in every window
        drawn = streams.at(number).normal(self.length)
        return drawn * self.deviation * self.noise_scale


def white_noise(num_series=6, length=400):
    values = np.random.default_rng(0).normal(size=num_series * length).astype(np.float32)
    return SimpleNamespace(
        values=values,
        offsets=np.arange(num_series + 1) * length,
        starts=np.zeros(num_series, np.int64),
        series=np.arange(1, num_series + 1),
        static=np.zeros((num_series, 0), np.int64),
        covariates=None,
        covariate_offsets=None,
    )


@pytest.mark.parametrize("deviation", [0.5, 0.6, 0.8])
def test_draws_that_are_too_near_each_other_are_made_as_wide_as_what_was_there(deviation):
    found = fill_noise(Toy(deviation), white_noise(), seed=1)
    assert found * deviation == pytest.approx(1, abs=0.12)


def test_fills_are_never_made_narrower_and_not_without_end():
    assert fill_noise(Toy(1.5), white_noise(), seed=1) == 1
    assert 0.9 * _MOST < fill_noise(Toy(0.01), white_noise(), seed=1) < _MOST
    assert fill_noise(Toy(0.01, after=0), white_noise(), seed=1) == 1  # trained without gaps


def test_no_window_to_punch_a_gap_into_leaves_the_noise_as_it_is():
    data = white_noise()
    data.values = np.full_like(data.values, np.nan)
    assert fill_noise(Toy(0.5), data, seed=1) == 1


def punched(panel):
    values = panel.values.copy()
    values[panel.offsets[:-1, None] + np.arange(100, 110)] = np.nan
    return replace(panel, values=values)


def test_training_sets_it_and_a_model_keeps_it_in_its_folder(predictor, tmp_path):
    assert 1 <= predictor.fill_noise < _MOST
    changed = predictor.with_seed(3)
    changed.fill_noise = 1.7
    changed.save(tmp_path / "m")
    assert (loaded := tsgen.load(tmp_path / "m")).fill_noise == 1.7
    assert loaded == changed
    changed.fill_noise = 1.6
    assert loaded != changed
    assert loaded.forget(loaded.table.item_ids[0]).fill_noise == 1.7
    header = json.loads((tmp_path / "m" / "model.json").read_text(encoding="utf-8"))
    del header["fill_noise"], header["sha256"]  # as versions before wrote it
    text = json.dumps(sealed(header, tmp_path / "m", "model.json"))
    (tmp_path / "m" / "model.json").write_text(text, encoding="utf-8")
    assert tsgen.load(tmp_path / "m").fill_noise == 1


def test_more_noise_spreads_fills_and_leaves_forecasts_alone(predictor, panel):
    wide, gaps = predictor.with_seed(None), punched(panel)
    wide.fill_noise = 2 * predictor.fill_noise
    spread = []
    for model in (predictor, wide):
        filled = model.impute(gaps, 20, seed=1).values.reshape(len(panel), 20, -1)
        spread.append(filled[:, :, 100:110].std(axis=1))
        assert not np.ptp(filled[:, :, :100], axis=1).any()
    assert np.median(spread[1] / spread[0]) > 1.4
    narrow, same = (next(m.predict(panel, 5, seed=1)).samples for m in (predictor, wide))
    assert narrow.tobytes() == same.tobytes()


def test_channels_are_punched_together():
    table = simulate_series(3, 80, seed=1).to_frame()
    both = tsgen.data.to_dataset(
        table.assign(far=lambda t: 100 * t["target"] + 5e4), target=["target", "far"]
    )
    predictor = PSAGANForecastEstimator(
        target_length=8, context_length=8, num_steps=4, batch_size=4, channels=(4,)
    ).train(both, options=TrainingOptions(seed=1, progress=False))
    assert 1 < predictor.fill_noise < _MOST
