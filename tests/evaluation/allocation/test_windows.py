from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen import Interactions
from tsgen.errors import DataError, SettingsError
from tsgen.evaluation.allocation.windows import backtest_starts

DAY = 86_400_000_000
LOG = Interactions.from_frame(pd.DataFrame({
    "user_id": 1, "item_id": "a", "timestamp": pd.date_range("2024-01-01", periods=60),
}))  # fmt: skip
ESTIMATOR = SimpleNamespace(horizon="7D", train=None)
MODEL = SimpleNamespace(horizon="7D", cutoff=pd.Timestamp("2024-02-01", tz="UTC"))


def test_windows_of_an_estimator_end_with_the_log():
    last = int(LOG.time.max()) + 1 - 7 * DAY
    assert backtest_starts(LOG, ESTIMATOR, None, 1) == [last]
    assert backtest_starts(LOG, ESTIMATOR, None, 3) == [last - 14 * DAY, last - 7 * DAY, last]
    at = LOG.read_time("2024-02-10")
    assert backtest_starts(LOG, ESTIMATOR, "2024-02-10", 2) == [at - 7 * DAY, at]


def test_windows_of_a_model_follow_its_cutoff():
    cut = LOG.read_time("2024-02-01")
    assert np.diff(backtest_starts(LOG, MODEL, None, 3)).tolist() == [7 * DAY] * 2
    assert backtest_starts(LOG, MODEL, None, 2)[0] == cut
    assert backtest_starts(LOG, MODEL, "2024-02-05", 2)[0] == cut + 4 * DAY


def test_windows_that_the_log_has_no_room_for_are_refused():
    with pytest.raises(DataError, match=r"9 windows of 7D would begin from .* 8 fit\. Use fewer"):
        backtest_starts(LOG, ESTIMATOR, None, 9)
    with pytest.raises(DataError, match=r"6 windows of 7D .* 5 fit"):
        backtest_starts(LOG, MODEL, None, 6)
    for origins in (0, 1.5, True):
        with pytest.raises(SettingsError, match=f"origins={origins} is not possible"):
            backtest_starts(LOG, ESTIMATOR, None, origins)
