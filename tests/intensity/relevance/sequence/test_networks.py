import pytest
import torch

from tsgen.intensity.relevance.sequence.networks import NextItemNetwork


@pytest.mark.parametrize("cell", ["gru", "transformer"])
def test_a_network_sees_no_later_item_and_every_weight_learns(cell):
    network = NextItemNetwork(9, 8, 2, 2, cell, num_extras=2)
    network.initialise(torch.Generator().manual_seed(0))
    tokens, extras = torch.tensor([[0, 3, 5, 7, 2]]), torch.rand(1, 5, 2)
    hidden = network(tokens, extras)
    changed = network(torch.tensor([[0, 3, 5, 1, 1]]), extras)
    torch.testing.assert_close(hidden[:, :3], changed[:, :3])
    assert not torch.allclose(hidden[:, 3], changed[:, 3])
    padded = network(torch.tensor([[0, 3, 5, 7, 2, 0, 0]]), torch.cat([extras, extras[:, :2]], 1))
    torch.testing.assert_close(padded[:, :5], hidden)
    loss = (hidden @ network.item_weights().T + network.bias).logsumexp(-1).sum()
    loss.backward()
    assert all(w.grad is not None and w.grad.abs().sum() > 0 for w in network.parameters())
