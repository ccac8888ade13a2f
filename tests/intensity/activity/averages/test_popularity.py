import numpy as np
import pytest

from intensity.conftest import HORIZON, log_of
from tsgen.data import Histories
from tsgen.intensity.activity import PopularityActivity


def test_activity_is_in_proportion_to_all_past_events_at_the_level_of_the_last_window():
    rows = [("a", t) for t in (0.5, 1.5, 2.5, 3.5, 4.2, 4.4)] + [("b", 1.0), ("b", 4.5)]
    at = Histories.of(log_of(rows), 5 * HORIZON)
    model = PopularityActivity().fit(at, HORIZON)
    # At 4 "a" had four events and "b" one; then three came.
    scale = 3 / (4.01 + 1.01)
    found = model.intensity(model.state(at))
    np.testing.assert_allclose(found, [scale * 6.01, scale * 2.01])
    assert model.intensity(model.state(at), 3.0) == pytest.approx(found)  # it does not fade
