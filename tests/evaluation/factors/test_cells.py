"""A cell: what is learnt from, asked for and tested on, and what is made of it."""

import numpy as np
import pytest

from tsgen.errors import SettingsError
from tsgen.evaluation.factors import FactorTask, cells
from tsgen.evaluation.factors.splits import held_out_combinations
from tsgen.evaluation.factors.worlds import WORLDS


@pytest.fixture
def looked_at(monkeypatch):
    """Skip the forecaster's training; keep what it was given."""
    given = []

    def errors(training, test, seed):
        given.append((training, test))
        return np.array([1.0, 2.0]) * (0.5 if len(given) % 2 == 0 else 1.0)

    monkeypatch.setattr(cells, "forecast_errors", errors)
    return given


TASK = FactorTask("shop", "extrapolation", 1, num_training=60, num_asked=40)


def test_nothing_held_out_is_learnt_from_and_all_that_is_asked_for_is(looked_at):
    world = WORLDS["shop"]
    seen, asked, test = TASK._draw(world)
    hidden = {
        tuple(row) for row in world.grid[held_out_combinations("extrapolation", world.grid, 1)]
    }
    assert not {tuple(row) for row in seen.levels} & hidden
    assert {tuple(row) for row in asked} <= hidden
    assert (seen.windows.shape, asked.shape, test.shape) == ((60, 64), (40, 3), (40, 64))


def test_the_truth_is_read_and_copies_know_no_new_values(looked_at):
    truth, copies = TASK.run("truth"), TASK.run("block-bootstrap")
    assert truth.mean > 0.99
    assert truth.new_mean > 0.95
    assert copies.new_mean < 0.1
    assert truth.forecast[0] == -0.5
    real, both = looked_at[0][0], looked_at[1][0]
    np.testing.assert_array_equal(both[:60], real)
    np.testing.assert_array_equal(both[60:], truth.windows)
    assert looked_at[0][1] is looked_at[1][1]


def test_means_count_scores_below_nought_as_nought(looked_at):
    cell = FactorTask("shop", "random", 1, num_training=60, num_asked=40).run("truth")
    assert np.isnan(cell.new_mean)
    changed = cells.FactorCell(**{**vars(cell), "scores": np.array([1.0, -3.0, 0.5])})
    assert changed.mean == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("task", "maker", "message"),
    [
        (FactorTask("wave", "random", 1), "truth", "no world 'wave'.*waves"),
        (FactorTask("waves", "random", 1), "psagan", "no maker 'psagan'.*psa-gan"),
        (FactorTask("waves", "composed", 1), "truth", "no split 'composed'"),
    ],
)
def test_unknown_names_are_refused(task, maker, message):
    with pytest.raises(SettingsError, match=message):
        task.run(maker)
