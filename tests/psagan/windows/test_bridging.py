"""The line across what is missing, against a loop with NumPy's interpolation."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgen.psagan.windows import Bridge


@settings(max_examples=20)
@given(st.integers(1, 20), st.floats(0, 1), st.integers(0, 999))
def test_it_is_numpys_line(length, share, seed):
    draw = np.random.default_rng(seed)
    values, missing = draw.normal(size=(3, length)), draw.random((3, length)) < share
    made = Bridge.over(torch.tensor(missing)).fill(torch.tensor(values)).numpy()
    for row in range(3):
        seen = np.flatnonzero(~missing[row])
        if len(seen):
            expected = np.interp(np.arange(length), seen, values[row, seen])
        else:
            expected = np.zeros(length)
        np.testing.assert_allclose(made[row], expected, atol=1e-12)


def test_neighbours_are_the_nearest_observed_steps():
    missing = torch.tensor([[True, False, True, True, False, True]])
    bridge = Bridge.over(missing)
    assert bridge.before.tolist() == [[-1, 1, 1, 1, 4, 4]]
    assert bridge.after.tolist() == [[1, 1, 4, 4, 4, 6]]


@pytest.mark.parametrize("hidden", [torch.nan, 1e30])
def test_what_is_hidden_does_not_show_and_gets_no_gradient(hidden):
    missing = torch.tensor([[False, True, True, False]])
    x = torch.tensor([[1.0, hidden, hidden, 4.0]], requires_grad=True)
    filled = Bridge.over(missing).fill(x)
    torch.testing.assert_close(filled, torch.tensor([[1.0, 2.0, 3.0, 4.0]]))
    filled.sum().backward()
    torch.testing.assert_close(x.grad, torch.tensor([[2.0, 0.0, 0.0, 2.0]]))


def test_channels_are_bridged_apart():
    windows, fake = torch.randn(5, 3, 13), torch.randn(5, 3, 13)
    missing = windows < -0.3
    together = Bridge.over(missing).fill(fake)
    for k in range(3):
        assert torch.equal(together[:, k], Bridge.over(missing[:, k]).fill(fake[:, k]))
