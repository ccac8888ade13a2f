"""Item-kNN as relevance: scores against slow loops, and a recommender's order."""

import numpy as np
import pytest

from intensity.conftest import HORIZON, QUIET, nobody, probabilities, read_back, two_tastes
from tsgen import RIMEstimator, load
from tsgen.data import Histories
from tsgen.errors import SettingsError
from tsgen.intensity.relevance import BM25Relevance, PopularityRelevance

AT = 50 * HORIZON
CUT = "1970-01-01 00:00:50"


@pytest.fixture(scope="module")
def histories():
    return Histories.of(two_tastes(), AT)


def slow_similarities(counts, num, saturation, length_share):
    """Return BM25-weighted co-occurrence, the `num` largest an item, cell by cell."""
    num_users, num_items = counts.shape
    totals = counts.sum(axis=0)
    weight = np.zeros_like(counts)
    for user in range(num_users):
        rarity = np.log(1 + num_items / (1 + np.count_nonzero(counts[user])))
        for item in np.flatnonzero(counts[user]):
            length = 1 - length_share + length_share * totals[item] / totals[totals > 0].mean()
            count = counts[user, item]
            weight[user, item] = rarity * count * (saturation + 1) / (saturation * length + count)
    near = np.zeros((num_items, num_items))
    for item in range(num_items):
        products = [float(weight[:, item] @ weight[:, other]) for other in range(num_items)]
        best = sorted(range(num_items), key=lambda k: (-products[k], k))[:num]
        for other in best:
            near[item, other] = products[other]
    return near / near.max()


@pytest.mark.parametrize(("num", "saturation", "length_share"), [(20, 1.2, 0.75), (3, 0.5, 0.0)])
def test_scores_are_those_of_a_slow_loop(histories, num, saturation, length_share):
    part = BM25Relevance(num, saturation, length_share)
    fitted = part.fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    counts = histories.pair_counts().toarray()
    near = slow_similarities(counts, num, saturation, length_share)
    scores = fitted.vectors_of(histories.pair_counts()) @ fitted.vectors.T
    for user in range(len(counts)):
        for item in range(counts.shape[1]):
            expected = sum(counts[user, i] * near[i, item] for i in range(counts.shape[1]))
            assert scores[user, item] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_fewer_factors_hold_what_is_nearest(histories):
    counts = histories.pair_counts().toarray()
    near = slow_similarities(counts, 20, 1.2, 0.75)
    part = BM25Relevance(num_factors=3)
    fitted = part.fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    left, sizes, right = np.linalg.svd(near)
    nearest = (left[:, :3] * sizes[:3]) @ right[:3]
    np.testing.assert_allclose(fitted.inputs @ fitted.vectors.T, nearest, atol=1e-5)


def test_tastes_are_seen_and_without_a_history_there_is_popularity(histories):
    some = nobody(histories)
    some[::5] = True
    fitted = BM25Relevance().fit(histories, HORIZON, QUIET, held_out=some)
    found = probabilities(fitted, histories)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    ours = np.array([name[0] == "a" for name in histories.events.items.ids])
    assert found[:-1:2, ours].sum(axis=1).mean() > 0.6
    assert found[1:-1:2, ours].sum(axis=1).mean() < 0.4
    popular = PopularityRelevance().fit(histories, HORIZON, QUIET, held_out=some)
    np.testing.assert_allclose(found[-1], probabilities(popular, histories)[-1], rtol=1e-5)
    back = read_back(BM25Relevance(), fitted)
    np.testing.assert_array_equal(probabilities(back, histories), found)


def test_it_is_a_setting_with_settings_and_is_saved(tmp_path):
    chosen = {"model": "bm25", "num_neighbours": 5}
    estimator = RIMEstimator(horizon="1s", activity="popularity", relevance=chosen)
    assert estimator.to_json()["relevance"]["num_neighbours"] == 5
    rim = estimator.train(two_tastes(), at=CUT, options=QUIET)
    rim.save(tmp_path / "rim")
    item = rim.items.ids[0]
    assert load(tmp_path / "rim").audience(item, size=5).equals(rim.audience(item, size=5))
    with pytest.raises(SettingsError, match="num_neighbours"):
        RIMEstimator(horizon="1s", relevance={"model": "bm25", "num_neighbours": 0})
