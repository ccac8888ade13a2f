import numpy as np
import pandas as pd
import pytest
import torch

from intensity.conftest import HORIZON, cycles
from tsgen.data import Histories, Interactions
from tsgen.errors import DataError
from tsgen.intensity.relevance.sequence.batches import ExtraInputs, Sequences, value_scale


def test_batches_hold_the_last_events_and_lose_none():
    events = cycles()
    at = Histories.of(events, 100 * HORIZON)
    token = np.arange(1, 6)
    token[2] = 0  # an item that is not known
    sequences = Sequences(at, token, 4, ExtraInputs(HORIZON))
    random = np.random.default_rng(0)
    batches = sequences.batches(7, random, np.arange(len(at)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(at)))
    for chosen in batches:
        batch = sequences.batch(chosen, torch.device("cpu"))
        for row, user in enumerate(chosen):
            items = [token[i] for i in events.item[events.user == user] if token[i]][-4:]
            assert batch.lengths[row] == len(items)
            padding = [0] * (batch.tokens.shape[1] - len(items) - 1)
            assert batch.tokens[row].tolist() == [0, *items, *padding]
            assert batch.targets[row].tolist() == [*items, 0, *padding]


def three_events(values=(1.0, -8.0, 0.0)):
    rows = {"user_id": ["a", "a", "b"], "item_id": ["x", "y", "x"], "timestamp": [1, 4, 2]}
    table = pd.DataFrame({**rows, "value": values}).assign(timestamp=lambda t: t.timestamp * 1.0)
    return Interactions.from_frame(table, returns="keep")


def test_gaps_are_in_horizons_and_values_signed_logarithms():
    at = Histories.of(three_events(), 9 * HORIZON)
    read = ExtraInputs(2 * HORIZON, time_gap=True, value_scale=value_scale(at))
    batch = Sequences(at, np.array([1, 2]), 5, read).batch(np.arange(2), torch.device("cpu"))
    assert value_scale(at) == 4.5  # the median of 1 and 8; 0 says nothing about the size
    expected = [
        [[0, 0], [0, np.log1p(1 / 4.5)], [np.log1p(3 / 2), -np.log1p(8 / 4.5)]],
        [[0, 0], [0, 0], [0, 0]],
    ]
    np.testing.assert_allclose(batch.extras.numpy(), expected, rtol=1e-6)
    cut = Sequences(at, np.array([1, 2]), 1, read).batch(np.arange(2), torch.device("cpu"))
    np.testing.assert_allclose(cut.extras.numpy()[0, 1], expected[0][2], rtol=1e-6)


def test_values_without_size_have_the_scale_one_and_missing_ones_are_refused():
    assert value_scale(Histories.of(three_events((0.0, 0.0, 0.0)), 9 * HORIZON)) == 1.0
    with pytest.raises(DataError, match="no finite value in row 1"):
        three_events((1.0, float("nan"), 2.0))
