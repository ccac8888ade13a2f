"""The cells of "totals": users, events and pairs counted as a slow loop counts them."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.evaluation.studies.protocols import totals as module
from tsgen.evaluation.studies.sources import StudySources

DAY = 86_400


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(3)
    return pd.DataFrame({
        "user_id": random.integers(0, 30, 400),
        "item_id": random.integers(0, 6, 400),
        "timestamp": np.sort(random.integers(0, 40 * DAY, 400)),
    })  # fmt: skip


class Answers:
    """A model that expects an event of each of two users and three items."""

    summary: ClassVar = {"expected_events": 6.0, "expected_events_90": [3.0, 12.0]}

    def scores(self, present):
        assert present
        return self

    shape = (2, 3)

    def block(self, rows, columns):
        return np.ones((2, 3))[rows, columns]

    def probability(self, intensity):
        return 0.5 * intensity


def test_a_window_counts_known_users_and_items_as_a_slow_loop_does(table, monkeypatch):
    asked = {}

    class Estimator:
        def __init__(self, horizon):
            asked["horizon"] = horizon

        def train(self, events, at, options):
            asked["at"] = at
            return Answers()

    monkeypatch.setattr(module, "audience_estimator", lambda name: Estimator)
    events = Interactions.from_frame(table, on_duplicate="keep")
    cut, span = int(events.time.min()) + 25 * DAY * 10**6, 7 * DAY * 10**6
    row = module._window(events, cut, {"horizon": "7D"}, seed=1)
    time = table["timestamp"] * 10**6
    past, later = table[time < cut], table[(time >= cut) & (time < cut + span)]
    mine = later[later["user_id"].isin(past["user_id"])]
    known = mine[mine["item_id"].isin(past["item_id"])]
    assert row["users"] == past["user_id"].nunique()
    assert row["came_events"] == len(mine)
    assert row["came_known_events"] == len(known)
    assert row["came_pairs"] == len(known[["user_id", "item_id"]].drop_duplicates())
    before = table[time < cut - span]
    last = table[(time >= cut - span) & (time < cut)]
    assert row["last_horizon"] == last["user_id"].isin(before["user_id"]).sum()
    assert (row["expected_events"], row["expected_known_events"]) == (6.0, 6.0)
    assert (row["expected_pairs"], row["low"], row["high"]) == (3.0, 3.0, 12.0)
    assert asked == {"horizon": "7D", "at": row["cutoff"]}


def test_a_cell_leaves_out_horizons_that_the_log_does_not_cover_and_says_what_is_refused(
    table, tmp_path
):
    table.to_parquet(tmp_path / "log.parquet")
    arm = {"data": "log", "horizon": "10D", "histories": [1.0, 1.5, 3, 3.5],
           "settings": {"repeats": "none"}}  # fmt: skip
    cell = module.totals({}, arm, 1, StudySources(tmp_path, tmp_path))
    assert [window["history"] for window in cell["windows"]] == [1.5]  # 3 would end after the log
    window = cell["windows"][0]
    ratio = window["expected_events"] / window["came_events"]
    assert cell["measures"]["events_ratio"]["value"] == pytest.approx(ratio, abs=1e-4)
    assert cell["measures"]["refused"]["value"] == 0
    assert 0.5 < ratio < 2
    broken = {**arm, "settings": {"repeats": "none", "activity": "gluonts"}}
    refused = module.totals({}, broken, 1, StudySources(tmp_path, tmp_path))
    assert "GluonTS" in refused["windows"][0]["refused"]
    assert refused["measures"]["refused"]["value"] == 1
