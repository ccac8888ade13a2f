"""Several GRUs computed as one are each what it would be alone."""

import numpy as np
import pytest
import torch

from tsgen.evaluation.fidelity import recurrent_judges as module
from tsgen.evaluation.fidelity.recurrent_judges import (
    RecurrentJudges,
    _inputs,
    guess_recurrently,
)


def test_a_recurrent_judge_is_a_gru_with_a_head_on_its_last_and_mean_state():
    judges = RecurrentJudges([3, 4, 5])
    x = torch.randn(3, 6, 11, 2, generator=torch.Generator().manual_seed(1))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        gru, head = torch.nn.GRU(2, 24, batch_first=True), torch.nn.Linear(48, 1)
    states, last = gru(x[1])
    expected = head(torch.cat([last[0], states.mean(dim=1)], dim=1))[:, 0]
    torch.testing.assert_close(judges(x)[1], expected)
    expected.square().sum().backward()
    judges(x)[1].square().sum().backward()
    torch.testing.assert_close(judges.from_state.grad[1], gru.weight_hh_l0.grad)
    torch.testing.assert_close(judges.head.grad[1], head.weight.grad)
    assert judges.from_state.grad[[0, 2]].abs().max() == 0  # they know nothing of each other


def test_inputs_are_values_and_steps_scaled_by_the_training_set_alone():
    rng = np.random.default_rng(2)
    train, test = rng.normal(3.0, 2.0, (20, 9)), rng.normal(50.0, 9.0, (4, 9))
    known, asked = _inputs(train, test)
    assert known[..., 0].mean().item() == pytest.approx(0, abs=1e-5)
    assert known[..., 0].std(correction=0).item() == pytest.approx(1, abs=1e-5)
    steps = np.diff(train, axis=1)
    np.testing.assert_allclose(known[:, 1:, 1], steps / steps.std(), rtol=1e-4, atol=1e-5)
    assert (known[:, 0, 1] == 0).all()
    np.testing.assert_allclose(asked[..., 0], (test - train.mean()) / train.std(), rtol=1e-4)
    flat, _ = _inputs(np.ones((3, 9)), test)
    assert (flat == 0).all()  # no spread is no division by it


def test_each_judge_guesses_its_own_test_windows_from_its_own_training(monkeypatch):
    rng = np.random.default_rng(2)
    monkeypatch.setattr(module, "_STEPS", 40)
    monkeypatch.setattr(module, "_TESTED_AT_ONCE", 3)  # in parts
    labels = np.arange(40) % 2
    high = rng.normal(size=(40, 8)) + 3.0 * labels[:, None]  # 1 is high for the first judge
    trains, tests = [high, -high], [high[:10], -high[:10]]
    guesses = guess_recurrently(trains, labels, tests, seeds=[1, 2])
    assert [guess.shape for guess in guesses] == [(10,), (10,)]
    for guess in guesses:
        assert (guess == labels[:10]).mean() >= 0.9
