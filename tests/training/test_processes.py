"""Devices, processes and threads."""

from contextlib import suppress

import pytest
import torch

from tsgen.errors import SettingsError
from tsgen.training import Processes
from tsgen.training import processes as module
from tsgen.training.processes import resolve_device, threads


class Fabric:
    """The other processes have gradients of 3, and process 0 says "first"."""

    def all_reduce(self, flat, reduce_op):
        assert reduce_op == "mean"
        return (flat + 3) / 2

    def broadcast(self, value):
        return "first"

    def all_gather(self, part, sync_grads):
        assert sync_grads
        return torch.stack([part, part + 100])


def parameters():
    made = [torch.nn.Parameter(torch.zeros(2, 2)), torch.nn.Parameter(torch.zeros(3)),
            torch.nn.Parameter(torch.zeros(1))]  # fmt: skip
    made[0].grad = torch.arange(4.0).view(2, 2)
    made[2].grad = torch.tensor([5.0])
    return made


def test_gradients_become_their_means_and_one_that_is_absent_stays_so():
    given = parameters()
    Processes(torch.device("cpu"), 1, 2, Fabric()).average_gradients(given)
    assert given[0].grad.tolist() == [[1.5, 2.0], [2.5, 3.0]]
    assert given[1].grad is None
    assert given[2].grad.tolist() == [4.0]


def test_one_process_exchanges_nothing():
    given = parameters()
    alone = Processes(torch.device("cpu"))
    alone.average_gradients(given)
    assert given[2].grad.tolist() == [5.0]
    assert alone.agree("mine") == "mine"
    assert alone.mean([1.0, 4.0]) == [1.0, 4.0]
    assert alone.gathered(given[0]) is given[0]
    assert torch.arange(6)[alone.part(6)].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_batch_is_shared_out_without_overlap_and_all_take_what_the_first_says():
    each = [Processes(torch.device("cpu"), rank, 3, Fabric()) for rank in range(3)]
    parts = [torch.arange(6)[processes.part(6)].tolist() for processes in each]
    assert parts == [[0, 3], [1, 4], [2, 5]]
    assert each[1].agree("mine") == "first"


def test_numbers_are_averaged_and_parts_put_together():
    one = Processes(torch.device("cpu"), 0, 2, Fabric())
    assert one.mean([1.0, 5.0]) == [2.0, 4.0]
    assert one.gathered(torch.tensor([[1.0], [2.0]])).tolist() == [[1.0], [2.0], [101.0], [102.0]]


@pytest.mark.parametrize(("cuda", "device"), [(True, "cuda"), (False, "cpu")])
def test_auto_is_cuda_where_there_is_one(monkeypatch, cuda, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    assert resolve_device("auto") == torch.device(device)


def test_devices_are_counted_from_zero(monkeypatch):
    monkeypatch.setattr(module, "_devices_of", lambda kind: {"cuda": 2}.get(kind, 0))
    assert resolve_device("cuda:1").index == 1
    assert resolve_device("cuda").type == "cuda"
    for name in ("cuda:2", "mps", "xpu"):
        with pytest.raises(SettingsError, match=f"device='{name}' is absent on this machine"):
            resolve_device(name)


def test_a_machine_without_cuda_has_one_device(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("cpu") == torch.device("cpu")
    with pytest.raises(SettingsError, match="device='cuda' is absent"):
        resolve_device("cuda")
    with pytest.raises(SettingsError, match="device='warp' is not a device; try 'auto' or 'cpu'"):
        resolve_device("warp")


def test_threads_are_as_before_afterwards_even_after_an_error():
    before = torch.get_num_threads()
    with suppress(ZeroDivisionError), threads(before + 1):
        assert torch.get_num_threads() == before + 1
        _ = 1 / 0
    assert torch.get_num_threads() == before
    with threads(0):
        assert torch.get_num_threads() == before
