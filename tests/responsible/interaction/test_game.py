"""Losses against slow loops; a game's values add up."""

from types import SimpleNamespace

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.responsible.interaction.game import ForecastJudge, Game, loss_of, simple_losses
from tsgen.responsible.interaction.windows import PanelWindows


def test_losses_equal_a_loop():
    random = np.random.default_rng(0)
    future, levels = random.normal(size=(3, 4)), np.arange(1, 10) / 10
    made = np.sort(random.normal(size=(3, 9, 4)), axis=1)
    future[1, 2] = np.nan
    expected = []
    for n in range(3):
        losses = [
            2 * max(q * (future[n, h] - made[n, k, h]), (q - 1) * (future[n, h] - made[n, k, h]))
            for k, q in enumerate(levels)
            for h in range(4)
            if np.isfinite(future[n, h])
        ]
        expected.append(np.mean(losses))
    assert loss_of(future, made, "quantile_loss") == pytest.approx(expected)
    middle = made[:, 4:5]
    absolute = np.nanmean(np.abs(future - middle[:, 0]), axis=1)
    assert loss_of(future, middle, "absolute_error") == pytest.approx(absolute)
    assert loss_of(future, middle, "squared_error") == pytest.approx(
        np.nanmean((future - middle[:, 0]) ** 2, axis=1)
    )
    assert np.isnan(loss_of(np.full((1, 4), np.nan), made[:1], "quantile_loss")).all()


def test_simple_forecasts_repeat_the_last_value_and_the_last_season():
    values = np.arange(20.0)[None] % 5
    windows = PanelWindows(
        [{"target": values}], np.array([0]), np.array([12]), 10, 3, np.array([10])
    )
    losses = simple_losses(windows, 0, 5, "absolute_error")
    assert losses["the last season"].tolist() == [0.0]
    assert losses["the last value"] == pytest.approx([np.mean(np.abs([2, 3, 4] - values[0, 11]))])
    assert set(simple_losses(windows, 0, 12, "absolute_error")) == {"the last value"}


def test_values_add_up_to_the_gain():
    losses = np.random.default_rng(1).random((8, 6))
    game = Game(("a", "b", "c"), losses)
    assert game.values.sum(axis=0) == pytest.approx(game.gains)


class Apart:
    """A predictor of one series at a time, in the order it was asked."""

    def predict(self, entries):
        assert all(np.ndim(entry["target"]) == 1 for entry in entries)
        for entry in entries:
            yield SimpleNamespace(mean=entry["target"][-1:], quantile=None)


def test_a_predictor_of_single_series_is_asked_for_each_and_the_target_is_judged():
    entries = [{"target": np.array([[1.0, 2.0], [5.0, 6.0]])} for _ in range(2)]
    judge = ForecastJudge(Apart(), 1, False, "squared_error", seed=0)
    assert judge.losses(entries, np.array([[6.0], [7.0]])).tolist() == [0.0, 1.0]


def test_a_predictor_that_loses_entries_is_refused():
    silent = SimpleNamespace(predict=lambda entries: [])
    with pytest.raises(DataError, match="made 0 forecasts of 1 entries"):
        ForecastJudge(silent, 0, True, "squared_error", 0).losses([{"target": np.ones((1, 2))}],
                                                          np.ones((1, 1)))  # fmt: skip
