"""The scale of the noise: what a perfect learner would draw, what is found, what is saved."""

import json

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
    assert expected_variance(windows, distance, 25.0) == pytest.approx(drawn, rel=0.02)
    assert expected_variance(windows, distance, np.inf) == pytest.approx(windows.var(axis=0).mean())
    assert expected_variance(windows, distance, 0.0) == 0.0


def test_the_scale_is_where_draws_vary_as_wanted(model, panel, monkeypatch):
    import tsgen.psagan.sampling.noise_scale as module

    monkeypatch.setattr(module, "_variance", lambda scaled, *_: scaled.drawing.noise_scale**2)
    plain = model.with_noise_scale(1 / model.noise_scale)
    plain.noise_scale = 1.0
    for wanted, found in ((1.2**2, 1.2), (100.0, 1.5), (1e-6, 2 / 3)):
        rows = np.zeros(3, np.int64), np.zeros(3, np.int64), wanted
        monkeypatch.setattr(module, "_pairs", lambda *_, rows=rows: rows)
        assert noise_scale(plain, panel) == pytest.approx(found, rel=0.02)


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

    def watch(scaled, table, starts):
        asked.append((set(table.item_ids), table.starts.min(), starts.min(), starts.max()))
        return variance(scaled, table, starts)

    monkeypatch.setattr(module, "_variance", watch)
    later = panel.cut(np.array([7, 5]), np.array([24, 24]), np.array([240, 240]))
    tuned = model.fine_tune(later, num_steps=1, options=TrainingOptions(seed=2, progress=False))
    assert tuned.table.item_ids[:2] == ("series-0", "series-1")
    for items, begin, first, last in asked:
        assert items == {"series-5", "series-7"}
        assert later.starts[0] == begin <= first <= last <= begin + 216 - 24
    rows = tuned.table.find(["series-7", "series-5"])
    scaled = later.values / np.repeat(tuned.table.scaler.scale[rows], 216)
    wanted = module._pairs(tuned, tuned.table.rows(rows), later, 24, np.random.default_rng(0))[2]
    assert 0 < wanted < scaled.var()
