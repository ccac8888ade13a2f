"""The scale of the noise: what a perfect learner would draw, what is found, what is saved."""

import json
from dataclasses import replace

import numpy as np
import pytest

import tsgen
from tsgen.psagan.sampling.noise_scale import expected_variance, noise_scale
from tsgen.training import TrainingOptions


def test_the_variance_wanted_is_that_of_windows_drawn_by_their_age():
    random = np.random.default_rng(0)
    windows, distance = random.normal(size=(6, 4)), np.array([-40.0, -20, 0, 20, 40, 60])
    weights = np.exp(-0.5 * (distance / 25) ** 2)
    chosen = random.choice(6, 200_000, p=weights / weights.sum())
    drawn = windows[chosen].var(axis=0).mean()
    assert expected_variance(windows, distance, 25.0).mean() == pytest.approx(drawn, rel=0.02)
    assert expected_variance(windows, distance, np.inf) == pytest.approx(windows.var(axis=0))
    assert (expected_variance(windows, distance, 0.0) == 0).all()


def test_missing_values_tell_nothing_of_the_variance_wanted():
    windows, distance = np.random.default_rng(0).normal(size=(6, 2, 4)), np.zeros(6)
    windows[:2, 0, 1] = windows[:3, 1, 2] = np.nan
    wanted = expected_variance(windows, distance, 25.0)
    assert wanted[0, 1] == pytest.approx(windows[2:, 0, 1].var())
    assert np.argwhere(np.isnan(wanted)).tolist() == [[1, 2]]


def test_the_scale_is_where_draws_vary_as_wanted(model, panel, monkeypatch):
    import tsgen.psagan.sampling.noise_scale as module

    monkeypatch.setattr(module, "_variance", lambda scaled, *_: scaled.drawing.noise_scale**2)
    plain = model.with_noise_scale(1 / model.noise_scale)
    plain.noise_scale = 1.0
    for wanted, found in ((1.2**2, 1.2), (100.0, 1.5), (1e-6, 2 / 3)):
        pairs = replace(module._Pairs.of(plain, panel, 24, 1.0, _random()), wanted=wanted)
        monkeypatch.setattr(module._Pairs, "of", lambda *_, pairs=pairs: pairs)
        scale = noise_scale(plain, panel)
        assert scale == pytest.approx(found, rel=0.02)
        plain.noise_scale = scale
        assert plain.variety_note.count(", the greatest: draws vary less") == (found == 1.5)
        assert plain.variety_note.count(", the least: draws vary more") == (found == 2 / 3)
        assert bool(plain.variety_note) == (found != 1.2)
        plain.noise_scale = 1.0


def test_the_scale_is_found_after_training_and_saved(model, tmp_path):
    assert 2 / 3 <= model.noise_scale <= 1.5
    assert model.noise_scale != 1.0
    assert model.drawing.noise_scale == model.noise_scale
    assert model.with_noise_scale(2.0).drawing.noise_scale == 2 * model.noise_scale
    model.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    assert again.noise_scale == model.noise_scale
    assert np.array_equal(again.sample(3, seed=1).values, model.sample(3, seed=1).values)


def test_older_models_keep_theirs(model, tmp_path):
    model.save(tmp_path / "model")
    facts = json.loads((tmp_path / "model" / "model.json").read_text())
    assert facts.pop("noise_scale") == model.noise_scale
    parts = type(model).from_folder(tmp_path / "model", facts)
    assert parts.noise_scale == parts.drawing.noise_scale == 1.0


def test_a_model_that_forgot_a_series_varies_as_before(model):
    fewer = model.forget("series-7")
    assert fewer.drawing.noise_scale == fewer.noise_scale == model.noise_scale


