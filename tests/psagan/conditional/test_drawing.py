"""Windows in their contexts: what the generator is given, and what becomes of its draws."""

from dataclasses import replace

import numpy as np
import torch

from psagan_doubles import Echo
from tsgen.data.series import Calendar
from tsgen.psagan.conditional import drawing as module
from tsgen.psagan.conditional.drawing import ContextDrawing, FrameRows
from tsgen.psagan.windows import WindowConditions, WindowContext, level_lengths
from tsgen.psagan.windows.covariates import WindowCovariates
from tsgen.rng import KeyedStreams

L, BEFORE, AFTER, STRIDE = 8, 6, 4, 2
LENGTHS = level_lengths(L)
CALENDAR = Calendar.for_span("2h", 500)


def drawing(frame_scale=False, tell=lambda conditions: 0.0):
    calendar = CALENDAR
    return ContextDrawing(
        Echo(L, tell),
        WindowConditions(calendar, LENGTHS, "none", 100),
        WindowContext(BEFORE, AFTER, LENGTHS, (), frame_scale),
        torch.device("cpu"),
    )


def rows(count):
    several = np.arange(count)
    static = np.zeros((count, 0), np.int64)
    return FrameRows(several, static, 1000 + STRIDE * several, 10 * several, several, 20 + several)


def streams(count, seed=1):
    return KeyedStreams.of(seed, "test", [(f"s{k}", k, L) for k in range(count)], np.zeros(count))


def frames(count, known=()):
    made = np.random.default_rng(0).normal(5, 2, size=(count, BEFORE + L + AFTER))
    window = made[:, BEFORE : BEFORE + L]
    window[:, [k for k in range(L) if k not in known]] = np.nan
    return made


def test_rows_are_chosen_repeated_and_moved_in_time():
    few = rows(3)
    assert few.rows(np.array([2, 0])).index.tolist() == [2, 0]
    assert few.repeat(2).positions.tolist() == [0, 0, 10, 10, 20, 20]
    later = few.later(np.array([1, 2, 3]), STRIDE)
    assert later.starts.tolist() == [1002, 1006, 1010]
    assert later.positions.tolist() == [1, 12, 23]
    assert later.index.tolist() == later.entries.tolist() == [0, 1, 2]
    assert later.places.tolist() == [21, 23, 25]


def test_what_is_known_of_a_window_stays_and_the_rest_is_drawn():
    given = frames(3, known=(2, 5))
    made = drawing().windows(given, rows(3), streams(3), 0)
    window = given[:, BEFORE : BEFORE + L]
    known = ~np.isnan(window)
    np.testing.assert_array_equal(made[known], window[known])
    free = made[:, [0, 1, 3, 4, 6, 7]]
    assert np.ptp(free, axis=1).max() < 1e-6  # the echo's one number
    assert len(np.unique(free[:, 0])) == 3


def test_draws_are_put_back_into_the_scale_of_their_frame():
    given = frames(4)
    ours, plain = drawing(frame_scale=True), drawing(frame_scale=False)
    scaled = ours.windows(given, rows(4), streams(4), 0)
    bare = plain.windows(given, rows(4), streams(4), 0)
    context = ours.context.of(torch.tensor(given, dtype=torch.float32))
    location, scale = context.location.numpy(), context.scale.numpy()
    np.testing.assert_allclose(scaled, bare * scale + location, rtol=1e-5)


def test_the_generator_is_asked_at_full_resolution_for_the_right_windows():
    ours = drawing()
    ours.windows(frames(3), rows(3), streams(3), 0)
    ((conditions, stage, alpha, _),) = ours.generator.calls
    assert (stage, alpha) == (len(LENGTHS) - 1, 1.0)
    assert conditions.series[:3].tolist() == [0, 1, 2]
    expected = ours.conditions.at(
        torch.arange(3), torch.zeros(3, 0, dtype=torch.int64),
        torch.tensor([1000, 1002, 1004]), torch.tensor([0, 10, 20]),
    )  # fmt: skip
    torch.testing.assert_close(conditions.time[-1][:3], expected.time[-1])
    assert conditions.context is not None


def test_a_draw_depends_on_its_stream_and_number_and_not_on_batches(monkeypatch):
    given = frames(5)
    whole = drawing().windows(given, rows(5), streams(5), 0)
    assert not np.allclose(whole, drawing().windows(given, rows(5), streams(5), 1))
    assert not np.allclose(whole, drawing().windows(given, rows(5), streams(5, seed=2), 0))
    monkeypatch.setattr(module, "_BATCH", 2)
    ours = drawing()
    np.testing.assert_array_equal(ours.windows(given, rows(5), streams(5), 0), whole)
    assert len(ours.generator.calls) == 3


def test_features_are_read_before_and_within_the_window_those_known_ahead_alone():
    steps = 40
    channels = np.arange(2.0 * 3 * steps).reshape(2, -1).astype(np.float32)
    read = WindowCovariates.on(channels, steps * np.arange(4), "cpu")
    ours = drawing()
    ours = replace(ours, conditions=replace(ours.conditions, num_covariates=1))
    before, within = ours._features(rows(3), read)
    for row in range(3):
        place = row * steps + 20 + row
        expected = channels[:, place - BEFORE : place]
        np.testing.assert_array_equal(before[row], expected)
        np.testing.assert_array_equal(within[row], channels[:1, place : place + L])
    assert ours._features(rows(3), None) == (None, None)
