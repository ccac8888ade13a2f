import re

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tsgen.errors import DataError, ModelFormatError
from tsgen.evaluation import (
    CausalEncoder,
    load_encoder,
    train_encoder,
)


def slow_encode(weights, window):
    """The encoder's equations by plain loops over blocks, channels, taps and steps."""
    x = window[None, :]
    num_blocks = len({name.split(".")[0] for name in weights}) - 1
    for i in range(num_blocks):
        y = x
        for c in (0, 1):
            name = f"block{i}.conv{c}."
            v = weights[name + "weight_v"]
            scale = weights[name + "weight_g"][:, 0, 0] / np.sqrt((v**2).sum((1, 2)))
            z = np.zeros((v.shape[0], y.shape[1]))
            for out in range(v.shape[0]):
                for t in range(y.shape[1]):
                    z[out, t] = weights[name + "bias"][out]
                    for tap in range(3):
                        past = t - (2 - tap) * 2**i
                        if past >= 0:
                            z[out, t] += scale[out] * v[out, :, tap] @ y[:, past]
            y = np.where(z > 0, z, 0.01 * z)
        skip = f"block{i}.skip.weight"
        if skip in weights:
            x = weights[skip][:, :, 0] @ x + weights[f"block{i}.skip.bias"][:, None]
        x = y + x
    return weights["linear.weight"] @ x.max(axis=1) + weights["linear.bias"]


def test_the_network_computes_the_published_equations():
    rng = np.random.default_rng(1)
    torch.manual_seed(0)
    encoder = CausalEncoder(channels=3, last_channels=5, num_outputs=4, num_blocks=4)
    weights = {name: t.numpy().astype(np.float64) for name, t in encoder.state_dict().items()}
    for length in (3, 9, 20):  # shorter than a dilation, between, longer
        windows = rng.normal(size=(2, length))
        slow = [slow_encode(weights, window) for window in windows]
        np.testing.assert_allclose(encoder.embed(windows), slow, atol=1e-5)


@pytest.mark.parametrize(
    "name", ["m4_hourly", "electricity", "solar_energy", "traffic", "exchange_rate"]
)
def test_the_authors_encoders_give_their_check_vectors(shared_data, name):
    text = (shared_data / "encoders" / "README.md").read_text(encoding="utf-8")
    row = re.search(rf"\| {name} \| (-?0\.\d.*) \|", text)
    expected = [float(number) for number in row[1].split(",")]
    encoder = load_encoder(shared_data / "encoders" / f"{name}.safetensors")
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(64) / 24)
    embedding = encoder.embed(wave[None])
    assert embedding.shape == (1, 80)
    assert sum(p.numel() for p in encoder.parameters()) == 209_080
    np.testing.assert_allclose(embedding[0, :4], expected, atol=2e-5)


def test_an_encoder_survives_saving_and_a_damaged_file_is_refused(tmp_path, small_encoder):
    rng = np.random.default_rng(1)
    file, windows = tmp_path / "encoder.safetensors", rng.random((5, 48))
    small_encoder.save(file)
    np.testing.assert_array_equal(load_encoder(file).embed(windows), small_encoder.embed(windows))
    weights = load_file(file)
    del weights["linear.weight"]
    save_file(weights, tmp_path / "part.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(file.read_bytes()[:100])
    for broken in ("part", "cut", "absent"):
        with pytest.raises(ModelFormatError, match=f"{broken}.safetensors"):
            load_encoder(tmp_path / f"{broken}.safetensors")


def test_incomplete_windows_are_refused(small_encoder):
    broken = np.full((2, 48), np.nan)
    with pytest.raises(DataError, match="96 missing"):
        small_encoder.embed(broken)
    with pytest.raises(DataError, match="missing"):
        train_encoder(broken, seed=0)
