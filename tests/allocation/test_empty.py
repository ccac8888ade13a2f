import numpy as np
import pytest

import tsgen

ONE = {"name": "one", "items": ["a"]}


@pytest.mark.parametrize(
    ("campaign", "settings", "reasons"),
    [
        (dict(ONE, min_probability=1.0), {}, "60 have a chance below 1 or only excluded items"),
        (dict(ONE, holdout=1.0), {}, "60 are held out"),
        (dict(ONE, exclude=range(100, 160)), {}, "60 are left out by its filters"),
        (dict(ONE, value=0), {}, "60 would bring nothing"),
        (dict(ONE, holdout=1.0, where={"country": "DE"}), {"exclude": [100, 102]},
         "2 are left out of all or have had their contacts, 39 are left out by its filters, "
         "19 are held out"),
        (dict(ONE, value=1e-6), {}, "60 bring more elsewhere, or cost more than is left"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("solver", ["greedy", "exact", "dual"])
def test_a_campaign_without_contacts_says_why(model, campaign, settings, reasons, solver):
    plan = [campaign, {"name": "two", "items": ["a", "b"], "value": 9.0}]
    found = tsgen.allocate(model, plan, solver=solver, **settings)
    assert "one" not in set(found.table["campaign"])
    sentence = f"Campaign 'one' has no contact: of 60 users, {reasons}."
    assert found.facts["without contacts"] == {"one": sentence}
    assert sentence in found.answer.splitlines()
    assert "in 2 campaigns, 1 without a contact (see answer), value" in repr(found)


def test_none_asked_for_is_no_shortage(model):
    found = tsgen.allocate(model, [dict(ONE, at_most=0)])
    assert found.facts["without contacts"] == {"one": "Campaign 'one' asked for no contact."}
    whole = tsgen.allocate(model, [ONE])
    assert whole.facts["without contacts"] == {}
    assert "without" not in repr(whole)
    assert np.isclose(tsgen.allocate(model, [ONE]).facts["gap"], 0)
