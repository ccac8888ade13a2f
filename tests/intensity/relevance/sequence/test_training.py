from contextlib import nullcontext

import numpy as np
import pytest
import torch

from intensity.conftest import HORIZON, QUIET, cycles, nobody
from tsgen.data import Histories
from tsgen.errors import TooLargeError
from tsgen.intensity.relevance.sequence.batches import ExtraInputs, Sequences
from tsgen.intensity.relevance.sequence.relevance import SequenceRelevance
from tsgen.intensity.relevance.sequence.training import (
    NextItemTask,
    SequenceSettings,
    full_softmax_loss,
)
from tsgen.memory import memory_limit
from tsgen.training import Processes


def test_the_full_softmax_in_blocks_has_the_same_loss_and_gradient():
    draw = torch.Generator().manual_seed(0)
    hidden, weights = torch.randn(50, 4, generator=draw), torch.randn(30, 4, generator=draw)
    bias, targets = torch.randn(30, generator=draw), torch.randint(30, (50,), generator=draw)
    found = []
    for most in (10**9, 70, 1):
        leaves = [part.clone().requires_grad_() for part in (hidden, weights, bias)]
        loss = full_softmax_loss(leaves[0], targets, leaves[1], leaves[2], most)
        loss.backward()
        found.append([loss.detach(), *(leaf.grad for leaf in leaves)])
    for part in found[1:]:
        torch.testing.assert_close(part, found[0])


def test_the_sampled_loss_is_the_full_one_on_average():
    """Drawn items stand for all: exp(loss), the sum over items, has the same mean."""
    events = cycles(num_users=6, num_items=9)
    at = Histories.of(events, 100 * HORIZON)
    sequences = Sequences(at, np.arange(1, 10), 20, ExtraInputs(HORIZON))
    settings = SequenceSettings(hidden_size=4, num_layers=1, num_samples=5)
    network = SequenceRelevance("gru", settings).network(9)
    task = NextItemTask(network, settings, sequences, nobody(at), QUIET,
                        Processes(torch.device("cpu")), None)  # fmt: skip
    draw = torch.Generator().manual_seed(1)
    hidden, target = torch.randn(1, 4, generator=draw), torch.tensor([3])
    weights, bias = torch.randn(9, 4, generator=draw), torch.randn(9, generator=draw)
    full = full_softmax_loss(hidden, target, weights, bias).exp()
    drawn = [task._sampled_loss(hidden, target, weights, bias, k).exp() for k in range(1500)]
    torch.testing.assert_close(torch.stack(drawn).mean(), full, rtol=0.05, atol=0)


@pytest.mark.parametrize(("num_items", "asked", "drawn"), [(50_000, None, 0), (50_001, None, 4096),
                                                           (60_000, 0, 0), (9, 7, 7)])  # fmt: skip
def test_large_catalogues_are_sampled_unless_told_otherwise(num_items, asked, drawn):
    settings = SequenceSettings(hidden_size=2, num_layers=1, num_samples=asked)
    events = cycles(num_users=3, num_items=3)
    at = Histories.of(events, 100 * HORIZON)
    sequences = Sequences(at, np.arange(1, 4), 20, ExtraInputs(HORIZON))
    network = SequenceRelevance("gru", settings).network(num_items)
    task = NextItemTask(network, settings, sequences, nobody(at), QUIET,
                        Processes(torch.device("cpu")), None)  # fmt: skip
    assert task.num_samples == drawn


def test_users_held_out_validate_and_never_teach(monkeypatch):
    """An epoch of steps reads everybody else once; the validation reads those held out."""
    events = cycles(num_users=12, num_items=5)
    at = Histories.of(events, 100 * HORIZON)
    held_out = np.arange(12) % 4 == 1
    sequences = Sequences(at, np.arange(1, 6), 20, ExtraInputs(HORIZON))
    settings = SequenceSettings(hidden_size=2, num_layers=1, batch_size=3, max_epochs=1)
    network = SequenceRelevance("gru", settings).network(5)
    task = NextItemTask(network, settings, sequences, held_out, QUIET,
                        Processes(torch.device("cpu")), None)  # fmt: skip
    monkeypatch.setattr(Processes, "autocast", lambda self: nullcontext())
    read, whole = [], Sequences.batch
    monkeypatch.setattr(
        Sequences,
        "batch",
        lambda self, rows, device: read.append(rows) or whole(self, rows, device),
    )
    for step in range(task.epoch_steps - 1):
        assert "validation" not in task.step(step)
    assert "validation" in task.step(task.epoch_steps - 1)
    rows = np.concatenate(read)
    taught, judged = rows[: int((~held_out).sum())], rows[int((~held_out).sum()) :]
    assert sorted(taught) == np.flatnonzero(~held_out).tolist()
    assert sorted(set(judged)) == np.flatnonzero(held_out).tolist()


def test_networks_larger_than_memory_are_refused():
    at = Histories.of(cycles(num_users=3, num_items=3), 100 * HORIZON)
    settings = SequenceSettings(hidden_size=2, num_layers=1)
    network = SequenceRelevance("gru", settings).network(3)
    sequences = Sequences(at, np.arange(1, 4), 20, ExtraInputs(HORIZON))
    weights = sum(p.numel() for p in network.parameters())
    with memory_limit(20 * weights - 1), pytest.raises(TooLargeError, match=f"{weights:,} weights"):
        NextItemTask(network, settings, sequences, nobody(at), QUIET,
                     Processes(torch.device("cpu")), None)  # fmt: skip
