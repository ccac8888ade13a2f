"""Planted scores are what they say, and their groups come out on top."""

import numpy as np
import pandas as pd

from small_shop import read
from tsgen.evaluation.studies.protocols.responsible.reasons import PlantedScores, explained_scores


def test_a_planted_score_is_the_sum_of_what_events_are_worth():
    rows = [("a", 0, 20), ("a", 5, 20), ("a", 30, 3), ("a", 30, 40), ("b", 30, 40)]
    items = [("z", item, 90) for item in range(31)]
    table = pd.DataFrame(rows + items, columns=["user_id", "item_id", "days"])
    table["timestamp"] = pd.Timestamp("2024-03-01") - pd.to_timedelta(table["days"], "D")
    log = read(table.drop(columns="days"))
    parts = PlantedScores(log).score_parts()
    assert parts.activity[:2].tolist() == [5 + 0.3 + 1 + 0.1, 0.1]


def test_planted_groups_are_on_top():
    cell = explained_scores({"users": 60, "data": ""}, {}, 1, None)
    measures = {name: row["value"] for name, row in cell["measures"].items()}
    assert measures["users"] == 60
    assert measures["groups"] == 7
    assert measures["planted on top"] >= 0.95
    assert np.isclose(cell["cpu_seconds"], 0)
