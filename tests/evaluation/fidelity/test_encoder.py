import re

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tsgen.errors import DataError, ModelFormatError
from tsgen.evaluation import (
    CausalEncoder,
    EncoderSettings,
    context_fid,
    load_encoder,
    train_encoder,
)
from tsgen.evaluation.fidelity.encoder_training import _triplet_loss

rng = np.random.default_rng(1)


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


def test_the_loss_is_the_triplet_loss_with_both_repulsions():
    a, p, g = (torch.from_numpy(rng.normal(size=(n, 3))) for n in (2, 2, 4))

    def log_sigmoid(x):
        return -np.log1p(np.exp(-float(x)))

    slow = -np.mean([log_sigmoid(a[i] @ p[i]) for i in range(2)])
    slow -= np.mean([log_sigmoid(-a[i] @ g[j]) for i in range(2) for j in range(4)])
    slow -= np.mean([log_sigmoid(-p[i] @ g[j]) for i in range(2) for j in range(4)])
    assert float(_triplet_loss(a, p, g)) == pytest.approx(slow)


def test_a_briefly_trained_encoder_orders_samples_of_known_quality(real_windows, small_encoder):
    test, fresh = real_windows(400, 1), real_windows(400, 2)
    noise = rng.normal(size=fresh.shape)
    samples = {
        "real": fresh,
        "a little noise": fresh + 0.1 * noise,
        "more noise": fresh + 0.25 * noise,
        "shuffled": rng.permuted(fresh, axis=1),
        "noise alone": 0.5 + 0.25 * noise,
    }
    score = {name: context_fid(test, rows, small_encoder) for name, rows in samples.items()}
    assert score["real"] < score["a little noise"] < score["more noise"]
    assert 3 * score["real"] < min(score["shuffled"], score["noise alone"])


def test_training_is_repeatable_cached_and_leaves_the_global_generator_alone(
    tmp_path, real_windows
):
    windows, settings = real_windows(20, 0), EncoderSettings(channels=4, batch_size=4)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first = train_encoder(windows, seed=1, num_steps=3, settings=settings, cache=tmp_path)
    assert torch.equal(before, torch.random.get_rng_state())
    (file,) = tmp_path.iterdir()
    again = train_encoder(windows, seed=1, num_steps=3, settings=settings)
    np.testing.assert_array_equal(first.embed(windows), again.embed(windows))
    load_encoder(file).save(file, overwrite=True)
    stamp = file.stat().st_mtime_ns
    cached = train_encoder(windows, seed=1, num_steps=3, settings=settings, cache=tmp_path)
    np.testing.assert_array_equal(first.embed(windows), cached.embed(windows))
    assert file.stat().st_mtime_ns == stamp
    train_encoder(windows, seed=2, num_steps=3, settings=settings, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_incomplete_windows_are_refused(small_encoder):
    broken = np.full((2, 48), np.nan)
    with pytest.raises(DataError, match="96 missing"):
        small_encoder.embed(broken)
    with pytest.raises(DataError, match="missing"):
        train_encoder(broken, seed=0)
