"""shap's permutation explainer plays our games: the same values, the same sum."""

import numpy as np
import pytest

from tsgen.responsible.explanation.permutation import permutation_values
from tsgen.responsible.shapley import coalitions, shapley_values

shap = pytest.importorskip("shap", reason="shap is not installed")


def game(players, pairs=True, seed=0):
    random = np.random.default_rng(seed)
    alone, both = random.normal(size=players), random.normal(size=(players, players))

    def play(inside):
        member = inside.astype(float)
        together = np.einsum("ci,ij,cj->c", member, both, member) if pairs else 0.0
        return (1.5 + member @ alone + together)[None]

    return play


@pytest.mark.parametrize("players", [3, 6])
def test_games_of_pairs_have_the_exact_values(players):
    play = game(players)
    base, values = permutation_values(play, players, seed=1)
    assert base == pytest.approx(1.5)
    assert values == pytest.approx(shapley_values(play(coalitions(players))[0]), abs=1e-9)


def test_values_of_many_players_add_up():
    play = game(20)
    base, values = permutation_values(play, 20, seed=1)
    everybody = play(np.ones((1, 20), bool))[0, 0]
    assert base + values.sum() == pytest.approx(everybody, abs=1e-9)
