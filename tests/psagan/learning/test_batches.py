"""What one training step sees: windows at their places, with their conditions, or without some."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tsgen.data import simulate_series
from tsgen.psagan import PSAGANSettings
from tsgen.psagan.conditional_settings import PSAGANContextSettings
from tsgen.psagan.learning.batches import Batches, ContextBatches, batches_of, hidden_steps
from tsgen.psagan.learning.preparation import NewTraining
from tsgen.psagan.windows.conditions import UNKNOWN
from tsgen.psagan.windows.context import WindowContext

WHOLE = slice(None)


def settings_of(**changes):
    return PSAGANSettings(target_length=8, num_steps=5, id_dropout=0.0, age_blur=0.0, **changes)


@pytest.fixture(scope="module")
def data():
    """Three series of forty steps, every value of which says where it stands, with categories."""
    panel = simulate_series(num_series=3, length=40, seed=1)
    table = panel.to_frame().assign(kind=lambda t: t["item_id"])
    from tsgen.data import to_dataset

    made = NewTraining.on(to_dataset(table, static=["kind"]), settings_of()).data
    places = 1000.0 * np.repeat([0, 1, 2], 40) + np.tile(np.arange(40.0), 3)
    return replace(made, values=places.astype(np.float32))


def stream(seed=1):
    return torch.Generator().manual_seed(seed)


def batches(data, **changes):
    return Batches(data, replace_settings(**changes), "cpu")


def replace_settings(**changes):
    return settings_of().model_copy(update=changes)


def read(data, size=400, seed=1, **changes):
    made, generator = batches(data, **changes), stream(seed)
    places = made.places(size, generator)
    return places, *made.read(places, generator, WHOLE)


def test_windows_stand_where_they_were_drawn_and_conditions_with_them(data):
    (series, position), windows, conditions = read(data)
    expected = 1000.0 * series[:, None] + position[:, None] + torch.arange(8)
    torch.testing.assert_close(windows, expected.float())
    torch.testing.assert_close(conditions.series, torch.tensor(data.series)[series])
    torch.testing.assert_close(conditions.static, torch.tensor(data.static)[series])
    starts = torch.tensor(data.starts)[series] + position
    exact = data.conditions.at(conditions.series, conditions.static, starts, position)
    for mine, theirs in zip(conditions.time, exact.time, strict=True):
        torch.testing.assert_close(mine, theirs)


def test_a_share_of_windows_has_no_identity_and_half_of_these_no_categories(data):
    _, _, conditions = read(data, size=8000, id_dropout=0.3)
    unnamed, unstated = conditions.series == UNKNOWN, (conditions.static == UNKNOWN).all(dim=1)
    assert unnamed.float().mean().item() == pytest.approx(0.3, abs=0.02)
    assert unstated.float().mean().item() == pytest.approx(0.15, abs=0.02)
    assert unnamed[unstated].all()  # whose categories are new is new itself
    assert (conditions.static == UNKNOWN).any(dim=1).eq(unstated).all()


def test_the_age_of_a_window_is_blurred_by_a_share_of_the_longest_series(data):
    (_, position), _, conditions = read(data, size=8000, age_blur=0.1)
    age = (conditions.time[-1][:, -1, 0] + 1) / 2 * 40
    middle = (position > 12) & (position < 28)  # no age is cut off at the ends
    shift = (age - position)[middle]
    assert shift.std().item() == pytest.approx(0.1 * 40, rel=0.06)
    assert shift.mean().item() == pytest.approx(0.0, abs=0.3)
    torch.testing.assert_close(shift, shift.round(), atol=1e-4, rtol=0)
    _, _, exact = read(data, size=8000)
    torch.testing.assert_close(conditions.time[-1][:, :-1], exact.time[-1][:, :-1])


@pytest.mark.parametrize("kind", ["plain", "context"])
def test_the_processes_draw_the_same_numbers_and_keep_their_rows(data, kind):
    made = context_batches(data) if kind == "context" else batches(data, id_dropout=0.5)
    places = made.places(12, stream())
    windows, conditions = made.read(places, stream(2), WHOLE)
    for rows in (slice(0, 4), slice(4, 12)):
        part, mine = made.read(places, stream(2), rows)
        torch.testing.assert_close(part, windows[rows], equal_nan=True)
        torch.testing.assert_close(mine.series, conditions.series[rows])
        if kind == "context":
            torch.testing.assert_close(mine.context.past, conditions.context.past[rows])


# ---- with context --------------------------------------------------------------------------------


def context_settings(**changes):
    fields = {"target_length": 8, "num_steps": 5, "context_length": 10, "seasons": (),
              "age_blur": 0.0, "id_dropout": 0.0}  # fmt: skip
    return PSAGANContextSettings(**fields | changes)


def context_batches(data, context=None, **changes):
    frame = context or WindowContext(10, 10, data.conditions.lengths, (), rescale=False)
    return ContextBatches(data, context_settings(**changes), frame, "cpu")


def test_a_window_comes_with_what_lies_before_it(data):
    made = context_batches(data, gap_share=0.0)
    (series, position), generator = made.places(300, stream()), stream(2)
    windows, conditions = made.read((series, position), generator, WHOLE)
    torch.testing.assert_close(
        windows, 1000.0 * series[:, None] + position[:, None].float() + torch.arange(8)
    )
    before = position[:, None] + torch.arange(-10, 0)
    past = conditions.context.past
    expected = torch.where(before >= 0, 1000.0 * series[:, None] + before, 0.0).float()
    same = past == expected
    hidden = ~same
    assert (past[hidden] == 0).all()  # real pasts have gaps: a second stretch is hidden
    assert 0 < hidden.float().mean() < 0.25


def test_windows_are_in_the_units_of_their_frames(data):
    frame = WindowContext(10, 10, data.conditions.lengths, (), rescale=True)
    places = context_batches(data).places(50, stream())
    scaled, conditions = context_batches(data, frame).read(places, stream(2), WHOLE)
    plain, _ = context_batches(data).read(places, stream(2), WHOLE)
    back = scaled * conditions.context.scale + conditions.context.location
    torch.testing.assert_close(back, plain, rtol=1e-4, atol=1e-2)


def test_the_kind_of_batches_is_that_of_the_data_and_the_model(data):
    frame = WindowContext(10, 0, data.conditions.lengths, ())
    with_context = replace(data, context=frame)
    assert type(batches_of(data, settings_of(), "cpu")) is Batches
    assert type(batches_of(with_context, settings_of(), "cpu")) is Batches
    assert type(batches_of(data, context_settings(), "cpu")) is Batches
    found = batches_of(with_context, context_settings(gap_share=0.25), "cpu")
    assert type(found) is ContextBatches
    assert (found.context, found.gap_share) == (frame, 0.25)


def runs(row):
    """Return (first, length) of the stretches of ones in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
    return list(zip(edges[::2].tolist(), (edges[1::2] - edges[::2]).tolist(), strict=True))


