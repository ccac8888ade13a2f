"""Sums of groups, and the same sums under weights."""

import numpy as np
import pandas as pd

from group_tables import draw_users
from tsgen.responsible import attributes_of, read_facets
from tsgen.responsible.bias.counts import GroupSums, Selection, divide


def test_weights_count_users_as_often_as_they_say():
    table, listed, acted = draw_users(3)
    weights = np.random.default_rng(0).integers(0, 4, (5, len(table))).astype(float)
    facet = read_facets(attributes_of(None, table), "kind")[0]
    strata = np.zeros(len(table), np.int64)
    a, d = GroupSums(facet, Selection.of_list(listed, acted), strata).pairs(weights)
    for draw, row in enumerate(weights.astype(int)):
        drawn = table.assign(listed=listed, acted=acted).loc[np.repeat(range(len(row)), row)]
        for place, name in enumerate(("a", "b")):
            mine, rest = drawn[drawn["kind"] == name], drawn[drawn["kind"] != name]
            for group, side in ((d, mine), (a, rest)):
                both = (side["listed"] & side["acted"]).sum()
                expected = [len(side), side["listed"].sum(), side["acted"].sum(), both]
                assert [part[draw, place, 0] for part in group.parts] == expected


def test_the_unknown_are_compared_with_all_known_and_nobody_with_them():
    table = pd.DataFrame({"user_id": range(4), "kind": ["a", "b", None, "b"]})
    facet = read_facets(attributes_of(None, table), "kind")[0]
    sums = GroupSums(facet, Selection.of_list([1, 0, 1, 0]), np.zeros(4, np.int64))
    a, d = sums.pairs()
    assert [facet.groups[code] for code in sums.compared] == ["a", "b", "unknown"]
    assert d.n[0, :, 0].tolist() == [1, 2, 1]
    assert a.n[0, :, 0].tolist() == [2, 1, 3]
    assert np.isnan(d.acted).all()


def test_what_is_neither_taken_nor_missed_adds_up():
    table, listed, acted = draw_users(4)
    facet = read_facets(attributes_of(None, table), "kind")[0]
    _, d = GroupSums(facet, Selection.of_list(listed, acted), np.zeros(60, np.int64)).pairs()
    np.testing.assert_array_equal(d.hits + d.false_alarms + d.missed + d.passed, d.n)


def test_division_by_nothing():
    assert divide([0, 1, -1, 3], [0, 0, 0, 2]).tolist() == [0, np.inf, -np.inf, 1.5]
