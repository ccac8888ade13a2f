"""Residual self-attention, against a plain loop."""

import pytest
import torch

from tsgen.psagan.networks.attention import ResidualAttention


@pytest.fixture(autouse=True)
def _own_randomness():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def test_attention_with_a_shut_gate_is_the_identity_and_opens():
    block = ResidualAttention(5).double()
    x = torch.randn(2, 5, 12, dtype=torch.float64)
    assert torch.equal(block(x), x)
    block(x).sum().backward()
    assert block.gate.grad.abs() > 0


@pytest.mark.parametrize("steps", [6, 40])
def test_attention_equals_a_plain_loop(steps):
    block = ResidualAttention(4, heads=2, head_size=3, max_keys=10).double()
    torch.nn.init.ones_(block.gate)
    x = torch.randn(1, 4, steps, dtype=torch.float64)
    pooled = x if steps <= 10 else torch.nn.functional.adaptive_avg_pool1d(x, 10)
    query, (key, value) = block.query(x)[0], block.key_value(pooled)[0].chunk(2)
    expected = torch.zeros(6, steps, dtype=torch.float64)
    for head in range(2):
        rows = slice(3 * head, 3 * head + 3)
        for i in range(steps):
            affinity = torch.stack(
                [query[rows, i] @ key[rows, j] / 3**0.5 for j in range(pooled.shape[-1])]
            )
            weight = torch.exp(affinity) / torch.exp(affinity).sum()
            expected[rows, i] = value[rows] @ weight
    torch.testing.assert_close(block(x), x + block.out(expected[None]))


def test_second_derivatives_exist_and_padding_changes_nothing():
    block = ResidualAttention(3, max_keys=4).double()
    torch.nn.init.ones_(block.gate)
    x = torch.randn(2, 3, 9, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(block(x).square().sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert torch.isfinite(x.grad).all()
    torch.testing.assert_close(block(x)[:1], block(x[:1]))
