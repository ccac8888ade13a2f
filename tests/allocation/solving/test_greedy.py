import numpy as np

from allocation_problems import OPTIONS, problem
from tsgen.allocation.solving import (
    solve_greedy,
)


def greedy(pairs, limits, **options):
    return solve_greedy(pairs, limits, **(OPTIONS | options))


def test_greedy_is_the_plain_loop_over_sorted_pairs():
    pairs, limits = problem(3, 50, 6, minima=False)
    costs = np.broadcast_to(pairs.costs, pairs.shape)
    users, places = limits.users.copy(), limits.at_most.copy()
    money, total, chosen = limits.budgets.copy(), limits.total, set()
    order = sorted(np.ndindex(*pairs.shape), key=lambda at: (-np.float32(pairs.values[at]), at))
    for i, j in order:
        cost = costs[i, j]
        fits = users[i] > 0 and places[j] > 0 and cost <= money[j] and cost <= total
        if pairs.values[i, j] > 0 and fits:
            users[i], places[j] = users[i] - 1, places[j] - 1
            money[j], total = money[j] - cost, total - cost
            chosen.add((i, j))
    found = greedy(pairs, limits)
    assert set(zip(found.rows.tolist(), found.columns.tolist(), strict=True)) == chosen
