import warnings

import numpy as np
import pytest

import tsgen
from id_writings import log_of
from tsgen.errors import SettingsError

PLAN = [{"name": "one", "items": ["a"]}, {"name": "two", "items": ["b", "c"], "value": 2.0}]


def test_expected_engagements_are_the_models_intensities(model):
    table = tsgen.allocate(model, PLAN, max_campaigns=2).table
    for name, items in (("one", ["a"]), ("two", ["b", "c"])):
        expected = model.audience(items, size=60).set_index("user_id")["intensity"]
        part = table[table["campaign"] == name].set_index("user_id")
        got = part["expected_engagements"]
        assert np.allclose(got, expected[got.index], rtol=1e-5)
        worth = 2.0 if name == "two" else 1.0
        assert np.allclose(part["expected_value"], worth * got)


def test_costs_come_from_the_user_table(model):
    plan = [{"name": "one", "items": ["a"], "cost": "postage", "budget": 12.0}]
    for solver in ("greedy", "exact", "dual"):
        found = tsgen.allocate(model, plan, solver=solver)
        expected = np.where(found.table["user_id"] % 2 == 0, 0.5, 1.5)
        assert np.allclose(found.table["cost"], expected)
        assert found.table["cost"].sum() <= 12.0
        assert found.table["cost"].sum() > 10.4
    assert found.summary["money_price"][0] > 0


def test_spend_values_a_pair_by_what_its_events_are_worth(model, log):
    plan = [{"name": "one", "items": ["a", "b"], "value": "spend"}]
    table = tsgen.allocate(model, plan, spend=log).table
    worth = table["expected_value"] / table["expected_engagements"]
    assert worth.between(3, 30).all()
    assert worth.nunique() > 30
    learnt = tsgen.allocate(model, plan).table
    assert learnt["expected_value"].sum() == pytest.approx(table["expected_value"].sum(), rel=0.1)
    estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    worthless = estimator.train(log_of(["u", "v", "w"], size=60))
    plan[0]["items"] = ["tea"]
    with pytest.raises(SettingsError, match="a log with values, and that of training had none"):
        tsgen.allocate(worthless, plan)


def test_users_who_all_look_alike_are_taken_in_order(model):
    class Alike:
        def __getattr__(self, name):
            return getattr(model, name)

        def scores_of(self, candidates):
            scores = model.scores_of(candidates)
            flat = np.zeros(len(scores.user_ids), np.float32)
            return type(scores).of_biases(
                scores.user_ids, scores.item_ids, flat, np.zeros(len(scores.item_ids), np.float32)
            )

    for solver in ("greedy", "exact", "dual"):
        plan = [{"name": "one", "items": ["a"], "at_most": 5}]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = tsgen.allocate(Alike(), plan, solver=solver)
        assert len(found.table) == 5
        if solver != "exact":
            assert found.table["user_id"].tolist() == [100, 101, 102, 103, 104]
