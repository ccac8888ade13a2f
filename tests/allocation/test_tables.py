import numpy as np
import pytest

import tsgen

COLUMNS = [
    "user_id", "campaign", "rank", "expected_engagements", "expected_value", "cost", "arm", "price",
]  # fmt: skip


PLAN = [{"name": "one", "items": ["a"]}, {"name": "two", "items": ["b", "c"], "value": 2.0}]


def test_the_table_says_who_gets_what_and_sums_to_the_summary(model):
    found = tsgen.allocate(model, PLAN, max_campaigns=2, seed=4)
    table = found.table
    assert list(table.columns) == COLUMNS
    assert (table["arm"] == "contact").all()
    assert len(found.holdouts) == 0
    by_campaign = table.groupby("campaign", sort=False)
    assert found.summary["users"].tolist() == by_campaign.size().tolist()
    sums = by_campaign["expected_value"].sum().to_numpy()
    assert np.allclose(found.summary["expected_value"], sums)
    assert found.facts["value"] == pytest.approx(table["expected_value"].sum(), rel=1e-5)
    assert table.attrs["tsgen"]["seed"] == 4
    assert {"model", "cutoff", "horizon", "gap", "salt"} <= set(found.facts)
    for _, part in by_campaign:
        assert part["rank"].tolist() == list(range(1, len(part) + 1))
        assert part["expected_value"].is_monotonic_decreasing


def test_the_price_of_a_contact_is_what_more_contacts_bring(model):
    def worth(most):
        plan = [dict(PLAN[0], at_most=most), dict(PLAN[1], at_most=20)]
        return tsgen.allocate(model, plan, solver="exact")

    fewer, more = worth(15), worth(16)
    gain = more.facts["value"] - fewer.facts["value"]
    prices = [one.summary["contact_price"][0] for one in (fewer, more)]
    assert prices[1] - 1e-6 <= gain <= prices[0] + 1e-6
    assert fewer.summary["binding"][0] == "at_most"
    assert "ten more contacts would bring about" in fewer.answer


def test_a_budget_of_one_cost_is_a_number_of_contacts(model):
    plan = [{"name": "one", "items": ["a"], "cost": 0.1, "budget": 1.0}]
    found = tsgen.allocate(model, plan)
    assert len(found.table) == 10
    assert found.summary["binding"].tolist() == ["budget"]
