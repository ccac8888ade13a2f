"""The fitted model: what it says, what its networks provide for, saving, its training part."""

import torch

import tsgen
from psagan_doubles import same
from tsgen.data import simulate_series


def test_a_model_says_what_it_is(model):
    length, steps = model.settings.target_length, model.history[-1]["step"]
    said = f"(8 series, freq='h', target_length={length}, {steps} training steps)"
    assert repr(model) == f"PSAGANSynthesizer{said}"


def test_the_training_part_is_found_again(model, panel):
    longer = simulate_series(num_series=8, length=300, seed=5)
    before, after = model.split_at_training_end(longer)
    assert before.lengths.tolist() == [240] * 8
    assert after.lengths.tolist() == [60] * 8
    assert model.split_at_training_end(panel)[1] is None


def test_the_networks_provide_for_what_the_model_remembers(model):
    assert model.sizes.num_series == len(model.table) == 8
    assert model.sizes.num_channels == 1
    assert model.sizes.num_features == model.conditions.num_features


def test_weights_are_handed_out_in_a_dictionary_of_their_own(model):
    handed = model.weights
    handed.clear()
    assert model.weights


def test_a_saved_model_draws_and_says_the_same(model, tmp_path):
    model.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    assert repr(again) == repr(model)
    assert (again.noise_scale, again.zero_below) == (model.noise_scale, model.zero_below)
    assert all(torch.equal(again.weights[name], known) for name, known in model.weights.items())
    assert same(again.sample(3, seed=2), model.sample(3, seed=2))
