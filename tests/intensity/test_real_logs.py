"""On real logs: what the models are for, and that long histories are no trouble."""

import numpy as np
import pandas as pd
import pytest

from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories, split_events
from tsgen.intensity.activity.hawkes import HawkesActivity, decay_grid
from tsgen.metrics import ranking_report

QUIET = TrainingOptions(seed=1, device="cpu", progress=False)


def test_activity_and_repeats_each_find_more_of_the_buyers(shared_data):
    table = pd.read_parquet(shared_data / "events" / "online_retail.parquet")
    table = table[table["value"] > 0].drop_duplicates(["user_id", "item_id", "timestamp"])
    common = table["item_id"].value_counts().index[:200]
    events = Interactions.from_frame(
        table.loc[table["item_id"].isin(common), ["user_id", "item_id", "timestamp"]]
    )
    task, _ = split_events(events, "2011-09-01", horizon="28D", num_validation=0, min_history=1)
    found = {}
    for activity, repeats in (
        ("none", "none"),
        ("hawkes-poisson", "none"),
        ("hawkes-poisson", "mixture"),
    ):
        estimator = RIMEstimator(
            horizon="28D", relevance="popularity", activity=activity, repeats=repeats
        )
        scores = estimator.train(events, at="2011-09-01", options=QUIET).scores()
        scores = scores.select_users(task.histories.users)
        report = ranking_report(scores, task.targets)
        found[activity, repeats] = report["user_rec"]["precision"]
    random = task.targets.nnz / np.prod(task.targets.shape)
    assert found["hawkes-poisson", "none"] > 2.5 * max(found["none", "none"], random)
    assert found["hawkes-poisson", "mixture"] > 1.2 * found["hawkes-poisson", "none"]


@pytest.mark.parametrize("ties", [False, True])
def test_a_history_of_a_hundred_thousand_events_is_read_in_seconds(ties):
    random = np.random.default_rng(0)
    seconds = np.sort(random.uniform(0, 1e6, 100_000))
    table = pd.DataFrame({
        "user_id": "busy",
        "item_id": random.integers(0, 50, 100_000),
        "timestamp": np.floor(seconds / 3600) * 3600 if ties else seconds,
    })  # fmt: skip
    events = Interactions.from_frame(table, on_duplicate="keep")
    at = Histories.of(events, int(1e12))
    model = HawkesActivity(decays=decay_grid(8)).fit(at, 86_400 * 10**6)
    expected = model.intensity(model.state(at))[0]
    assert expected == pytest.approx(8640, rel=0.25)  # 0.1 a second