def test_a_fine_tuned_models_scale_is_that_of_the_series_it_was_tuned_on(model, panel, monkeypatch):
    import tsgen.psagan.sampling.noise_scale as module

    asked = []
    variance = module._variance

    def watch(scaled, pairs):
        asked.append((set(pairs.rows), pairs.starts.min(), pairs.starts.max()))
        return variance(scaled, pairs)

    monkeypatch.setattr(module, "_variance", watch)
    later = panel.cut(np.array([7, 5]), np.array([24, 24]), np.array([240, 240]))
    tuned = model.fine_tune(later, num_steps=1, options=TrainingOptions(seed=2, progress=False))
    assert tuned.table.item_ids[:2] == ("series-0", "series-1")
    for rows, first, last in asked:
        assert rows == set(tuned.table.find(["series-5", "series-7"]))
        assert later.starts[0] <= first <= last <= later.starts[0] + 216 - 24
    rows = tuned.table.find(["series-7", "series-5"])
    scaled = later.values / np.repeat(tuned.table.scaler.scale[rows], 216)
    assert 0 < module._Pairs.of(tuned, later, 24, 1.0, _random()).wanted < scaled.var()


def test_closed_hours_count_on_neither_side(shop):
    table = shop(4, 200)
    table.loc[table["timestamp"].dt.dayofweek == 6, "target"] = np.nan
    closed = _trained(table)
    pairs = _pairs_of(closed, tsgen.to_dataset(table), 0.5)
    assert _pairs_of(closed, tsgen.to_dataset(table), 1.0) is None  # no window is complete
    assert (pairs.counted.sum(axis=-1) == 12).all()  # of two weeks all but the Sundays
    assert closed.noise_scale != 1.0


def test_every_channel_counts(shop, monkeypatch):
    table = shop(4, 200, effect=0.0)
    still = table.assign(visits=1000 + np.arange(len(table)) % 7)
    channels = {"target": ["visits", "target"]}
    both = _trained(still, **channels)
    pairs = _pairs_of(both, tsgen.to_dataset(still, **channels), 1.0)
    assert pairs.counted.shape[1:] == (2, 14)
    alone = _trained(still)
    of_one = _pairs_of(alone, tsgen.to_dataset(still), 1.0)
    assert pairs.wanted == pytest.approx(of_one.wanted / 2, rel=0.01)  # visits never differ
    assert _drawn_spread(both, pairs, channel=1, monkeypatch=monkeypatch) == pytest.approx(0.5)


def test_windows_are_compared_with_their_own_features(shop, monkeypatch):
    table = shop(4, 200, effect=3.0)
    follows = _trained(table, dynamic=["promo"])
    pairs = _pairs_of(follows, tsgen.to_dataset(table, dynamic=["promo"]), 1.0)
    assert len(np.unique(pairs.starts[0])) > 1

    def promoted(drawing, requests, *_):
        return [requests[0].features.real[0] * np.repeat(requests[0].table.scaler.scale, 14)]

    monkeypatch.setattr(type(follows.drawing), "values", promoted)
    import tsgen.psagan.sampling.noise_scale as module

    # All that differs is the promotion, of which a quarter of the days have one.
    assert module._variance(follows, pairs) == pytest.approx(0.25 * 0.75, rel=0.1)


def _random():
    return np.random.default_rng(0)


def _trained(table, **read):
    estimator = tsgen.PSAGANEstimator(
        target_length=14, num_steps=4, batch_size=4, channels=(4,), min_observed=0.5, age="none"
    )
    data = tsgen.to_dataset(table, **read)
    return estimator.train(data, options=TrainingOptions(seed=1, progress=False))


def _pairs_of(model, data, observed):
    from tsgen.psagan.sampling.noise_scale import _Pairs

    return _Pairs.of(model, data, 7, observed, _random())


def _drawn_spread(model, pairs, channel, monkeypatch):
    """Return the spread of draws that differ in one channel alone, by one scale."""
    import tsgen.psagan.sampling.noise_scale as module

    def values(drawing, requests, *_):
        drawn = [np.zeros(int(r.lengths.sum())) for r in requests]
        noise = _random().normal(size=(len(requests[channel].lengths), 1))
        scale = requests[channel].table.scaler.scale[:, None]
        drawn[channel] = (noise * scale * np.ones(14)).ravel()
        return drawn

    monkeypatch.setattr(type(model.drawing), "values", values)
    return round(module._variance(model, pairs), 1)
