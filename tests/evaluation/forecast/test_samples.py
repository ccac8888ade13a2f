"""How samples are asked for: after which series, from when, how long, and where they are put."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from tsgen.data import simulate_series
from tsgen.evaluation.forecast import samples as module
from tsgen.evaluation.forecast.samples import draw_forecasts, draw_over, draw_series


class Sampler:
    """Remembers what it was asked for; step t of an answer for row r is 1000 r + t."""

    def __init__(self):
        self.asked = []

    def sample_after(self, like, rows, starts, lengths, *, constraints=None, seed=None):
        self.asked.append(
            (like, rows.tolist(), starts.tolist(), lengths.tolist(), constraints, seed)
        )
        parts = [1000.0 * r + np.arange(n) for r, n in zip(rows, lengths, strict=True)]
        return SimpleNamespace(values=np.concatenate(parts))


def test_synthetic_series_have_the_time_and_length_of_their_source(monkeypatch):
    monkeypatch.setattr(module, "draw_sources", lambda num, ratio, seed: np.array([2, 0]))
    real = simulate_series(3, 20).cut(np.arange(3), np.array([0, 3, 5]), np.array([20, 20, 15]))
    sampler = Sampler()
    draw_series(sampler, real, 0.5, 7, "infer")
    first = int(real.starts[0])
    assert sampler.asked == [(real, [2, 0], [first + 5, first], [10, 20], "infer", 7)]


def test_only_what_is_missing_of_the_asked_series_is_filled():
    known = simulate_series(3, 6)
    values = known.values.copy()
    values[[1, 2, 9, 13]] = np.nan  # two of series 0, one of series 1, one of series 2
    seen = known.cut(np.arange(3), np.zeros(3, int), np.full(3, 6))
    object.__setattr__(seen, "values", values)
    sampler = Sampler()
    found = draw_over(sampler, seen, known, np.array([0, 2]), 7, None)
    assert sampler.asked[0][1] == [0, 2]
    assert found[[1, 2]].tolist() == [1, 2]
    assert found[13] == 2000 + 1
    assert np.isnan(found[9])
    kept = ~np.isnan(values)
    np.testing.assert_array_equal(found[kept], values[kept])
    assert np.isnan(seen.values[1])  # the series themselves stay


def test_without_gaps_nothing_is_drawn():
    known, sampler = simulate_series(2, 6), Sampler()
    found = draw_over(sampler, known, known, np.array([0, 1]), 7, None)
    assert found is known.values
    assert sampler.asked == []


def test_forecasts_begin_where_their_windows_do(monkeypatch):
    monkeypatch.setattr(module, "_SAMPLES", 3)
    monkeypatch.setattr(module, "_CHUNK", 2)
    known, sampler = simulate_series(2, 30, "2h"), Sampler()
    windows = SimpleNamespace(rows=np.array([0, 1, 1]), begins=np.array([20, 18, 24]), length=4)
    made = list(draw_forecasts(sampler, windows, known, 100, "infer"))
    first = pd.Period("2024-01-01", "h")
    times = [str(first + 2 * begin) for begin in (20, 18, 24)]
    assert [str(forecast.start_date) for forecast in made] == times
    assert [forecast.item_id for forecast in made] == ["series-0", "series-1", "series-1"]
    assert [forecast.samples.shape for forecast in made] == [(3, 4)] * 3
    assert made[1].samples[0].tolist() == [1000, 1001, 1002, 1003]
    (_, rows, starts, lengths, constraints, _), (_, last, *_) = sampler.asked
    assert rows == [0, 0, 0, 1, 1, 1]
    begin = int(known.starts[0])
    assert starts == [begin + 40] * 3 + [begin + 36] * 3
    assert (set(lengths), constraints, last) == ({4}, "infer", [1, 1, 1])
    assert sampler.asked[0][-1] != sampler.asked[1][-1]  # chunks draw anew
