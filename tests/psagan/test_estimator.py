"""The estimator: what reaches the training, what the model is made of, what is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
import torch

import tsgen
from psagan_doubles import TINY, same, table, train
from tsgen.data import MultivariateDataset, to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.features import TabularEncoderEstimator
from tsgen.psagan import PSAGANEstimator, estimator
from tsgen.training import TrainingOptions


def test_a_series_that_was_too_short_is_drawn_as_unknown():
    data = [
        {"item_id": "long", "start": pd.Period("2024-01-01", "h"), "target": np.sin(np.arange(60))},
        {"item_id": "short", "start": pd.Period("2024-01-01", "h"), "target": [100.0, 101.0, 102]},
    ]
    with pytest.warns(DataWarning, match=r"Of 2 series, 1 shorter than target_length=8.*'short'"):
        fitted = train(data)
    assert fitted.table.index.tolist() == [1, 0]
    drawn = fitted.sample(20, items=["short"], seed=1)
    assert abs(drawn.values.mean() - 101) < 5
    assert "short" not in [f["source_item_id"] for f in fitted.sample(50, seed=1).info]


def test_the_unknown_category_is_learnt_from_windows_that_hide_theirs():
    data = to_dataset(table(["a", "b", "c"], shop=["x", "y", "x"]), static=["shop"])
    name = "generator.identity.tables.1.weight"

    def unknown(**settings):
        return train(data, batch_size=32, **settings).weights[name][0]

    assert torch.equal(unknown(num_steps=2, id_dropout=0.0), unknown(num_steps=9, id_dropout=0.0))
    assert not torch.equal(unknown(num_steps=2), unknown(num_steps=9))


def test_the_training_is_given_settings_data_and_options(monkeypatch):
    seen, calibrated = [], []

    def fit(*arguments):
        seen.append(arguments)
        return fit_networks(*arguments)

    fit_networks = estimator.fit_networks
    monkeypatch.setattr(estimator, "fit_networks", fit)
    monkeypatch.setattr(estimator, "calibrate", lambda model, *_: calibrated.append(model))
    options = TrainingOptions(seed=5, progress=False, device="cpu")
    ours = PSAGANEstimator(**TINY)
    data = to_dataset(table(["a", "b"]))
    fitted = ours.train(data, options=options)
    ((settings, prepared, given, fingerprint),) = seen
    assert settings is ours
    assert (given.seed, given.device) == (5, "cpu")
    assert fingerprint == data.fingerprint()
    assert len(prepared.series) == 2
    assert calibrated == [fitted]
    assert fitted.seed == 5
    assert fitted.settings.model_dump() == ours.model_dump()
    assert sum(fitted.plan["schedule"]) == fitted.history[-1]["step"] == 4


def test_the_paper_is_univariate():
    pair = MultivariateDataset.of_panel(to_dataset(table(["a", "b", "c"])))
    with pytest.raises(SettingsError, match=r"these data have 3 channels. Use preset='default'"):
        train(pair, preset="paper", target_length=16)


@pytest.mark.parametrize(
    ("gigabytes", "cuda", "refused"),
    [(0.001, False, True), (0.001, True, False), (64, False, False)],
)
def test_attention_that_does_not_fit_is_refused_without_a_gpu(
    monkeypatch, gigabytes, cuda, refused
):
    monkeypatch.setattr(estimator, "_memory", lambda: gigabytes * 2**30)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    paper = PSAGANEstimator(preset="paper", target_length=256, batch_size=512)
    if refused:
        with pytest.raises(
            SettingsError, match=r"target_length=256 and batch_size=512 needs about"
        ):
            paper._check_memory(3)
    else:
        paper._check_memory(3)
    PSAGANEstimator(target_length=256, batch_size=512)._check_memory(3)


def test_a_machine_that_does_not_tell_its_memory_is_trusted(monkeypatch):
    assert 2**28 < estimator._memory() < 2**50

    def silent(name):
        raise ValueError(name)

    monkeypatch.setattr(estimator.os, "sysconf", silent)
    assert estimator._memory() == 2**62


def test_training_from_a_model_goes_on_with_settings_of_its_own():
    data = table(["a", "b"])
    first = train(data)
    both = pd.concat([data, data[data["item_id"] == "a"].assign(item_id="new")])
    quiet = TrainingOptions(seed=2, progress=False)
    tuned = PSAGANEstimator(**TINY | {"num_steps": 5, "learning_rate": 0.01}).train_from(
        first, both, options=quiet
    )
    assert tuned.settings.learning_rate == 0.01
    assert tuned.plan["schedule"][-1] == sum(tuned.plan["schedule"]) == 5
    assert "new" in tuned.table.item_ids
    with pytest.raises(SettingsError, match=r"channels=\(6,\) makes other networks than those of"):
        PSAGANEstimator(**TINY | {"channels": (6,)}).train_from(first, both, options=quiet)
    with pytest.raises(SettingsError, match="goes on from a PSA-GAN, not from a str"):
        PSAGANEstimator(**TINY).train_from("model", both)


def test_an_encoder_of_another_table_is_taken_and_saved(tmp_path):
    shops = pd.DataFrame({"shop": ["x", "y", "z", "x"] * 10, "static_real_0": [*range(4)] * 10})
    quick = TabularEncoderEstimator(num_steps=2, width=8)
    encoder = quick.train(shops, options=TrainingOptions(seed=1, progress=False))
    data = to_dataset(
        table(["a", "b", "c"], shop=[*"xyx"], size=[1.0, 2.0, 3.0]),
        static=["shop"], static_numbers=["size"],
    )  # fmt: skip
    options = TrainingOptions(seed=1, progress=False)
    estimator = PSAGANEstimator(**TINY, statics="encoder")
    model = estimator.train(data, options=options, encoder=encoder)
    assert model.conditions.statics.description is encoder
    model.save(tmp_path / "model")
    loaded = tsgen.load(tmp_path / "model")
    numbers = loaded.conditions.statics.description.transform(shops)
    np.testing.assert_array_equal(numbers, encoder.transform(shops))
    new = to_dataset(table(["n"], shop=["y"], size=[0.5]), static=["shop"], static_numbers=["size"])
    request = {"num_samples": 2, "like": new, "seed": 3}
    with pytest.warns(DataWarning, match="1 of 1 series are new to the model"):
        assert same(loaded.sample(**request), model.sample(**request))
    other = quick.train(shops.assign(rent=1.0 * shops.index), options=options)
    with pytest.raises(DataError, match="rent"):
        estimator.train(data, options=options, encoder=other)
    with pytest.raises(SettingsError, match=r"\(encoder=\) is read with statics='encoder', which"):
        PSAGANEstimator(**TINY).train(data, options=options, encoder=encoder)
    with pytest.raises(SettingsError, match="encoder is a str, not a fitted TabularEncoder"):
        estimator.train(data, options=options, encoder="models/shops")


def test_a_run_goes_on_with_its_own_encoder_alone(tmp_path):
    shops = pd.DataFrame({"shop": ["x", "y", "z", "x"] * 10})
    quick = TabularEncoderEstimator(num_steps=2, width=8)
    one, other = (quick.train(shops, options=TrainingOptions(seed=k, progress=False))
                  for k in (1, 2))  # fmt: skip
    data = to_dataset(table(["a", "b", "c"], shop=[*"xyx"]), static=["shop"])
    options = TrainingOptions(seed=1, progress=False, checkpoint=tmp_path / "run")
    estimator = PSAGANEstimator(**TINY, statics="encoder")
    first = estimator.train(data, options=options, encoder=one)
    again = options.model_copy(update={"resume": True})
    one.save(tmp_path / "one")
    second = estimator.train(data, options=again, encoder=tsgen.load(tmp_path / "one"))
    assert second.history == first.history
    for encoder in (other, None):
        with pytest.raises(SettingsError, match="or another seed or encoder"):
            estimator.train(data, options=again, encoder=encoder)


def test_a_category_that_the_encoder_alone_has_met_is_none_unknown(tmp_path):
    shops = pd.DataFrame({"shop": [*"xyzx"] * 10, "rooms": [2, 3, 4, 5] * 10})
    options = TrainingOptions(seed=1, progress=False)
    encoder = TabularEncoderEstimator(num_steps=2, width=8, categorical=("shop", "rooms")).train(
        shops, options=options
    )
    static = ["shop", "rooms"]
    data = to_dataset(table(["a", "b", "c"], shop=[*"xyx"], rooms=[2, 3, 2]), static=static)
    trained = PSAGANEstimator(**TINY, statics="encoder").train(
        data, options=options, encoder=encoder
    )
    trained.save(tmp_path / "model")
    model = tsgen.load(tmp_path / "model")

    def seen(shop, rooms):
        like = to_dataset(table(["n"], shop=[shop], rooms=[rooms]), static=static)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            codes = model.static_codes(model.data.read(like))
        numbers = model.conditions.statics(codes, np.zeros((1, 0)))
        own = encoder.transform(pd.DataFrame({"shop": [shop], "rooms": [rooms]}))
        return numbers, own, [str(one.message) for one in said]

    statics = model.conditions.statics
    for kind in (("x", 2), ("z", 5)):
        numbers, own, said = seen(*kind)
        assert not said
        np.testing.assert_allclose(numbers, (own - statics.mean) / statics.scale, rtol=1e-5)
    numbers, own, said = seen("q", 2)
    assert "have a category of 'shop' that the model was not trained on ('q')" in said[0]
    with pytest.raises(DataError, match="No series that the model learnt has shop=z"):
        model.sample(1, static={"shop": "z"}, seed=1)
