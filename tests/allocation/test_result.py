import pytest

import tsgen
from tsgen.errors import SettingsError

COLUMNS = [
    "user_id", "campaign", "rank", "expected_engagements", "expected_value", "cost", "arm", "price",
]  # fmt: skip


PLAN = [{"name": "one", "items": ["a"]}, {"name": "two", "items": ["b", "c"], "value": 2.0}]


def test_solvers_agree_and_prices_come_with_two_of_them(model):
    plan = [dict(one, at_most=15) for one in PLAN]
    found = {name: tsgen.allocate(model, plan, solver=name) for name in ("greedy", "exact", "dual")}
    values = {name: one.facts["value"] for name, one in found.items()}
    assert values["exact"] >= values["dual"] * (1 - 1e-6) >= values["exact"] * (1 - 5e-3)
    assert values["exact"] >= values["greedy"] * (1 - 1e-6)
    assert found["greedy"].table["price"].isna().all()
    assert found["dual"].table["price"].notna().all()
    with pytest.raises(SettingsError, match="no prices"):
        _ = found["greedy"].prices
    assert all(list(one.table.columns) == COLUMNS for one in found.values())
