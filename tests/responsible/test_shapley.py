"""Shapley values against the mean over all orders, and orders that are kept."""

from itertools import permutations

import numpy as np
import pytest

from tsgen.errors import SettingsError
from tsgen.responsible.shapley import (
    coalitions,
    ordered_coalitions,
    ordered_shapley,
    shapley_values,
)


def over_orders(values, players, orders):
    """The mean of what each player adds, order by order."""
    result = np.zeros(players)
    for order in orders:
        coalition = 0
        for player in order:
            result[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    return result / len(orders)


@pytest.mark.parametrize("players", [1, 2, 4])
def test_values_are_the_mean_over_all_orders(players):
    values = np.random.default_rng(players).normal(size=2**players)
    expected = over_orders(values, players, list(permutations(range(players))))
    np.testing.assert_allclose(shapley_values(values), expected)
    assert shapley_values(values).sum() == pytest.approx(values[-1] - values[0])


def test_games_side_by_side_are_played_alone():
    games = np.random.default_rng(1).normal(size=(8, 2, 3))
    together = shapley_values(games)
    np.testing.assert_allclose(together[:, 1, 2], shapley_values(games[:, 1, 2]))


def test_players_of_one_rank_share_and_later_ones_come_on_top():
    ranks = [1, 0, 1]
    values = np.random.default_rng(2).normal(size=8)
    inside = ordered_coalitions(ranks)
    codes = inside @ (1 << np.arange(3))
    expected = over_orders(values, 3, [(1, 0, 2), (1, 2, 0)])
    np.testing.assert_allclose(ordered_shapley(ranks, inside, values[codes]), expected)
    assert len(inside) == 5  # nobody, then the first, then four of the other two


def test_one_rank_is_the_plain_game():
    values = np.random.default_rng(3).normal(size=8)
    np.testing.assert_allclose(
        ordered_shapley([0, 0, 0], coalitions(3), values), shapley_values(values)
    )


def test_too_many_players_are_refused():
    with pytest.raises(SettingsError, match="13 players make 8,192 coalitions"):
        coalitions(13)
    with pytest.raises(SettingsError, match="power of 2"):
        shapley_values([1.0, 2.0, 3.0])
