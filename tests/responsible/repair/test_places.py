"""Places of groups against trying every division of the list."""

from itertools import product

import numpy as np
import pytest

from tsgen.errors import SettingsError
from tsgen.responsible import Demand, balanced_places


def meets(places, sizes, groups, size, demand):
    known = [k for k, name in enumerate(groups) if name != "unknown"]
    for k in known:
        if groups[k] == "others":
            continue
        rest = [j for j in known if j != k]
        if demand.min_share is not None:
            return places[k] >= demand.min_share * size - 1e-9
        mine = places[k] / sizes[k]
        theirs = sum(places[j] for j in rest) / max(sum(sizes[j] for j in rest), 1)
        if mine < demand.min_ratio * theirs - 1e-9:
            return False
    return True


def best_by_trying(gains, sizes, groups, size, demand):
    best = -np.inf
    for places in product(*(range(len(g) + 1) for g in gains)):
        if sum(places) == size and meets(places, sizes, groups, size, demand):
            best = max(best, sum(g[:k].sum() for g, k in zip(gains, places, strict=True)))
    return best


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "groups", [("x", "others"), ("a", "b", "c"), ("x", "others", "unknown"), ("a", "b", "unknown")]
)
def test_no_division_brings_more(groups, seed):
    random = np.random.default_rng(seed)
    gains = [np.sort(random.exponential(1 + 2 * k, random.integers(4, 8)))[::-1]
             for k in range(len(groups))]  # fmt: skip
    sizes = np.array([len(g) for g in gains])
    size, demand = int(random.integers(3, 9)), Demand(min_ratio=float(random.uniform(0.3, 0.8)))
    expected = best_by_trying(gains, sizes, groups, size, demand)
    if not np.isfinite(expected):
        with pytest.raises(SettingsError):
            balanced_places(gains, groups, sizes, size, demand)
        return
    places = balanced_places(gains, groups, sizes, size, demand)
    assert places.sum() == size
    assert meets(places, sizes, groups, size, demand)
    brought = sum(g[:k].sum() for g, k in zip(gains, places, strict=True))
    assert brought == pytest.approx(expected)


def test_a_share_is_taken_from_the_group_and_no_more_than_needed():
    gains = [np.array([3.0, 2, 1]), np.array([9.0, 8, 7, 6])]
    assert balanced_places(
        gains, ("x", "others"), np.array([3, 4]), 4, Demand(min_share=0.5)
    ).tolist() == [2, 2]
    assert balanced_places(
        gains, ("x", "others"), np.array([3, 4]), 7, Demand(min_share=0.1)
    ).tolist() == [3, 4]


@pytest.mark.parametrize(
    ("size", "demand", "said"),
    [
        (4, {"min_share": 1.0}, "takes 4 users of 'x', but only 3"),
        (9, {"min_ratio": 0.5}, "A list of 9 is not possible: 7 users"),
        (3, {}, "either a ratio or a share"),
        (3, {"min_ratio": 1.5}, "above 0, to 1"),
        (3, {"min_share": 0}, "above 0, to 1"),
    ],
)
def test_what_cannot_be_met_says_why(size, demand, said):
    gains = [np.ones(3), np.ones(4)]
    with pytest.raises(SettingsError, match=said):
        balanced_places(gains, ("x", "others"), np.array([3, 4]), size, Demand(**demand))


def test_a_share_of_every_group_is_no_demand():
    with pytest.raises(SettingsError, match="A share is of one group"):
        balanced_places([np.ones(3)] * 2, ("a", "b"), np.array([3, 3]), 2, Demand(min_share=0.5))


def test_rounding_may_make_a_ratio_impossible():
    with pytest.raises(SettingsError, match="groups together, 1 more than there are places"):
        balanced_places([np.ones(9)] * 3, ("a", "b", "c"), np.full(3, 9), 2, Demand(min_ratio=1.0))
