"""Relevance by networks that read histories."""

import numpy as np
import pandas as pd
import pytest
import torch

from intensity.conftest import HORIZON, QUIET, cycles, log_of, nobody, probabilities, read_back
from tsgen.data import Histories, Interactions
from tsgen.errors import DataError, SettingsError
from tsgen.intensity.relevance.sequence import SequenceRelevance
from tsgen.intensity.relevance.sequence_batches import ExtraInputs, Sequences, value_scale
from tsgen.intensity.relevance.sequence_networks import NextItemNetwork
from tsgen.intensity.relevance.sequence_training import (
    NextItemTask,
    SequenceSettings,
    full_softmax_loss,
)
from tsgen.training import Processes


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


@pytest.mark.parametrize("cell", ["gru", "transformer"])
@pytest.mark.parametrize("num_samples", [0, 3])
def test_a_network_learns_what_comes_next(cell, num_samples):
    events = cycles()
    at = Histories.of(events, 100 * HORIZON)
    settings = SequenceSettings(
        hidden_size=16, num_layers=1, max_epochs=25, batch_size=8, num_samples=num_samples
    )
    held_out = np.arange(len(at)) % 5 == 0
    model = SequenceRelevance(cell, settings).fit(at, HORIZON, QUIET, held_out=held_out)
    found = probabilities(model, at)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-4)
    last = events.item[at.ends - 1]
    right = found[np.arange(len(at)), (last + 1) % 5]
    assert right[held_out].mean() > 0.8
    assert model.history[-1]["validation"] > 0
    restored = read_back(SequenceRelevance(cell, settings), model)
    np.testing.assert_allclose(probabilities(restored, at), found, rtol=1e-5)
    # A padded batch scores a user as the user alone does.
    alone = probabilities(model, at.subset(np.array([7])))
    np.testing.assert_allclose(alone[0], found[7], rtol=1e-4)


def test_the_same_seed_trains_the_same_network_and_patience_ends_it():
    random = np.random.default_rng(3)  # nothing to learn: soon the validation loss rises
    events = log_of([(f"u{k % 20:02d}", f"i{random.integers(30)}", k) for k in range(160)])
    at = Histories.of(events, 1000 * HORIZON)
    settings = SequenceSettings(hidden_size=4, num_layers=1, max_epochs=40, patience=1)
    held_out = np.arange(len(at)) % 4 == 0
    options = QUIET.model_copy(update={"log_every": 1})
    runs = [
        SequenceRelevance("gru", settings).fit(at, HORIZON, options, held_out=held_out)
        for _ in range(2)
    ]
    np.testing.assert_array_equal(probabilities(runs[0], at), probabilities(runs[1], at))
    rows = [row["validation"] for row in runs[0].history if "validation" in row]
    assert len(rows) < 40
    assert rows[-1] >= min(rows[:-1])
    budget = options.model_copy(update={"budget": 0.5})
    short = SequenceRelevance("gru", settings).fit(at, HORIZON, budget, held_out=held_out)
    assert short.history[-1]["seconds"] < 3


def test_a_checkpoint_is_resumed_by_the_same_training_alone(tmp_path):
    events = cycles()
    at, settings = (
        Histories.of(events, 100 * HORIZON),
        SequenceSettings(hidden_size=8, max_epochs=2),
    )

    def trained(cell="gru", horizon=HORIZON, settings=settings, **options):
        options = QUIET.model_copy(update={"checkpoint": tmp_path, **options})
        return SequenceRelevance(cell, settings).fit(at, horizon, options, held_out=nobody(at))

    whole = trained(checkpoint_seconds=0.0, log_every=1)
    again = trained(resume=True)
    for name, array in whole.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)
    for other in (
        {"cell": "transformer"},
        {"horizon": 3 * HORIZON},
        {"precision": "bf16-mixed"},
        {"budget": 60.0},
        {"settings": settings.model_copy(update={"hidden_size": 12})},
    ):
        with pytest.raises(SettingsError, match="made with other data, settings, budget"):
            trained(resume=True, **other)


def test_the_clock_of_a_budget_is_part_of_what_a_checkpoint_belongs_to(tmp_path):
    at = Histories.of(cycles(), 100 * HORIZON)
    model = SequenceRelevance("gru", SequenceSettings(hidden_size=8, num_layers=1))
    timed = {"checkpoint": tmp_path, "checkpoint_seconds": 0.0, "log_every": 1, "budget": 0.3}
    options = QUIET.model_copy(update=timed)
    model.fit(at, HORIZON, options, held_out=nobody(at))
    other = options.model_copy(update={"budget_clock": "cpu", "resume": True})
    with pytest.raises(SettingsError, match="made with other data, settings, budget"):
        model.fit(at, HORIZON, other, held_out=nobody(at))


def test_items_without_training_events_have_no_probability():
    table = pd.DataFrame([("a", "x", 1.0), ("a", "y", 2.0), ("b", "y", 1.0), ("b", "z", 9.0)])
    events = log_of(table.itertuples(index=False))
    at = Histories.of(events, 4 * HORIZON)
    settings = SequenceSettings(hidden_size=4, num_layers=1, max_epochs=1)
    model = SequenceRelevance("gru", settings).fit(at, HORIZON, QUIET, held_out=nobody(at))
    assert probabilities(model, at)[:, 2].tolist() == [0.0, 0.0]
    empty = probabilities(model, Histories.of(events, 0))
    np.testing.assert_allclose(empty.sum(axis=1), 1, rtol=1e-5)


# What is read beside the items


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


def test_a_value_tells_what_comes_next_and_is_needed_for_scoring():
    random = np.random.default_rng(0)
    rows = []
    for user in range(80):
        value = random.choice([-5.0, 5.0])
        then = "down" if value < 0 else "up"
        rows += [(f"u{user:02d}", "start", 1.0, value), (f"u{user:02d}", then, 2.0, 0.0)]
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp", "value"])
    events = Interactions.from_frame(table, returns="keep")
    at = Histories.of(events, 9 * HORIZON)
    settings = SequenceSettings(
        hidden_size=8, num_layers=1, max_epochs=20, batch_size=8, value=True
    )
    held_out = np.arange(len(at)) % 5 == 0
    model = SequenceRelevance("gru", settings).fit(at, HORIZON, QUIET, held_out=held_out)
    first = Histories.of(events, 1_500_000)
    right = np.where(events.value[first.begins] < 0, 0, 2)
    model = read_back(SequenceRelevance("gru", settings), model)
    found = probabilities(model, first)[np.arange(80), right]
    assert found[held_out].mean() > 0.9
    bare = Interactions.from_frame(table.drop(columns="value"))
    with pytest.raises(DataError, match="these events have none"):
        model.users(Histories.of(bare, 9 * HORIZON))


# Large and long


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


@pytest.mark.parametrize("cell", ["gru", "transformer"])
def test_a_hundred_thousand_events_of_one_user_count_by_the_last_ones(cell):
    random = np.random.default_rng(0)
    num = 100_000
    rows = {"user_id": ["robot"] * num + ["ann"] * 3, "item_id": random.integers(0, 40, num + 3)}
    table = pd.DataFrame({**rows, "timestamp": np.arange(num + 3) * 1.0})
    at = Histories.of(Interactions.from_frame(table), 10**12)
    settings = SequenceSettings(hidden_size=8, num_layers=1, max_epochs=1, max_length=32)
    model = SequenceRelevance(cell, settings).fit(at, HORIZON, QUIET, held_out=nobody(at))
    found = probabilities(model, at)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(probabilities(model, at.last(32)), found, rtol=1e-4)
