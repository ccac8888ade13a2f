"""The moving average against its closed form."""

import pytest
import torch

from tsgen.training import ExponentialMovingAverage


def test_average_follows_the_closed_form():
    network = torch.nn.Linear(2, 2).double()
    values = torch.randn(30, 2, 2, dtype=torch.float64)
    average = ExponentialMovingAverage(network, decay=0.9)
    expected = network.weight.detach().clone()
    for step, value in enumerate(values):
        with torch.no_grad():
            network.weight.copy_(value)
        average.update(network, step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    torch.testing.assert_close(average.average.weight.detach(), expected)


def test_decay_zero_copies_the_network():
    network = torch.nn.BatchNorm1d(3)
    average = ExponentialMovingAverage(network, decay=0.0)
    network(torch.randn(5, 3))
    with torch.no_grad():
        network.weight.fill_(7.0)
    average.update(network, step=100)
    for ours, theirs in zip(
        average.average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        assert torch.equal(ours, theirs)
    assert not average.average.training


def test_average_is_not_trained():
    average = ExponentialMovingAverage(torch.nn.Linear(1, 1), decay=0.5)
    assert not any(p.requires_grad for p in average.average.parameters())
    assert average.decay == pytest.approx(0.5)
