import numpy as np

from intensity.conftest import HORIZON, log_of
from tsgen.data import Histories
from tsgen.intensity.activity import MovingAverageActivity


def test_activity_is_in_proportion_to_events_that_fade_in_a_horizon():
    rows = [("a", t) for t in (0.5, 3.5, 4.2, 4.4)] + [("b", 1.0), ("b", 4.5)]
    at = Histories.of(log_of(rows), 5 * HORIZON)
    model = MovingAverageActivity().fit(at, HORIZON)
    before = np.array([np.exp(-3.5) + np.exp(-0.5), np.exp(-3.0)])  # at 4; then three came
    now = np.array([
        np.exp(-4.5) + np.exp(-1.5) + np.exp(-0.8) + np.exp(-0.6), np.exp(-4.0) + np.exp(-0.5),
    ])  # fmt: skip
    scale = 3 / (before + 0.01).sum()
    found = model.intensity(model.state(at))
    np.testing.assert_allclose(found, scale * (now + 0.01))
    later = model.intensity(model.state(at), 2.0)
    np.testing.assert_allclose(later, scale * (now * np.exp(-2.0) + 0.01))
