import numpy as np
import pandas as pd
import pytest

from evaluation.allocation.conftest import PLAN
from tsgen import RIMEstimator
from tsgen.allocation import Plan, pose
from tsgen.evaluation.allocation.outcome import HindsightPairs, Outcome


def test_what_is_realised_is_what_the_log_says(log):
    begins = pd.Timestamp("2024-03-06")
    table = log.to_frame()
    window = table[table["timestamp"] >= begins]
    model = RIMEstimator(horizon="14D", relevance="popularity").train(
        log.where(log.time < log.read_time(begins)).present(), at=begins
    )
    pool = pose(model, Plan.of(PLAN), spend=log).pool
    outcome = Outcome.of(pool, log.where(log.time >= log.read_time(begins)))
    for row, user in enumerate(pool.candidates.users.ids):
        mine = window[window["user_id"] == user]
        of_one, of_two = mine[mine["item_id"] == "a"], mine[mine["item_id"].isin(["b", "c"])]
        assert outcome.engagements.toarray()[row].tolist() == [len(of_one), len(of_two)]
        expected = [2.0 * len(of_one), of_two["value"].sum()]
        assert outcome.values.toarray()[row] == pytest.approx(expected)
    pairs = HindsightPairs(pool, outcome)
    assert pairs.block(np.arange(3)).values == pytest.approx(outcome.values[:3].toarray(), rel=1e-6)


def test_hindsight_pays_for_contacts_and_may_contact_whom_the_plan_allows(log, model):
    pool = pose(model, Plan.of(PLAN, objective="profit"), exclude=[3], spend=log).pool
    outcome = Outcome.of(pool, log)
    rows = np.arange(2, 6)
    block = HindsightPairs(pool, outcome).block(rows)
    expected = outcome.values.toarray()[rows] - 0.5
    expected[pool.candidates.users.ids[rows] == 3] = -np.inf
    assert block.values == pytest.approx(expected, rel=1e-6)
    assert block.engagements == pytest.approx(outcome.engagements.toarray()[rows])
    engagements, values = outcome.of_pairs(rows, np.array([0, 1, 0, 1]))
    assert engagements == pytest.approx(outcome.engagements.toarray()[rows, [0, 1, 0, 1]])
    assert values == pytest.approx(outcome.values.toarray()[rows, [0, 1, 0, 1]])
    assert [len(part) for part in outcome.of_pairs(rows[:0], rows[:0])] == [0, 0]
