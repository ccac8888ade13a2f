import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.data.events.reading.returns import shares_left
from tsgen.errors import DataError, DataWarning, SettingsError


def table_of(rows):
    """Rows of (user, item, day, value)."""
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "day", "value"])
    days = pd.to_timedelta(table.pop("day"), "D")
    return table.assign(timestamp=pd.Timestamp("2024-01-01") + days)


def read(rows, **options):
    return Interactions.from_frame(table_of(rows), on_duplicate="keep", **options)


def left_of(rows, **options):
    with pytest.warns(DataWarning, match="below 0"):
        log = read(rows, **options)
    return list(zip(log.user.tolist(), log.item.tolist(), log.value.tolist(), strict=True))


SHOP = [
    ("ann", "tea", 0, 5.0),
    ("ann", "tea", 1, 3.0),
    ("ann", "mug", 2, 3.0),
    ("bob", "tea", 2, 3.0),
]


@pytest.mark.parametrize(
    ("returned", "expected"),
    [(-3.0, [(0, 0, 3.0), (0, 1, 5.0), (1, 1, 3.0)]),
     (-1.0, [(0, 0, 3.0), (0, 1, 5.0), (0, 1, 2.0), (1, 1, 3.0)]),
     (-4.0, [(0, 0, 3.0), (0, 1, 4.0), (1, 1, 3.0)]),
     (-99.0, [(0, 0, 3.0), (1, 1, 3.0)])],
)  # fmt: skip
def test_a_return_takes_back_the_pairs_nearest_earlier_purchases(returned, expected):
    found = left_of([*SHOP, ("ann", "tea", 3, returned)], returns="cancel")
    assert sorted(found) == sorted(expected)


def test_what_was_bought_after_a_return_stays_and_a_tie_counts_as_before():
    later = [("ann", "tea", 0, -2.0), ("ann", "tea", 1, 2.0)]
    assert left_of(later, returns="cancel") == [(0, 0, 2.0)]
    with pytest.warns(DataWarning, match="below 0"), pytest.raises(DataError, match="Nothing"):
        read([("ann", "tea", 0, -2.0), ("ann", "tea", 0, 2.0)], returns="cancel")


def slow(user, item, time, amount):
    """Cancel return by return, looking through all events each time."""
    left = amount.astype(float).copy()
    order = sorted(range(len(time)), key=lambda k: (time[k], amount[k] < 0, k))
    for place, event in enumerate(order):
        wanted = -amount[event]
        for earlier in reversed(order[:place]):
            if amount[earlier] > 0 and (user[earlier], item[earlier]) == (user[event], item[event]):
                taken = min(wanted, left[earlier]) if wanted > 0 else 0.0
                left[earlier] -= taken
                wanted -= taken
    share = left / np.where(amount == 0, 1, amount)
    return np.where(amount > 0, share, np.where(amount == 0, 1.0, 0.0))


@pytest.mark.parametrize("seed", range(5))
def test_cancelling_equals_a_slow_loop(seed):
    draw = np.random.default_rng(seed)
    size = 120
    user, item = (draw.integers(0, 3, size).astype(np.int32) for _ in range(2))
    time = np.sort(draw.integers(0, 60, size))
    amount = draw.choice([-4, -2, -1, 0, 1, 2, 3, 5], size).astype(float)
    with pytest.warns(DataWarning, match="took back"):
        found = shares_left(user, item, time, amount, "cancel")
    np.testing.assert_allclose(found, slow(user, item, time, amount), atol=1e-9)


def test_quantities_decide_where_they_are_named_and_values_shrink_with_them():
    rows = table_of([("ann", "tea", 0, 20.0), ("ann", "tea", 1, -4.0)]).assign(pieces=[10, -4])
    with pytest.warns(DataWarning, match="0 purchases whole and 1 in part"):
        log = Interactions.from_frame(rows, quantity="pieces", returns="cancel")
    assert log.value.tolist() == [12.0]


def test_returns_are_named_left_out_or_taken_as_asked():
    rows = [*SHOP, ("ann", "tea", 3, -3.0)]
    with pytest.warns(DataWarning, match="1 of 5 events have an amount below 0.*returns='cancel'"):
        assert len(read(rows)) == 5
    assert len(read(rows, returns="keep")) == 5
    with pytest.warns(DataWarning, match="1 of 5 events.*left out"):
        assert len(read(rows, returns="drop")) == 4
    with pytest.raises(SettingsError, match="returns='undo' is not possible: use warn, cancel"):
        read(rows, returns="undo")
    with pytest.raises(DataError, match="needs amounts"):
        read(rows, value="", returns="cancel")
