import numpy as np
import pandas as pd

import tsgen
from tsgen.allocation import Plan
from tsgen.evaluation.campaign.origins import open_origin


def test_only_those_who_may_be_listed_are_looked_at():
    draw = np.random.default_rng(0)
    hours = pd.to_timedelta(np.sort(draw.uniform(0, 900, 500)), unit="h")
    table = pd.DataFrame(
        {"user_id": draw.integers(0, 30, 500), "item_id": draw.choice(["a", "b"], 500)}
    )
    log = tsgen.Interactions.from_frame(
        table.assign(timestamp=(pd.Timestamp("2024-01-01") + hours).round("s")), on_duplicate="keep"
    )
    rim = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    plan = Plan(campaigns=[{"name": "x", "items": ["a"], "exclude": [4]}])
    start = int(log.time.max()) + 1 - rim.span
    found = open_origin(log, rim, plan, log.users.find([7, 9]), start, seed=1)
    assert found.facts["may_be_listed"] == len(found.engagements) == 27
    window = log.where(log.time >= start)
    later = window.to_frame().query("item_id == 'a' and user_id not in [4, 7, 9]")
    assert found.engagements.sum() == len(later)
    assert set(found.scores) == {"model", "popularity", "recency", "repeat buyers"}
    assert (
        found.order("model").tolist() == np.argsort(-found.scores["model"], kind="stable").tolist()
    )
