"""The stacked networks: a stack is its members, trained by the pinball loss of scaled futures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from tsgen.curation.choosing import window_losses
from tsgen.curation.reference import (
    LEVELS,
    Member,
    NetworkSettings,
    network,
    rolling_windows,
    train_stack,
    training_windows,
)
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import TrainingDivergedError
from tsgen.rng import numpy_stream

REAL = simulate_series(num_series=5, length=80, seed=1)
SETTINGS = NetworkSettings(
    hidden_size=8, batch_size=16, max_steps=200, check_every=5, patience=2, learning_rate=0.05
)


def windows_and_stop(dataset=REAL):
    ends = dataset.lengths - 6
    inner = dataset.cut(np.arange(len(dataset)), np.zeros_like(ends), ends)
    return training_windows(inner, 12, 6), rolling_windows(dataset, 12, 6, 1)


def test_a_stack_equals_its_members_trained_alone():
    real, stopping = windows_and_stop()
    other = training_windows(simulate_series(num_series=4, length=60, seed=2), 12, 6)
    mixed = ((0, 0.5), (1, 0.5))
    members = [Member(3), Member(3, mixed), Member(7), Member(9, ((1, 1.0),))]
    stack = train_stack(members, [real, other], stopping, SETTINGS)
    together = stack.quantiles(stopping)
    for place, member in enumerate(members):
        alone = train_stack([member], [real, other], stopping, SETTINGS)
        assert alone.steps[0] == stack.steps[place]
        np.testing.assert_allclose(alone.quantiles(stopping)[0], together[place], rtol=1e-4)
    assert len(set(stack.steps)) > 1  # each stops by itself


def test_an_annealed_share_shrinks_to_real_series_alone(monkeypatch):
    member = Member(1, ((0, 0.25), (1, 0.5), (2, 0.25)), annealed=10)
    shares = member.shares(np.array([0, 5, 10, 20]))
    expected = [[0.25, 0.5, 0.25], [0.625, 0.25, 0.125], [1, 0, 0], [1, 0, 0]]
    np.testing.assert_allclose(shares, expected)
    real, stopping = windows_and_stop()
    rows = []
    batch = network._Data.batch
    monkeypatch.setattr(
        network._Data, "batch", lambda data, chosen: rows.append(chosen) or batch(data, chosen)
    )
    settings = replace(SETTINGS, batch_size=400, max_steps=20, patience=99)
    train_stack([member, Member(1)], [real, real, real], stopping, settings)
    synthetic = [(chosen.numpy() >= len(real)).mean(axis=1) for chosen in rows]
    expected = [0.75 * max(1 - step / 10, 0) for step in range(20)]
    np.testing.assert_allclose([share for share, _ in synthetic], expected, atol=0.1)
    assert not any(share for _, share in synthetic)
    assert all(share == 0 for share, _ in synthetic[10:])


def test_networks_learn_more_than_the_mean():
    hours = np.arange(240)
    rows = [10 + k + 3 * np.sin(2 * np.pi * (hours + k) / 12) for k in range(6)]
    start = pd.Period("2024-01-01", "h")
    series = to_dataset(
        [{"item_id": str(k), "start": start, "target": row} for k, row in enumerate(rows)]
    )
    real, stopping = windows_and_stop(series)
    trained = train_stack([Member(1)], [real], stopping, NetworkSettings(max_steps=300))
    lost = window_losses(trained.quantiles(stopping), stopping).sum()
    mean = np.repeat(stopping.read()[0].mean(axis=1) * stopping.read()[2], 6).reshape(-1, 6, 1)
    assert lost < 0.3 * window_losses(np.repeat(mean, 9, axis=2), stopping).sum()


def test_the_loss_is_pinball_and_nothing_where_the_future_is_missing():
    draw = np.random.default_rng(0)
    drawn, future = draw.normal(size=(2, 3, 4, 9)), draw.normal(size=(2, 3, 4))
    future[0, 1, 2] = np.nan
    to_tensor = torch.from_numpy
    loss = network._pinball(to_tensor(drawn).float(), to_tensor(future).float()).numpy()
    for place in np.ndindex(2, 3, 4):
        for k, level in enumerate(LEVELS):
            gap = future[place] - drawn[*place, k]
            expected = 0.0 if np.isnan(gap) else gap * (level - (gap < 0))
            assert loss[*place, k] == pytest.approx(expected, abs=1e-5)


def test_first_weights_are_uniform_within_one_over_the_root_of_the_inputs():
    windows, _ = windows_and_stop()
    weights = network._initial([3, 4], windows, NetworkSettings(hidden_size=64))
    for name, inputs in (("in", 12), ("mid", 64), ("out", 64), ("skip", 12)):
        matrix = weights[f"{name}.weight"].detach().numpy()
        assert matrix.shape[:2] == (2, inputs)
        assert np.abs(matrix).max() == pytest.approx(inputs**-0.5, rel=0.05)
        assert matrix.std() == pytest.approx(inputs**-0.5 / 3**0.5, rel=0.08)
        assert np.abs(weights[f"{name}.bias"].detach().numpy()).max() <= inputs**-0.5
        assert not np.array_equal(matrix[0], matrix[1])


def test_a_network_is_two_hidden_layers_and_a_skip_around_the_mean_of_the_past():
    windows, _ = windows_and_stop()
    weights = network._initial([3, 4], windows, NetworkSettings(hidden_size=5))
    w = {name: tensor.detach().numpy().astype(float) for name, tensor in weights.items()}
    context = np.random.default_rng(0).normal(size=(2, 3, 12))
    drawn = network._forward(weights, torch.tensor(context).float()).detach().numpy()
    for m in range(2):
        mean = context[m].mean(axis=1, keepdims=True)
        x = context[m] - mean
        h = np.maximum(x @ w["in.weight"][m] + w["in.bias"][m], 0)
        h = np.maximum(h @ w["mid.weight"][m] + w["mid.bias"][m], 0)
        out = h @ w["out.weight"][m] + w["out.bias"][m]
        out += x @ w["skip.weight"][m] + w["skip.bias"][m] + mean
        np.testing.assert_allclose(drawn[m], out.reshape(3, 6, 9), atol=1e-5)


def test_a_batch_takes_the_stated_share_of_each_set_and_all_of_its_windows():
    first = training_windows(REAL, 12, 6)
    second = training_windows(simulate_series(num_series=3, length=40, seed=2), 12, 6)
    data = network._Data.of([first, second])
    settings = NetworkSettings(batch_size=500, check_every=20)
    members = [Member(1, ((0, 0.8), (1, 0.2))), Member(2, ((1, 1.0),))]
    rows = data.draw(members, [numpy_stream(m.seed, "batches") for m in members], settings).numpy()
    assert rows.shape == (2, 20, 500)
    assert (rows[0] >= len(first)).mean() == pytest.approx(0.2, abs=0.02)
    assert set(rows[0].ravel()) == set(range(len(first) + len(second)))
    assert rows[1].min() == len(first)
    past, future = data.batch(torch.from_numpy(rows[:, 0]))
    expected = np.concatenate([first.read()[1], second.read()[1]])[rows[:, 0]]
    np.testing.assert_allclose(future.numpy(), expected, rtol=1e-5)
    assert past.shape == (2, 500, 12)


def test_windows_stop_the_training_by_their_loss_in_original_units():
    _, stopping = windows_and_stop()
    weights = network._initial([3, 4], stopping, SETTINGS)
    losses = network._Held.of(stopping).losses(weights).numpy()
    past, future, scale = stopping.read()
    drawn = network._forward(weights, torch.tensor(past).float().expand(2, -1, -1))
    pinball = network._pinball(drawn, torch.tensor(future).float().expand(2, -1, -1))
    mean = pinball.detach().numpy().mean(axis=(2, 3))
    expected = (mean * scale).mean(axis=1) / scale.mean()
    np.testing.assert_allclose(losses / losses.sum(), expected / expected.sum(), rtol=1e-4)


def test_quantiles_are_in_order_and_scale_with_the_data():
    real, stopping = windows_and_stop()
    stack = train_stack([Member(1)], [real], stopping, replace(SETTINGS, max_steps=10))
    drawn = stack.quantiles(stopping)
    assert drawn.shape == (1, 5, 6, 9)
    assert (np.diff(drawn, axis=-1) >= 0).all()
    tenfold = replace(stopping, values=10 * stopping.values, floors=10 * stopping.floors)
    np.testing.assert_allclose(stack.quantiles(tenfold), 10 * drawn, rtol=1e-4)


def test_training_stops_after_the_stated_patience_and_keeps_the_best_step():
    real, stopping = windows_and_stop()
    looks = []
    losses = iter([3.0, 2.0, 2.5, 2.5, 1.0])

    class Looking:
        def losses(self, weights):
            looks.append({name: tensor.clone() for name, tensor in weights.items()})
            return torch.tensor([next(losses)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network._Held, "of", classmethod(lambda cls, windows: Looking()))
        stack = train_stack([Member(1)], [real], stopping, replace(SETTINGS, max_steps=100))
    assert len(looks) == 4  # two looks without a better loss, and no third
    assert stack.steps == [10]
    for name, tensor in stack.weights.items():
        torch.testing.assert_close(tensor, looks[1][name])


def test_values_too_large_to_be_squared_are_named():
    real, stopping = windows_and_stop()
    huge = replace(stopping, values=np.where(stopping.values > 0, 1e300, stopping.values))
    with pytest.raises(TrainingDivergedError, match="loss became infinite"):
        train_stack([Member(1)], [replace(real, values=huge.values)], huge, SETTINGS)
