"""How many past horizons the pair network learns from."""

import pytest

from tsgen.intensity.pairs import PairSettings

DAY = 86_400 * 10**6


@pytest.mark.parametrize(
    ("horizon", "most"),
    [(28 * DAY, 3), (3 * DAY, 3), (2 * DAY, 4), (DAY, 7), (DAY // 2, 7), (DAY // 24, 7)],
)
def test_short_horizons_make_a_week_of_windows(horizon, most):
    assert PairSettings().most_windows(horizon) == most
    assert PairSettings(num_windows=2).most_windows(horizon) == 2
