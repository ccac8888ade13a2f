"""Shapley values of games whose coalitions can all be played, and of games with an order.

A game of k players is an array of values by coalition: entry c is what the players whose bits are
set in c bring together; further axes are games side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, Mask
from tsgen.errors import SettingsError

__all__ = ["MOST_PLAYERS", "coalitions", "ordered_coalitions", "ordered_shapley", "shapley_values"]

MOST_PLAYERS = 12
"""Players of a game that is played out: 4,096 coalitions."""


def coalitions(players: int) -> Mask:
    """Return who is in each coalition, (2^k, k).

    Raises:
        SettingsError: There are too many players to play all of them.
    """
    if not 1 <= players <= MOST_PLAYERS:
        raise SettingsError(
            f"{players} players make {2**players:,} coalitions; from 1 to {MOST_PLAYERS} players "
            "can be played out. Join some of them."
        )
    return np.asarray((np.arange(2**players)[:, None] >> np.arange(players)) % 2 == 1)


def shapley_values(values: npt.ArrayLike) -> Array:
    """Return what each player adds on average over all orders in which they may come.

    Source: Shapley (1953). The values of all players add up to the last entry less the first.

    Args:
        values: (2^k, ...) by coalition.

    Returns:
        (k, ...).

    Example:
        >>> shapley_values([0.0, 2.0, 4.0, 10.0]).tolist()  # together they bring 4 more
        [4.0, 6.0]
    """
    game = np.asarray(values, np.float64)
    players = len(game).bit_length() - 1
    inside = coalitions(players)
    if len(game) != len(inside):
        raise SettingsError(f"A game has {len(game)} values; expected a power of 2, 2^players.")
    sizes = inside.sum(axis=1)
    weight = np.array([1 / (players * comb(players - 1, s)) for s in range(players)])
    result = np.empty((players, *game.shape[1:]))
    for player in range(players):
        without = np.flatnonzero(~inside[:, player])
        gains = game[without + (1 << player)] - game[without]
        result[player] = np.tensordot(weight[sizes[without]], gains, axes=1)
    return result


def ordered_coalitions(ranks: Sequence[int]) -> Mask:
    """Return the coalitions that an order of the players needs, each once, (c, k); see below."""
    masks = [mask for level in _levels(ranks) for mask in level[2]]
    return np.unique(np.array(masks), axis=0)


def ordered_shapley(ranks: Sequence[int], inside: Mask, values: npt.ArrayLike) -> Array:
    """Return asymmetric Shapley values: players come by rising rank, of one rank in any order.

    Source: Frye, Rowat, Feige (2020), "Asymmetric Shapley values". They add up to the value of all
    less that of nobody.

    Args:
        ranks: (k,) when each player comes.
        inside: (c, k) coalitions, those of `ordered_coalitions` at least.
        values: (c, ...) their values.

    Returns:
        (k, ...).

    Example:
        >>> inside = ordered_coalitions([0, 1])
        >>> inside.astype(int).tolist()
        [[0, 0], [1, 0], [1, 1]]
        >>> ordered_shapley([0, 1], inside, [0.0, 2.0, 10.0]).tolist()
        [2.0, 8.0]
    """
    game = np.asarray(values, np.float64)
    place = {mask.tobytes(): row for row, mask in enumerate(np.asarray(inside, bool))}
    result = np.empty((len(ranks), *game.shape[1:]))
    for members, _, masks in _levels(ranks):
        rows = [place[mask.tobytes()] for mask in masks]
        result[members] = shapley_values(game[rows])
    return result


def _levels(ranks: Sequence[int]) -> list[tuple[list[int], Mask, Mask]]:
    """Return for each rank its players, who came before, and all coalitions of them on top."""
    levels = []
    order = np.asarray(ranks)
    for rank in np.unique(order):
        members = np.flatnonzero(order == rank).tolist()
        before = order < rank
        masks = np.repeat(before[None], 2 ** len(members), axis=0)
        masks[:, members] = coalitions(len(members))
        levels.append((members, before, masks))
    return levels
