"""The width of forecasts: found on windows that training did not see, kept, and used."""

import json
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

import tsgen
from tsgen.data import simulate_series
from tsgen.psagan import PSAGANContextSettings, PSAGANForecastEstimator
from tsgen.psagan.conditional import estimator as module
from tsgen.psagan.conditional.forecast_width import HeldOut
from tsgen.psagan.conditional.paths import widened
from tsgen.psagan.memory import SeriesTable
from tsgen.storage import sealed
from tsgen.training import TrainingOptions

STEPS = 16


@dataclass
class Toy:
    """Draws windows of a level and of steps with deviations of their own, about a centre."""

    level: float
    step: float
    centre: float = 0.0
    forecast_width: tuple[float, float] = (1.0, 1.0)
    seed: int = 1

    def with_seed(self, seed):
        return replace(self)

    def predict(self, pasts, count, *, constraints):
        assert constraints is None
        random = np.random.default_rng(self.seed)
        for past in pasts:
            assert len(past["target"]) % STEPS == 0  # it ends where a window begins
            drawn = random.normal(size=(count, STEPS + 1))
            paths = drawn[:, 1:] * self.step + drawn[:, :1] * self.level + self.centre
            centre = np.full((1, 1, STEPS), self.centre)
            yield SimpleNamespace(samples=widened(paths[None], centre, self.forecast_width)[0])