def test_the_future_is_hidden_where_there_is_no_gap():
    hidden = hidden_steps(6000, (20, 8, 12), 0.0, stream()).numpy()
    assert hidden.shape == (6000, 40)
    assert hidden[:, 20:].all()
    with_second = hidden[:, :20].any(axis=1)
    # a third has a second stretch, which lies anywhere and may be of no length
    assert with_second.mean() == pytest.approx(1 / 3 * 20 / 40, abs=0.06)


def test_gaps_begin_in_the_window_and_end_within_the_frame():
    hidden = hidden_steps(6000, (20, 8, 12), 1.0, stream()).numpy()
    alone = [runs(row) for row in hidden if len(runs(row)) == 1]
    firsts = np.array([first for ((first, _),) in alone if first >= 20])
    lengths = np.array([length for ((first, length),) in alone if first >= 20])
    assert set(firsts) >= set(range(20, 28))
    inner = lengths[(firsts < 28) & (firsts + lengths < 40)]
    assert inner.min() == 1
    # as many from 1 to 2 as from 2 to 4 and from 4 to 8: even on a logarithmic scale
    counts = [((inner >= low) & (inner < 2 * low)).sum() for low in (1, 2, 4)]
    assert max(counts) < 1.6 * min(counts)
    assert not hidden.all(axis=1).any()


def test_as_many_frames_have_gaps_as_asked_for():
    ends = hidden_steps(6000, (20, 8, 12), 0.4, stream()).numpy()[:, 20:]
    assert (~ends.all(axis=1)).mean() == pytest.approx(0.4, abs=0.04)
