"""Series that are forgotten leave no id, scale or learnt row; the others stay as they were."""

from pathlib import Path

import numpy as np
import pytest

import tsgen
from tsgen.data import hashed_id, simulate_series
from tsgen.errors import DataError, SettingsError, UnknownIdError

SAVED = Path(__file__).parents[1] / "fixtures" / "saved"
MODELS = ["psa-gan-grain", "psa-gan-paper", "psa-gan-multivariate", "psa-gan-c-default"]
SALT = "a long and secret text"


def draws(model, item_id):
    if hasattr(model, "predict"):
        series = simulate_series(3, 96, seed=1)
        entry = {**list(series)[-1], "item_id": item_id}
        return next(iter(model.predict([entry], num_samples=3, seed=1))).samples
    drawn = model.sample(2, items=[item_id], start="2024-01-02", seed=1)
    return np.asarray(drawn.values)


@pytest.fixture(params=MODELS)
def model(request):
    return tsgen.load(SAVED / request.param / "saved", device="cpu")


def last(model):
    return model.table.item_ids[-1]


def test_a_forgotten_series_is_gone_and_the_others_draw_as_before(model, tmp_path):
    first = model.table.item_ids[0]
    fewer = model.forget(first)
    assert fewer.table.item_ids == model.table.item_ids[1:]
    np.testing.assert_allclose(draws(fewer, last(model)), draws(model, last(model)), rtol=1e-5)
    with pytest.raises(UnknownIdError):
        fewer.table.find([first])
    fewer.save(tmp_path / "m")
    again = tsgen.load(tmp_path / "m", device="cpu")
    np.testing.assert_array_equal(draws(again, last(model)), draws(fewer, last(model)))
    assert first.encode() not in (tmp_path / "m" / "series.parquet").read_bytes()


def test_what_networks_learnt_of_it_is_gone_too(model):
    fewer = model.forget([last(model)])
    lost = [
        name for name, tensor in model.weights.items() if tensor.shape != fewer.weights[name].shape
    ]
    assert len(lost) == 2  # generator and discriminator
    for name in lost:
        kept = {tuple(row) for row in fewer.weights[name].tolist()}
        assert tuple(model.weights[name][-1].tolist()) not in kept
        assert len(fewer.weights[name]) == len(model.weights[name]) - 1


def test_an_unknown_series_or_all_of_them_are_refused(model):
    with pytest.raises(UnknownIdError):
        model.forget("nobody")
    with pytest.raises(DataError, match="No series would be left"):
        model.forget(list(model.table.item_ids))


def test_digests_stand_for_ids(model, tmp_path):
    hidden = model.hashed(SALT)
    digest = hashed_id(last(model), SALT)
    assert hidden.table.item_ids[-1] == digest
    hidden.save(tmp_path / "m")
    for file in (tmp_path / "m").iterdir():
        assert last(model).encode() not in file.read_bytes()
    if not hasattr(model, "predict"):  # draws are keyed by the id, so they are others
        assert draws(hidden, digest).shape == draws(model, last(model)).shape
    with pytest.raises(SettingsError, match="16 or more"):
        model.hashed("short")
