"""Sizes and rates of groups, by fairlearn, equal to our sums."""

import sys

import pytest

from group_tables import draw_users
from tsgen.errors import MissingExtraError
from tsgen.responsible import attributes_of, read_facets
from tsgen.responsible.bias.counts import Selection
from tsgen.responsible.bias.group_table import group_rows


def test_rates_of_each_group_are_those_of_its_members():
    table, listed, acted = draw_users(5)
    facet = read_facets(attributes_of(None, table), "kind")[0]
    for row in group_rows(facet, Selection.of_list(listed, acted)):
        mine = (table["kind"] == row["group"]).to_numpy()
        both = (listed & acted)[mine].sum()
        assert row["users"] == mine.sum()
        assert row["share_taken"] == pytest.approx(listed[mine].mean())
        assert row["share_acted"] == pytest.approx(acted[mine].mean())
        assert row["recall"] == pytest.approx(both / acted[mine].sum())
        assert row["precision"] == pytest.approx(both / listed[mine].sum())


def test_without_outcomes_there_are_shares_alone(monkeypatch):
    table, listed, _ = draw_users(6)
    facet = read_facets(attributes_of(None, table), "kind")[0]
    rows = group_rows(facet, Selection.of_list(listed))
    assert set(rows[0]) == {"facet", "group", "users", "share_taken"}
    monkeypatch.setitem(sys.modules, "fairlearn.metrics", None)
    with pytest.raises(MissingExtraError, match=r"tsgen-forecasting\[responsible\]"):
        group_rows(facet, Selection.of_list(listed))
