"""The protocol of activity: users with a past are scored on what came, beside BG/NBD."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation.studies.protocols import activity as module
from tsgen.evaluation.studies.protocols.activity import _gain_area, activity

DAY = 86_400


class Counts:
    """A Poisson law of one mean for everybody, by the name of the model."""

    def __init__(self, mean, num):
        self.mean = np.full(num, mean)

    def log_probability(self, counts):
        return counts * np.log(self.mean) - self.mean  # but for what all models share

    def at_least_one(self):
        return 1 - np.exp(-self.mean)


@pytest.fixture
def asked(monkeypatch):
    """What models were made and trained with; the mean of a model is its setting `mean`, or 1."""
    seen = []

    def estimator(name):
        def make(*, horizon, activity="ours", mean=1.0):
            def fit(histories, span, options):
                seen.append(SimpleNamespace(
                    name=activity, horizon=horizon, span=span, seed=options.seed,
                    last=histories.events.time.max(), at=set(histories.at),
                ))  # fmt: skip
                fitted = SimpleNamespace(state=lambda requests: requests)
                fitted.counts = lambda requests: Counts(mean, len(requests))
                return fitted

            return SimpleNamespace(activity_model=lambda: SimpleNamespace(fit=fit))

        return make

    monkeypatch.setattr(module, "audience_estimator", estimator)
    return seen


@pytest.fixture
def sources():
    """Two users who come every day, one who comes on day 3 alone, and one on the last day."""
    rows = [("a", d) for d in range(50)] + [("b", d) for d in range(50)] + [("c", 3), ("d", 49)]
    table = pd.DataFrame(rows, columns=["user_id", "day"]).assign(item_id=1)
    table["timestamp"] = table.pop("day") * DAY
    return SimpleNamespace(events={"log": table}.get)


def run(sources, settings=None, **study):
    arm = {"settings": settings or {"mean": 4.0}}
    return activity({"data": "log", "horizons": ["5D"]} | study, arm, 7, sources)


def test_models_learn_from_before_the_cut_alone_and_both_from_the_same(asked, sources):
    run(sources)
    ours, theirs = asked
    cut = 40 * DAY * 10**6  # 80 % of 102 events: day 40
    for model in asked:
        assert model.last < cut
        assert model.at == {cut}
        assert (model.span, model.horizon, model.seed) == (5 * DAY * 10**6, f"{5 * DAY}s", 7)
    assert (ours.name, theirs.name) == ("ours", "bg-nbd")


def test_the_scores_are_means_over_users_with_a_past(asked, sources):
    measures = run(sources)["measures"]
    counts = np.array([5, 5, 0])  # a and b on days 40 to 44; c did not come; d has no past
    logs = counts * np.log(4.0) - 4.0
    assert measures["log_score.5D"]["value"] == pytest.approx(logs.mean(), abs=1e-5)
    assert measures["log_score.5D"]["spread"] == pytest.approx(logs.std() / 3**0.5, abs=1e-5)
    gaps = logs - (counts * np.log(1.0) - 1.0)
    assert measures["over_bg_nbd.5D"]["value"] == pytest.approx(gaps.mean(), abs=1e-5)
    hits = np.log(1 - np.exp(-4.0)), -4.0
    expected = (2 * hits[0] + hits[1]) / 3
    assert measures["any_log_score.5D"]["value"] == pytest.approx(expected, abs=1e-5)
    assert measures["ratio.5D"]["value"] == pytest.approx(12 / 10, abs=1e-5)


def test_earlier_origins_are_a_horizon_apart_and_averaged(asked, sources):
    one = run(sources, origins={"5D": [0]})["measures"]
    both = run(sources, origins={"5D": [1, 2]})["measures"]
    cuts = [(40 - 5 * k) * DAY * 10**6 for k in (0, 1, 2) for _ in range(2)]
    assert [model.at for model in asked] == [{cut} for cut in cuts]
    assert set(one) == set(both)
    spread = one["log_score.5D"]["spread"] / 2**0.5
    assert both["log_score.5D"]["spread"] == pytest.approx(spread, abs=1e-5)


def test_the_rest_is_all_that_is_left_of_the_log(asked, sources):
    run(sources, horizons=["rest"])
    assert asked[0].span == 9 * DAY * 10**6


def test_the_gain_area_counts_the_users_below_each_event():
    predicted, counts = np.array([3.0, 1.0, 2.0, 1.0]), np.array([2, 0, 1, 1])
    slow = sum(  # the users below the one who has the event, ties by half
        counts[k] * (np.sum(predicted < predicted[k]) + 0.5 * np.sum(predicted == predicted[k]))
        for k in range(4)
    )
    assert _gain_area(predicted, counts) == pytest.approx(slow / counts.sum() / 4)
    assert _gain_area(np.ones(4), counts) == pytest.approx(0.5)
