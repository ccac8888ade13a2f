import numpy as np
import pytest

from intensity.conftest import HORIZON, QUIET, log_of, nobody, probabilities, read_back
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.intensity.relevance import PopularityRelevance


def test_popularity_is_the_share_of_events_faded_if_asked():
    events = log_of([("a", "x", 1), ("a", "x", 2), ("b", "y", 2), ("b", "z", 9)])
    at = Histories.of(events, 4 * HORIZON)
    model = PopularityRelevance().fit(at, HORIZON, QUIET, held_out=nobody(at))
    np.testing.assert_allclose(probabilities(model, at), [[2 / 3, 1 / 3, 0]] * 2, rtol=1e-6)
    faded = PopularityRelevance(fading=2.0).fit(at, HORIZON, QUIET, held_out=nobody(at))
    x, y = np.exp(-3 / 2) + np.exp(-2 / 2), np.exp(-2 / 2)
    np.testing.assert_allclose(probabilities(faded, at)[0, :2], [x / (x + y), y / (x + y)], 1e-6)
    back = read_back(PopularityRelevance(), model)
    np.testing.assert_array_equal(probabilities(back, at), probabilities(model, at))
    with pytest.raises(DataError, match="nothing to learn"):
        PopularityRelevance().fit(Histories.of(events, 0), HORIZON, QUIET, held_out=nobody(at))


def test_users_held_out_do_not_teach():
    at = Histories.of(
        log_of([("a", "x", 1), ("a", "y", 2), ("b", "y", 2), ("b", "z", 3)]), 4 * HORIZON
    )
    model = PopularityRelevance().fit(at, HORIZON, QUIET, held_out=np.array([False, True]))
    np.testing.assert_allclose(probabilities(model, at), [[0.5, 0.5, 0]] * 2, rtol=1e-6)
