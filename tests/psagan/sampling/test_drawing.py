"""Requests become values: scales, batches, joins, and what the generator is given."""

import numpy as np
import pytest
import torch
from tqdm import tqdm

from psagan_doubles import Echo
from tsgen.data import simulate_series
from tsgen.data.series import Calendar
from tsgen.psagan.memory import SeriesTable
from tsgen.psagan.sampling import Constraints, Drawing, Requests
from tsgen.psagan.sampling import drawing as module
from tsgen.psagan.windows import WindowConditions, level_lengths

L, STRIDE = 8, 2
LENGTHS = level_lengths(L)
REAL = simulate_series(num_series=4, length=60, freq="2h", seed=1)
TABLE = SeriesTable.of(REAL, "standard", np.arange(1, 5))
CALENDAR = Calendar.for_span("2h", 60)


def drawing(tell=lambda conditions: 0.0, noise_scale=1.0):
    conditions = WindowConditions(CALENDAR, LENGTHS, "none", 60)
    return Drawing(Echo(L, tell), conditions, torch.device("cpu"), noise_scale)


def requests(rows, lengths, begins=None, table=TABLE):
    rows = np.asarray(rows)
    begins = np.arange(len(rows)) if begins is None else np.asarray(begins)
    starts = table.starts[rows] + STRIDE * begins
    return Requests.after(table.rows(rows), starts, np.asarray(lengths), STRIDE)


def free(asked):
    return Constraints.resolve(None, asked.table, 0.0)


def values(ours, asked, seed=1):
    made = ours.values([asked], [free(asked)], seed)[0]
    return np.split(made, asked.offsets[1:-1])


def test_each_series_is_drawn_in_the_units_of_its_own():
    asked = requests([2, 0, 2], [5, 8, 8])
    made = values(drawing(lambda conditions: conditions.series[:, None]), asked)
    table = asked.table
    for k, part in enumerate(made):
        scaled = (part - table.scaler.location[k]) / table.scaler.scale[k]
        assert np.ptp(scaled) < 1e-5
        assert len(part) == [5, 8, 8][k]
    again = values(drawing(), asked)
    for k in range(3):  # what the generator saw of the series is its embedding index
        gap = (made[k] - again[k]) / table.scaler.scale[k]
        np.testing.assert_allclose(gap, [3, 1, 3][k], rtol=1e-4)


def test_windows_are_asked_for_at_their_time_and_full_resolution():
    ours = drawing()
    values(ours, requests([0, 1], [8, 8], begins=[4, 9]))
    ((conditions, stage, alpha, factor),) = ours.generator.calls
    assert (stage, alpha, factor) == (len(LENGTHS) - 1, 1.0, 1.0)
    starts = torch.tensor(TABLE.starts[:2] + STRIDE * np.array([4, 9]))
    expected = ours.conditions.at(
        torch.tensor([1, 2]), torch.zeros(2, 0, dtype=torch.int64), starts, torch.tensor([4, 9])
    )
    torch.testing.assert_close(conditions.time[-1][:2], expected.time[-1])


def test_a_long_series_asks_for_windows_further_on():
    ours = drawing()
    asked = requests([0], [20], begins=[4])
    (made,) = values(ours, asked)
    assert len(made) == 20
    first = {tuple(call[0].time[-1][0, 0].tolist()) for call in ours.generator.calls}
    assert len(first) > 1  # the calendar goes on
    later = ours.conditions.at(
        torch.tensor([1]), torch.zeros(1, 0, dtype=torch.int64),
        torch.tensor([int(TABLE.starts[0]) + STRIDE * (4 + L - 2)]), torch.tensor([4 + L - 2]),
    )  # fmt: skip
    torch.testing.assert_close(ours.generator.calls[1][0].time[-1][:1], later.time[-1])


def test_the_noise_scale_reaches_the_latent():
    asked = requests([0], [8])
    near, far = values(drawing(), asked)[0], values(drawing(noise_scale=3.0), asked)[0]
    location, scale = TABLE.scaler.location[0], TABLE.scaler.scale[0]
    np.testing.assert_allclose((far - location) / scale, 3 * (near - location) / scale, rtol=1e-3)


def test_batches_and_neighbours_change_nothing(monkeypatch):
    asked = requests([0, 1, 2, 3, 0], [8, 20, 8, 8, 20])
    whole = values(drawing(), asked)
    monkeypatch.setattr(module, "_BATCH", 2)
    for one, two in zip(values(drawing(), asked), whole, strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(values(drawing(), requests([2], [8], [2]))[0], whole[2])
    assert not np.allclose(values(drawing(), asked, seed=2)[0], whole[0])


def test_channels_have_their_own_scales_and_constraints():
    other = SeriesTable.of(simulate_series(4, 60, freq="2h", seed=2), "standard", np.arange(1, 5))
    rows, lengths = [1, 3], [8, 8]
    pair = [requests(rows, lengths), requests(rows, lengths, table=other)]

    class Both(Echo):
        def __call__(self, latent, conditions, stage, alpha):
            one = super().__call__(latent, conditions, stage, alpha)
            return torch.stack([one, one + 2], dim=1)

    ours = Drawing(Both(L), WindowConditions(CALENDAR, LENGTHS, "none", 60), torch.device("cpu"))
    held = [free(pair[0]), Constraints.resolve(["integer"], pair[1].table, 0.0)]
    made = ours.values(pair, held, 1)
    first, second = (
        (made[k].reshape(2, 8) - asked.table.scaler.location[:, None])
        / asked.table.scaler.scale[:, None]
        for k, asked in enumerate(pair)
    )
    np.testing.assert_array_equal(made[1], np.round(made[1]))
    half = 0.5 / pair[1].table.scaler.scale.min()
    assert np.abs(second - first - 2).max() <= half + 1e-4


@pytest.mark.parametrize("length", [1, L, L + 1])
def test_lengths_around_a_window(length):
    (made,) = values(drawing(), requests([0], [length]))
    assert made.shape == (length,)
    assert np.isfinite(made).all()


def test_progress_counts_each_step_once_and_shows_after_a_while(monkeypatch):
    bars = []

    def bar(total, label, **options):
        shown = tqdm(total=total, desc=label, disable=True)
        shown.moved = []
        shown.update = shown.moved.append
        bars.append((shown, options))
        return shown

    monkeypatch.setattr(module, "bar", bar)
    values(drawing(), requests([0, 1, 2, 3], [5, 8, 30, 30]))
    ((shown, options),) = bars
    assert sum(shown.moved) == shown.total == 73
    assert len(shown.moved) > 3  # moves while long series are joined
    assert options["delay"] > 0
