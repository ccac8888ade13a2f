"""Every measure against a loop over users, and against Amazon's own code where it is installed."""

import numpy as np
import pandas as pd
import pytest

from group_tables import both_counts, draw_users, loop_measures
from tsgen.responsible import GROUP_MEASURES
from tsgen.responsible.bias import measures_in_points
from tsgen.responsible.bias.counts import Counts


def values_of(table, listed, acted, facet="kind"):
    names, (a, d) = both_counts(table, listed, acted, facet)
    return names, {name: measure(a, d)[0] for name, measure in GROUP_MEASURES.items()}


def test_what_is_read_in_points_is_a_difference_of_shares():
    """It lies between -1 and 1, whatever is drawn; ratios, entropies and sizes are no points."""
    named = {name for name, measure in GROUP_MEASURES.items() if measure.in_points}
    assert named.isdisjoint({"DI", "CI", "KL", "JS", "GE", "TE", "DCA", "DCR", "LP"})
    for seed in range(20):
        values = values_of(*draw_users(seed))[1]
        assert all((np.abs(values[name]) <= 1).all() for name in named)


def test_parts_of_a_gap_are_read_as_the_gap_is():
    rows = ["DI", "DPPL", "DPPL from own past", "DPPL", "entered", "mean from DPPL"]
    assert measures_in_points(rows) == ["DPPL", "DPPL from own past"]


@pytest.mark.parametrize("seed", range(200))
def test_measures_equal_a_loop_over_users(seed):
    kinds = ("a", "b") if seed % 2 else ("a", "b", "c", "d")
    table, listed, acted = draw_users(seed, values=kinds)
    names, found = values_of(table, listed, acted)
    for place, name in enumerate(names):
        in_d = (table["kind"] == name).to_numpy()
        expected = loop_measures(in_d, listed, acted, table["stratum"].tolist())
        assert set(expected) == set(found)
        for measure, value in expected.items():
            assert found[measure][place] == pytest.approx(value, abs=1e-12), measure


@pytest.mark.parametrize("seed", range(200))
def test_measures_equal_those_of_clarify(seed):
    clarify = pytest.importorskip("smclarify.bias.metrics", reason="smclarify is not installed")
    kinds = ("a", "b") if seed % 2 else ("a", "b", "c", "d")
    table, listed, acted = draw_users(seed, values=kinds)
    names, found = values_of(table, listed, acted)
    feature, predicted, label = table["kind"], pd.Series(listed), pd.Series(acted)
    for place, name in enumerate(names):
        d = feature == name
        groups = table["stratum"]
        theirs = {
            "CI": clarify.CI(feature, d), "DPL": clarify.DPL(feature, d, label),
            "KL": clarify.KL(label, d), "JS": clarify.JS(label, d), "LP": clarify.LP(label, d),
            "TVD": clarify.TVD(label, d), "KS": clarify.KS(label, d),
            "CDDL": clarify.CDDL(feature, d, label, groups),
            "DPPL": clarify.DPPL(feature, d, predicted), "DI": clarify.DI(feature, d, predicted),
            "CDD": clarify.CDDPL(feature, d, predicted, groups),
            "GE": clarify.GE(label, predicted),
        }  # fmt: skip
        for after in ("RD", "DAR", "DRR", "DCA", "DCR", "AD", "SD", "TE"):
            theirs[after] = getattr(clarify, after)(feature, d, label, predicted)
        for measure, value in theirs.items():
            assert found[measure][place] == pytest.approx(value, abs=1e-12), measure


def counts(n, selected, acted, hits):
    return Counts(*(np.array([float(x)]) for x in (n, selected, acted, hits)))


def test_a_group_left_out_is_carried_by_those_who_would_be_taken():
    a, d = counts(900, 300, 100, 50), counts(100, 0, 10, 0)
    assert GROUP_MEASURES["DI"].support_of(a, d) == pytest.approx(30)  # 0.3 of 100
    assert GROUP_MEASURES["RD"].support_of(a, d) == 10  # those of the group who acted
    assert GROUP_MEASURES["DAR"].support_of(a, d) == 0  # nobody was taken
    assert GROUP_MEASURES["CI"].support_of(a, d) == 100
    assert GROUP_MEASURES["DRR"].support_of(a, d) == 90


def test_only_measures_after_the_fact_need_outcomes():
    before = [name for name, measure in GROUP_MEASURES.items() if not measure.needs_outcomes]
    assert before == ["CI", "DPPL", "DI", "DD", "CDD"]
    assert all(measure.meaning and measure.source for measure in GROUP_MEASURES.values())


def test_nothing_over_nothing_is_0_and_infinities_cancel():
    a, d = counts(10, 0, 2, 0), counts(10, 0, 3, 0)
    assert GROUP_MEASURES["DI"](a, d) == 0
    assert GROUP_MEASURES["DCA"](a, d) == 0  # both infinite
    assert GROUP_MEASURES["TE"](a, d) == 0
    assert GROUP_MEASURES["TE"](counts(10, 2, 2, 1), d) == np.inf
