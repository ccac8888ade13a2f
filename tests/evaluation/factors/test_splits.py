"""Splits hold out what their names say: drawn, never together, between, beyond."""

import numpy as np
import pytest

from tsgen.errors import SettingsError
from tsgen.evaluation.factors.splits import SPLITS, held_out_combinations, new_values
from tsgen.evaluation.factors.worlds import WORLDS

GRID = WORLDS["shop"].grid


def values(rows):
    return [set(column) for column in rows.T.tolist()]


def test_random_holds_out_three_of_ten_and_every_value_is_seen():
    hidden = held_out_combinations("random", GRID, 1)
    assert 0.2 < hidden.mean() < 0.4
    assert values(GRID[~hidden]) == [set(range(7))] * 3
    assert (held_out_combinations("random", GRID, 1) == hidden).all()
    assert (held_out_combinations("random", GRID, 2) != hidden).any()


def test_composition_shows_every_value_but_never_two_upper_neighbours_together():
    hidden = held_out_combinations("composition", GRID, 1)
    seen = GRID[~hidden]
    assert values(seen) == [set(range(7))] * 3
    assert not any(
        (row[a] > 3) and (row[b] > 3) for row in seen for a, b in ((0, 1), (1, 2), (2, 0))
    )
    assert all(sum(row > 3) >= 2 for row in GRID[hidden])


def test_interpolation_and_extrapolation_hold_out_values():
    seen = GRID[~held_out_combinations("interpolation", GRID, 1)]
    assert values(seen) == [{0, 2, 4, 6}] * 3
    seen = GRID[~held_out_combinations("extrapolation", GRID, 1)]
    assert values(seen) == [{0, 1, 2, 3}] * 3


def test_new_values_are_those_of_no_training_window():
    seen = np.array([[0, 1], [2, 3]])
    asked = np.array([[0, 3], [1, 1], [5, 0]])
    assert new_values(seen, asked).tolist() == [[False, False], [True, False], [True, True]]


def test_an_unknown_split_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match=r"no split 'extrapolate'.*extrapolation"):
        held_out_combinations("extrapolate", GRID, 1)
    assert set(SPLITS) == {"random", "composition", "interpolation", "extrapolation"}
