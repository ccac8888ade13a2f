"""The arms of an allocation, with intervals of 95 % over users."""

from types import SimpleNamespace

import numpy as np
import pytest

from tsgen.evaluation.allocation import measures
from tsgen.evaluation.allocation.arms import MODEL
from tsgen.evaluation.allocation.measures import arm_table

N = 5


class Pool:
    shape = (N, 2)

    def costs_of(self, rows, columns):
        return 0.5 + columns


class Outcome:
    """A user engages with campaign j as often as its number, each time worth ten."""

    def of_pairs(self, rows, columns):
        return rows.astype(float), 10.0 * rows


def solution(*pairs):
    rows, columns = np.array(pairs).T
    return SimpleNamespace(rows=rows, columns=columns)


ARMS = {MODEL: solution((1, 0), (3, 1), (4, 0)), "other": solution((0, 0), (2, 1))}


def test_totals_and_ratios_are_sums_over_the_contacts():
    table = arm_table(Pool(), ARMS, Outcome(), draws=50, seed=1).set_index(["arm", "metric"])
    expected = {
        "contacts": 3, "engagements": 8, "value": 80, "cost": 2.5, "profit": 77.5,
        "precision": 1.0, "value_per_contact": 80 / 3,
    }  # fmt: skip
    assert table["value"].loc[MODEL].to_dict() == pytest.approx(expected)
    other = {
        "contacts": 2, "engagements": 2, "value": 20, "cost": 2.0, "profit": 18,
        "precision": 0.5, "value_per_contact": 10,
    }  # fmt: skip
    assert table["value"].loc["other"].to_dict() == pytest.approx(other)
    lead = {name: expected[name] - other[name] for name in expected}
    assert table["difference"].loc["other"].to_dict() == pytest.approx(lead)
    assert table["difference"].loc[MODEL].isna().all()
    assert set(table["n"]) == {N}


def test_profit_is_the_margin_of_the_value_less_the_cost():
    table = arm_table(Pool(), ARMS, Outcome(), draws=50, seed=1, margin=0.25)
    profit = table[table["metric"] == "profit"].set_index("arm")["value"]
    assert profit.to_dict() == pytest.approx({MODEL: 0.25 * 80 - 2.5, "other": 0.25 * 20 - 2.0})


def test_intervals_hold_the_middle_95_of_100_draws_and_differences_are_paired(monkeypatch):
    given = []

    def draws_of(parts, num_users, draws, seed):
        given.append((num_users, draws, seed))
        shift = 3.0 * len(given)
        base = np.linspace(0.0, 1.0, 1001)
        return {name: shift + base for name in parts}

    monkeypatch.setattr(measures, "bootstrap", draws_of)
    table = arm_table(Pool(), ARMS, Outcome(), draws=1001, seed=9)
    assert given == [(N, 1001, 9)] * 2
    ours, other = (table[table["arm"] == name] for name in ARMS)
    np.testing.assert_allclose(ours[["low", "high"]].to_numpy() - 3.0, [[0.025, 0.975]] * 7)
    np.testing.assert_allclose(other[["low", "high"]].to_numpy() - 6.0, [[0.025, 0.975]] * 7)
    np.testing.assert_allclose(other[["difference_low", "difference_high"]], -3.0)