def data_of(num_series=60, length=320):
    """Series whose every 16 steps have a level of deviation 1, and steps of deviation 1."""
    random = np.random.default_rng(0)
    levels = np.repeat(random.normal(size=(num_series, length // STEPS)), STEPS, axis=1)
    series = simulate_series(num_series, length, seed=1)
    return replace(series, values=(levels + random.normal(size=levels.shape)).ravel())


def settings(share=0.1, **given):
    return PSAGANContextSettings(prediction_length=STEPS, held_out_share=share, **given)


@pytest.mark.parametrize(("level", "step"), [(0.75, 0.8), (0.9, 0.7), (1.3, 1.0)])
def test_steps_and_sums_are_made_as_wide_as_what_was_there(level, step):
    data = data_of()
    toy = Toy(level, step)
    means, steps = HeldOut.of(data, settings(), seed=1).width(toy, data)
    assert means * level == pytest.approx(1, abs=0.25)
    assert steps * step == pytest.approx(1, abs=0.25)
    assert toy.forecast_width == (1.0, 1.0)


def test_no_width_is_beyond_its_bounds():
    data = data_of()
    held = HeldOut.of(data, settings(), seed=1)
    assert held.width(Toy(0.01, 0.01), data) == pytest.approx((1.5, 1.5), rel=0.01)
    assert held.width(Toy(9, 9), data) == pytest.approx((2 / 3, 2 / 3), rel=0.01)


def test_the_ends_of_some_series_are_hidden_and_no_more_than_the_share():
    data = data_of()
    held = HeldOut.of(data, settings(), seed=1)
    assert len(held.rows) == 96  # the most, of 120 that the share allows
    hidden = np.isnan(held.hidden(data).values.reshape(60, 320))
    assert hidden.sum() == 96 * STEPS
    whole = hidden.sum(axis=1) // STEPS
    assert sorted(set(whole)) == [1, 2]  # in turns
    for row, count in zip(hidden, whole, strict=True):
        assert row[320 - count * STEPS :].all()
    assert np.isfinite(data.values).all()
    other = HeldOut.of(data, settings(), seed=2)
    assert not np.array_equal(other.rows, held.rows)


def test_series_that_are_mostly_missing_are_left_alone():
    data = data_of()
    values = data.values.reshape(60, 320).copy()
    values[:30, :200] = np.nan
    held = HeldOut.of(replace(data, values=values.ravel()), settings(), seed=1)
    assert held.rows.min() == 30


def test_few_windows_are_not_hidden_for_they_would_not_tell():
    data = data_of()
    for share, given in ((0.0, data), (0.019, data), (0.3, data_of(60, 48))):
        held = HeldOut.of(given, settings(share), seed=1)
        assert not len(held.rows)
        assert held.hidden(given) is given
        assert held.width(Toy(0.1, 0.1), given) == (1.0, 1.0)
    assert len(HeldOut.of(data_of(60, 64), settings(0.3), seed=1).rows) == 60  # a quarter of each
    assert PSAGANContextSettings(preset="paper").held_out_share == 0


@pytest.fixture(scope="module")
def trained():
    """A model of 30 series, and what its networks were trained on."""
    given = []
    fit = module.fit_networks

    def watch(settings, data, *others):
        given.append(data)
        return fit(settings, data, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "fit_networks", watch)
        estimator = PSAGANForecastEstimator(
            prediction_length=8, context_length=8, num_steps=4, batch_size=4, channels=(4,),
            held_out_share=0.2,
        )  # fmt: skip
        series = simulate_series(30, 64, seed=1)
        model = estimator.train(series, options=TrainingOptions(seed=1, progress=False))
    return model, given[0], series


def test_training_does_not_see_them_nor_do_its_scales_and_sets_the_width(trained):
    model, data, series = trained
    assert np.isnan(data.values).sum() == 30 * 64 * 0.2 // 8 * 8
    assert np.isnan(data.values.reshape(30, 64)[:, :-16]).sum() == 0
    seen = np.where(np.isnan(data.values), np.nan, series.values).reshape(30, 64)
    np.testing.assert_allclose(model.table.scaler.location, np.nanmean(seen, axis=1))
    whole = SeriesTable.of(series, model.settings.scaling, model.table.index)
    assert np.array_equal(whole.lengths, model.table.lengths)  # what is remembered stays whole
    assert model.data.fingerprint == series.fingerprint()
    assert all(2 / 3 < width < 1.5 for width in model.forecast_width)
    assert model.forecast_width != (1.0, 1.0)
    assert model.forecast_noise == (1.0, 1.0)


def test_what_is_known_of_the_steps_ahead_is_given_and_what_is_not_is_not():
    table = data_of(30, 128).to_frame()
    table["promo"], table["rain"] = np.arange(len(table)) % 5, np.arange(len(table)) % 7
    data = tsgen.to_dataset(table, dynamic=["promo"], past_dynamic=["rain"])
    held = HeldOut.of(data, settings(), seed=1)
    given = []

    class Watch(Toy):
        def predict(self, pasts, count, *, constraints):
            given.extend(pasts)
            return super().predict(pasts, count, constraints=constraints)

    held.width(Watch(1.0, 1.0), data)
    past = given[0]
    known = len(past["target"])
    assert np.shape(past["feat_dynamic_real"]) == (1, known + STEPS)
    assert np.shape(past["past_feat_dynamic_real"]) == (1, known)
    assert known + STEPS in (112, 128)


def test_channels_are_forecast_together():
    table = simulate_series(30, 64, seed=1).to_frame()
    both = tsgen.to_dataset(
        table.assign(far=lambda t: 100 * t["target"] + 5e4), target=["target", "far"]
    )
    model = PSAGANForecastEstimator(
        prediction_length=8, context_length=8, num_steps=2, batch_size=4, channels=(4,),
        held_out_share=0.2,
    ).train(both, options=TrainingOptions(seed=1, progress=False))  # fmt: skip
    assert model.forecast_width != (1.0, 1.0)
    hidden = HeldOut.of(both, model.settings, 1).hidden(both)
    assert np.isnan(hidden.values).all(axis=0).sum() == np.isnan(hidden.values).any(axis=0).sum()
    assert np.isnan(hidden.values).any(axis=0).sum() == 384


def test_a_model_keeps_it_in_its_folder(trained, tmp_path):
    model = trained[0]
    model.save(tmp_path / "m")
    loaded = tsgen.load(tmp_path / "m")
    assert loaded == model
    assert loaded.forecast_width == model.forecast_width
    assert loaded.forget(loaded.table.item_ids[0]).forecast_width == model.forecast_width
    loaded.forecast_width = (1.0, 1.1)
    assert loaded != model
    header = json.loads((tmp_path / "m" / "model.json").read_text(encoding="utf-8"))
    del header["forecast_width"], header["sha256"], header["settings"]["series_weight"]
    header["forecast_noise"] = [1.5, 1.25]  # as versions before wrote it
    text = json.dumps(sealed(header, tmp_path / "m", "model.json"))
    (tmp_path / "m" / "model.json").write_text(text, encoding="utf-8")
    earlier = tsgen.load(tmp_path / "m")
    assert earlier.forecast_noise == (1.5, 1.25)
    assert earlier.forecast_width == (1.0, 1.0)
    assert earlier.drawing.context.series_weight == 0.05
    assert model.drawing.context.series_weight == 0


def test_a_width_spreads_paths_about_where_they_were_and_leaves_fills_alone(trained):
    model, _, series = trained

    def paths_at(*width):
        wide = model.with_seed(None)
        wide.forecast_width = width
        drawn = wide.predict(series.with_dtype("float64"), 30, seed=1, constraints=None)
        return wide, np.stack([path.samples for path in drawn])

    (_, plain), (_, centre), (wide, far) = paths_at(1, 1), paths_at(0, 0), paths_at(2, 1)
    assert np.ptp(centre, axis=1).max() == 0  # of all paths alike
    kept = far.min(axis=(1, 2)) > 0  # none was held at zero
    away, plainly = (far - centre)[kept], (plain - centre)[kept]
    np.testing.assert_allclose(away.mean(axis=2), 2 * plainly.mean(axis=2), rtol=1e-3, atol=1e-4)
    steps = [x - x.mean(axis=2, keepdims=True) for x in (away, plainly)]
    np.testing.assert_allclose(*steps, rtol=1e-3, atol=1e-4)
    values = series.values.copy()
    values[30:36] = np.nan
    gaps = replace(series, values=values)
    assert np.array_equal(model.impute(gaps, seed=1).values, wide.impute(gaps, seed=1).values)
