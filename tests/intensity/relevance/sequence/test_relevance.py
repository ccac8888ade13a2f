"""Relevance by networks that read histories."""

import numpy as np
import pandas as pd
import pytest

from intensity.conftest import HORIZON, QUIET, cycles, log_of, nobody, probabilities, read_back
from tsgen.data import Histories, Interactions
from tsgen.errors import DataError, SettingsError
from tsgen.intensity.relevance.sequence.relevance import SequenceRelevance
from tsgen.intensity.relevance.sequence.training import (
    SequenceSettings,
)


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


def test_an_item_that_users_held_out_alone_had_is_not_learnt():
    table = [("a", "x", 1.0), ("a", "y", 2.0), ("b", "y", 1.0), ("b", "x", 2.0)]
    events = log_of([*table, ("c", "rare", 1.0), ("c", "x", 2.0)])
    at = Histories.of(events, 4 * HORIZON)
    settings = SequenceSettings(hidden_size=4, num_layers=1, max_epochs=1)
    rare = list(events.items.ids).index("rare")
    for held_out, learnt in ((events.users.ids == "c", False), (nobody(at), True)):
        model = SequenceRelevance("gru", settings).fit(at, HORIZON, QUIET, held_out=held_out)
        assert (probabilities(model, at)[:, rare] > 0).tolist() == [learnt] * 3


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


@pytest.mark.slow  # two tests of `training` and `psagan` begin processes by default
@pytest.mark.parametrize("cell", ["gru", "transformer"])
def test_two_processes_agree_with_one(cell):
    """Histories of different lengths: each process's mean weighs by its events."""
    events = log_of([(f"u{u}", f"i{(u + k) % 5}", k) for u in range(7) for k in range(2 + u)])
    at = Histories.of(events, 100 * HORIZON)
    settings = SequenceSettings(hidden_size=8, num_layers=1, max_epochs=6, batch_size=4, patience=1)
    held_out = np.arange(len(at)) == 0
    options = QUIET.model_copy(update={"log_every": 1})
    alone, together = (
        SequenceRelevance(cell, settings).fit(
            at, HORIZON, options.model_copy(update={"devices": devices}), held_out=held_out
        )
        for devices in (1, 2)
    )
    for name, array in alone.arrays().items():
        np.testing.assert_allclose(together.arrays()[name], array, rtol=1e-3, atol=1e-5)
    for row, other in zip(alone.history, together.history, strict=True):
        assert other["loss"] == pytest.approx(row["loss"], rel=1e-4)
