import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from intensity.conftest import HORIZON, log_of
from strategies import event_tables
from tsgen.data import Histories, Interactions
from tsgen.errors import DataError
from tsgen.intensity.relevance import PopularityRelevance
from tsgen.intensity.repeats import (
    SCALES,
    RepeatMixture,
    fit_mixture,
    history_class,
    repeat_shares,
)
from tsgen.intensity.sequence_networks import NextItemNetwork
from tsgen.intensity.sequence_relevance import SequenceRelevance, SequenceSettings
from tsgen.intensity.sequences import Sequences
from tsgen.training import TrainingOptions

QUIET = TrainingOptions(seed=1, device="cpu", progress=False)


def nobody(histories):
    return np.zeros(len(histories), bool)


def probabilities(model, histories):
    factors, bias = model.users(histories)
    logs = factors @ model.item_factors.T + bias[:, None] + model.item_bias
    return np.exp(logs.astype(float))


def cycles(num_users=60, length=12, num_items=5, seed=0):
    """Users who go round the items in order, each from a start of its own."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(num_users):
        start = random.integers(num_items)
        size = random.integers(3, length)
        rows += [(f"u{user:02d}", f"i{(start + k) % num_items}", k + 0.5) for k in range(size)]
    return log_of(rows)


# Popularity and repeats


def test_popularity_is_the_share_of_events_faded_if_asked():
    events = log_of([("a", "x", 1), ("a", "x", 2), ("b", "y", 2), ("b", "z", 9)])
    at = Histories.of(events, 4 * HORIZON)
    model = PopularityRelevance().fit(at, HORIZON, QUIET, held_out=nobody(at))
    np.testing.assert_allclose(probabilities(model, at), [[2 / 3, 1 / 3, 0]] * 2, rtol=1e-6)
    faded = PopularityRelevance(fading=2.0).fit(at, HORIZON, QUIET, held_out=nobody(at))
    x, y = np.exp(-3 / 2) + np.exp(-2 / 2), np.exp(-2 / 2)
    np.testing.assert_allclose(probabilities(faded, at)[0, :2], [x / (x + y), y / (x + y)], 1e-6)
    back = PopularityRelevance.restore(model.parameters())
    np.testing.assert_array_equal(probabilities(back, at), probabilities(model, at))
    with pytest.raises(DataError, match="nothing to learn"):
        PopularityRelevance().fit(Histories.of(events, 0), HORIZON, QUIET, held_out=nobody(at))


@given(event_tables(), st.integers(1, 12))
def test_repeat_shares_equal_a_slow_loop(table, at):
    events = Interactions.from_frame(table, on_duplicate="keep")
    histories = Histories.of(events, at * HORIZON)
    (whose, what), shares = repeat_shares(histories, HORIZON)
    found = {(u, i): shares[k] for k, (u, i) in enumerate(zip(whose, what, strict=True))}
    expected = {}
    for u, user in enumerate(events.users.ids):
        rows = table[(table["user_id"] == user) & (table["timestamp"] < at)]
        for item, part in rows.groupby("item_id"):
            i = events.items.find([item])[0]
            weight = [np.exp(-(at - part["timestamp"]) / s).sum() for s in SCALES]
            total = [np.exp(-(at - rows["timestamp"]) / s).sum() for s in SCALES]
            expected[u, i] = np.array(weight) / total
    assert found.keys() == expected.keys()
    for pair, share in expected.items():
        np.testing.assert_allclose(found[pair], share, rtol=1e-6)


def test_history_classes_double():
    assert history_class(np.array([0, 1, 2, 3, 4, 7, 8, 10**6])).tolist() == [
        0, 1, 2, 2, 3, 3, 4, 7,
    ]  # fmt: skip


@given(event_tables(), st.integers(2, 12))
def test_the_mixture_is_a_distribution_over_items(table, at):
    events = Interactions.from_frame(table, on_duplicate="keep")
    histories = Histories.of(events, at * HORIZON)
    if not histories.lengths.any():
        return
    base = PopularityRelevance().fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    mixture = fit_mixture(base, histories, HORIZON, ~nobody(histories))
    np.testing.assert_allclose(mixture.weights.sum(axis=1), 1)
    share, repeats = mixture.split(histories, HORIZON)
    total = probabilities(base, histories).sum(axis=1) * share + repeats.sum(axis=1)
    np.testing.assert_allclose(total, 1, rtol=1e-5)
    share, repeats = RepeatMixture.none().split(histories, HORIZON)
    assert (share == 1).all()
    assert repeats.sum() == 0


@pytest.mark.parametrize("loyal", [0.0, 0.8])
def test_the_mixture_finds_how_much_people_come_back(loyal):
    random = np.random.default_rng(5)
    rows = []
    for user in range(300):
        past = []
        for k in range(8):
            back = past and random.random() < loyal
            past.append(random.choice(past) if back else int(random.integers(200)))
            rows.append((f"u{user:03d}", past[-1], k + float(random.random())))
    events = log_of(rows)
    at = Histories.of(events, 8 * HORIZON)
    past = Histories.of(events, 7 * HORIZON)
    base = PopularityRelevance().fit(past, HORIZON, QUIET, held_out=nobody(past))
    mixture = fit_mixture(base, at, HORIZON, ~nobody(at))
    assert mixture.weights[history_class(np.array([7]))[0], 1:].sum() == pytest.approx(
        loyal, abs=0.06
    )


# Sequences


def test_batches_hold_the_last_events_and_lose_none():
    events = cycles()
    at = Histories.of(events, 100 * HORIZON)
    token = np.arange(1, 6)
    token[2] = 0  # an item that is not known
    sequences = Sequences(at, token, 4, HORIZON)
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
    network = NextItemNetwork(9, 8, 2, 2, cell, time_gap=True)
    network.initialise(torch.Generator().manual_seed(0))
    tokens, gaps = torch.tensor([[0, 3, 5, 7, 2]]), torch.rand(1, 5)
    hidden = network(tokens, gaps)
    changed = network(torch.tensor([[0, 3, 5, 1, 1]]), gaps)
    torch.testing.assert_close(hidden[:, :3], changed[:, :3])
    assert not torch.allclose(hidden[:, 3], changed[:, 3])
    padded = network(torch.tensor([[0, 3, 5, 7, 2, 0, 0]]), torch.cat([gaps, gaps[:, :2]], 1))
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
    restored = SequenceRelevance(cell, settings).restore(model.parameters())
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


def test_items_without_training_events_have_no_probability():
    table = pd.DataFrame([("a", "x", 1.0), ("a", "y", 2.0), ("b", "y", 1.0), ("b", "z", 9.0)])
    events = log_of(table.itertuples(index=False))
    at = Histories.of(events, 4 * HORIZON)
    settings = SequenceSettings(hidden_size=4, num_layers=1, max_epochs=1)
    model = SequenceRelevance("gru", settings).fit(at, HORIZON, QUIET, held_out=nobody(at))
    assert probabilities(model, at)[:, 2].tolist() == [0.0, 0.0]
    empty = probabilities(model, Histories.of(events, 0))
    np.testing.assert_allclose(empty.sum(axis=1), 1, rtol=1e-5)
