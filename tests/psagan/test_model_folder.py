"""The saved folder: everything comes back, to the last bit; what is missing is named."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors import SafetensorError

import tsgen
from psagan_doubles import TINY, same, sources, table, train
from tsgen.contracts import TABLE_DESCRIBERS
from tsgen.data import MultivariateDataset, to_dataset
from tsgen.errors import ModelFormatError
from tsgen.features import TabularEncoderEstimator
from tsgen.persistence import refusing_damaged


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_a_loaded_model_is_the_saved_one_to_the_last_bit(tmp_path, preset):
    data = to_dataset(table(["a", "b"], shop=["x", "y"]), static=["shop"])
    fitted = train(data, preset=preset, target_length=16)
    fitted.save(tmp_path / "model")
    loaded = tsgen.load(tmp_path / "model")
    for name, weight in fitted.weights.items():
        assert torch.equal(loaded.weights[name], weight)
    assert loaded.settings == fitted.settings
    assert loaded.data == fitted.data
    assert (loaded.plan, loaded.history, loaded.seed) == (fitted.plan, fitted.history, fitted.seed)
    requests = [{"num_samples": 5}, {"items": ["b"], "length": 50, "constraints": "infer"}]
    for request in [*requests, {"like": data, "length": "like"}]:
        assert same(fitted.sample(**request, seed=9), loaded.sample(**request, seed=9))


def test_ids_of_text_and_of_numbers_may_be_mixed(tmp_path):
    entries = [
        {"item_id": i, "start": pd.Period("2024-01-01", "h"), "target": np.sin(np.arange(40.0))}
        for i in (1, "1", "b", 20)
    ]
    fitted = train(entries)
    fitted.save(tmp_path / "model")
    loaded = tsgen.load(tmp_path / "model")
    assert loaded.table.item_ids == (1, "1", "b", 20)
    drawn = loaded.sample(items=[1, "1"], seed=1)
    assert sources(drawn) == [1, "1"]
    assert len(set(drawn.item_ids)) == 2


def test_each_channel_has_its_table(tmp_path):
    pair = MultivariateDataset.of_panel(to_dataset(table(["a", "b", "c"])))
    fitted = train(pair)
    fitted.save(tmp_path / "model")
    assert {f.name for f in (tmp_path / "model").glob("series*")} == {
        "series.parquet", "series_1.parquet", "series_2.parquet"}  # fmt: skip
    loaded = tsgen.load(tmp_path / "model")
    for ours, theirs in zip(loaded.tables, fitted.tables, strict=True):
        np.testing.assert_array_equal(ours.scaler.location, theirs.scaler.location)


@pytest.fixture
def saved(tmp_path, model):
    model.save(tmp_path / "model")
    return tmp_path / "model"


def test_what_the_folder_says(saved, model):
    facts = json.loads((saved / "model.json").read_text())
    assert (facts["kind"], facts["seed"], facts["plan"]) == ("psa-gan", model.seed, model.plan)
    assert facts["conditions"]["longest"] == 240
    assert facts["conditions"]["calendar"] == list(model.conditions.calendar.names)
    rows = (saved / "history.jsonl").read_text().splitlines()
    assert [json.loads(row) for row in rows] == model.history
    loaded = tsgen.load(saved)
    assert loaded.conditions == model.conditions
    assert loaded.data == model.data


@pytest.mark.parametrize("name", ["weights.safetensors", "series.parquet", "history.jsonl"])
def test_a_file_that_is_missing_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(ModelFormatError, match=name):
        tsgen.load(saved)


def test_an_existing_folder_is_replaced_on_request_alone(saved, model):
    with pytest.raises(tsgen.errors.OutputError, match="exists already"):
        model.save(saved)
    model.save(saved, overwrite=True)


def test_too_little_memory_does_not_make_a_folder_damaged(tmp_path):
    with pytest.raises(RuntimeError, match="Cannot allocate"), refusing_damaged(tmp_path, "GAN"):
        raise RuntimeError("unable to mmap 9 bytes: Cannot allocate memory (12)")
    with (
        pytest.raises(ModelFormatError, match=r"\(header too large\)"),
        refusing_damaged(tmp_path, "GAN"),
    ):
        raise SafetensorError("header too large")


@pytest.mark.parametrize("statics", ["columns", "encoder"])
def test_what_describes_statics_is_saved_and_kept_by_all_that_makes_models(
    tmp_path, statics, monkeypatch
):
    monkeypatch.setitem(TABLE_DESCRIBERS, "encoder", QuickEncoder)
    data = to_dataset(table(["a", "b", "c", "d"], shop=["x", "y", "x", "y"]), static=["shop"])
    data = replace(data, static_real=np.array([[1.0], [2.0], [1.5], [np.nan]]))
    fitted = train(data, statics=statics)
    fitted.save(tmp_path / "model")
    loaded = tsgen.load(tmp_path / "model")
    request = {"num_samples": 2, "like": data, "length": "like", "seed": 9}
    assert same(fitted.sample(**request), loaded.sample(**request))
    other = replace(data, static_real=data.static_real + 5)
    assert not np.array_equal(loaded.sample(**request | {"like": other}).values,
                              fitted.sample(**request).values)  # fmt: skip
    known = data.subset([1, 2, 3])
    for model in (loaded.fine_tune(data, num_steps=2), loaded.forget(["a"])):
        assert model.sample(2, like=known, seed=1).lengths.tolist() == [TINY["target_length"]] * 6
        assert model.conditions.statics.width == fitted.conditions.statics.width
    (tmp_path / "model" / "statics.safetensors").unlink()
    with pytest.raises(ModelFormatError, match=r"statics\.safetensors"):
        tsgen.load(tmp_path / "model")


class QuickEncoder(TabularEncoderEstimator):
    """An encoder that has hardly learnt."""

    num_steps: int = 3
    width: int = 8
