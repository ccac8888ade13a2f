import numpy as np
import pandas as pd
import pytest

from tsgen import Interactions
from tsgen.data import Vocabulary
from tsgen.data.events.spend import Spend
from tsgen.errors import DataError


def log_of(rows):
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "value"])
    return Interactions.from_frame(table.assign(timestamp=np.arange(len(table)) * 1.0))


def test_prices_and_factors_are_means_drawn_towards_that_of_all():
    log = log_of([("u", "x", 10.0)] * 5 + [("v", "y", 2.0)] * 5)
    users, items = (
        Vocabulary(pd.Index(ids), what)
        for ids, what in ((["u", "w"], "user"), (["x", "y", "z"], "item"))
    )
    spend = Spend.of(log, users, items)
    assert spend.prices.tolist() == [(50 + 30) / 10, (10 + 30) / 10, 6.0]
    assert spend.factors[0] == pytest.approx((50 + 30) / (5 * 8 + 30))
    assert spend.factors[1] == 1.0


def test_a_log_without_values_is_refused():
    log = log_of([("u", "x", 0.0)])
    with pytest.raises(DataError, match="needs a log whose events have values"):
        Spend.of(log, log.users, log.items)
