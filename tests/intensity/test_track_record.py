"""What a total rests on is said, and the interval around it follows from how past totals fared."""

import numpy as np
import pandas as pd
import pytest

from tsgen import RIMEstimator, TrainingOptions
from tsgen.data import Interactions
from tsgen.intensity.track_record import PastTotal, total_facts


def interval(total, past):
    return np.array(total_facts(total, past)["expected_events_90"])


def test_the_interval_surrounds_the_total_and_widens_with_past_errors():
    good, bad = ([PastTotal(100.0, came) for came in counts] for counts in ((99, 103), (40, 210)))
    for past in (good, bad, []):
        low, high = interval(1e6, past)
        assert low * high == pytest.approx(1e12, rel=1e-4)
    assert interval(1e6, bad)[0] < interval(1e6, [])[0] < interval(1e6, good)[0] < 1e6


def test_without_error_in_many_horizons_poisson_scatter_is_left():
    low, high = interval(400.0, [PastTotal(1e6, 10**6)] * 10_000)
    assert (low, high) == pytest.approx(
        (400 * np.exp(-1.645 / 20), 400 * np.exp(1.645 / 20)), rel=5e-3
    )


def test_the_interval_holds_where_totals_err_as_they_did():
    random = np.random.default_rng(0)
    held = 0
    for _ in range(500):
        came = np.rint(1e6 * np.exp(0.3 * random.standard_normal(4)))
        low, high = interval(1e6, [PastTotal(1e6, int(one)) for one in came[1:]])
        held += low <= came[0] <= high
    assert 0.84 <= held / 500 <= 0.97


@pytest.mark.parametrize("repeats", ["learned", "none"])
def test_a_model_says_what_it_expects_and_how_its_kind_fared(repeats):
    random = np.random.default_rng(0)
    days = np.sort(random.uniform(0, 70, 1_500))
    table = pd.DataFrame({
        "user_id": random.integers(0, 40, 1_500),
        "item_id": random.integers(0, 8, 1_500),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(days, "D"),
    })  # fmt: skip
    log = Interactions.from_frame(table)
    options = TrainingOptions(seed=1, device="cpu", progress=False)
    model = RIMEstimator(horizon="7D", repeats=repeats).train(log, options=options)
    facts = model.summary
    scores = model.scores()
    total = scores.block(slice(0, 40), slice(0, 8)).sum()
    assert facts["expected_events"] == pytest.approx(total, rel=1e-3)
    low, high = facts["expected_events_90"]
    assert low < 150 < high  # 1,500 events in ten horizons
    assert len(facts["past_horizons"]) == (4 if repeats == "learned" else 1)
    for place, one in enumerate(facts["past_horizons"]):
        end = np.floor(days[-1]) - 7 * place  # the last midnight, and horizons before
        assert one["came"] == ((days < end) & (days >= end - 7)).sum()
        assert one["expected"] == pytest.approx(one["came"], rel=0.5)
