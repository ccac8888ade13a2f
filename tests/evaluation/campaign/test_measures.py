import numpy as np
import pytest

from tsgen.evaluation.campaign.measures import (
    campaign_calibration,
    campaign_curve,
    campaign_table,
    pays_until,
)
from tsgen.evaluation.campaign.origins import Origin


def origin(seed, n=60):
    draw = np.random.default_rng(seed)
    zeal = draw.lognormal(0, 1, n)
    scores = {"model": zeal, "popularity": zeal * draw.lognormal(0, 1, n)}
    came = draw.poisson(zeal / 5).astype(float)
    return Origin({}, scores, 1 - np.exp(-zeal / 5), came, np.arange(n))


def test_means_over_origins_equal_a_slow_loop():
    both = [origin(1), origin(2)]
    table = campaign_table(both, 10, 30, seed=3).set_index(["arm", "metric"])
    for arm in ("model", "popularity"):
        held = []
        for one in both:
            top = sorted(range(60), key=lambda k, one=one: (-one.scores[arm][k], k))[:10]
            held.append([one.engagements[top].sum(), (one.engagements[top] > 0).sum()])
        mean = np.mean(held, axis=0)
        assert table.loc[(arm, "engagements"), "value"] == pytest.approx(mean[0])
        assert table.loc[(arm, "buyers"), "value"] == pytest.approx(mean[1])
    at_random = np.mean([(one.engagements > 0).mean() * 10 for one in both])
    assert table.loc[("random", "buyers"), "value"] == pytest.approx(at_random)


def test_a_curve_adds_up_and_pays_where_it_is_furthest_above_random():
    curve = campaign_curve([origin(1)], 20)
    assert curve[-1, 0] == 40
    assert (np.diff(curve, axis=0) >= 0).all()
    by_hand = np.array([[1, 1, 1, 0.1], [2, 1, 3, 0.2], [3, 1, 3, 0.3]])
    assert pays_until(by_hand) == 2


def test_chances_are_calibrated_over_all_origins_with_a_user_as_one():
    both = [origin(1, 4000), origin(2, 4000)]
    right = campaign_calibration(both)
    assert right.table.count.sum() == 8000
    assert right.fit.slope.holds(1)
    twice = campaign_calibration([both[0], both[0]])
    alone = campaign_calibration([both[0]])
    np.testing.assert_allclose(twice.fit.slope, alone.fit.slope, rtol=1e-6)  # nothing is learnt
    np.testing.assert_allclose(twice.table.standard_error, alone.table.standard_error, rtol=0.3)
