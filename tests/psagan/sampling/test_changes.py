"""Changes of features: which steps of which series they reach, beside a slow loop."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.psagan.memory import DynamicFacts
from tsgen.psagan.sampling import Changes

GRID = {"freq": "D", "timezone": None}


@pytest.fixture(scope="module")
def data(shop):
    return to_dataset(shop(2, 12), dynamic=["promo", "kind"])


@pytest.fixture(scope="module")
def facts(data):
    return DynamicFacts.of(data.dynamic)


def requests(data, starts, lengths):
    """Two series to draw, after the two of the data."""
    return SimpleNamespace(
        table=SimpleNamespace(item_ids=data.item_ids),
        starts=data.starts + np.array(starts),
        lengths=np.array(lengths),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
    )


def applied(changes, data, facts, starts, lengths):
    features = data.dynamic.cut(np.arange(2), np.array(starts), np.array(starts) + lengths)
    return changes.applied(features, requests(data, starts, lengths), facts, 1)


def test_rows_of_a_table_reach_their_series_and_days(data, facts):
    days = pd.date_range("2024-01-03", periods=4, freq="D")
    table = pd.DataFrame({"item_id": "s1", "timestamp": days, "promo": [5.0, 6.0, np.nan, 8.0]})
    with pytest.warns(match="promo at 1 of 4"):
        changes = Changes.read(table, facts, **GRID)
    changed, given = applied(changes, data, facts, [0, 3], [5, 4])
    wanted = dict(zip(days, table["promo"], strict=True))
    for row, (start, length) in enumerate(zip([0, 3], [5, 4], strict=True)):
        for step in range(length):
            place = 5 * row + step
            day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=start + step)
            value = wanted.get(day, np.nan) if row == 1 else np.nan
            own = data.dynamic.real[0, 12 * row + start + step]
            assert changed.real[0, place] == (own if np.isnan(value) else value)
            assert given["promo"][place] == (not np.isnan(value))
    assert not given["kind"].any()


def test_a_number_that_is_not_given_is_said_and_unknown(data, facts):
    changes = Changes.read({"promo": [1.0, np.nan, 0.0]}, facts, **GRID)
    with pytest.warns(DataWarning, match="no value of 'promo' at 2 of 6 steps"):
        changed, given = applied(changes, data, facts, [0, 3], [3, 3])
    assert np.isnan(changed.real[0]).tolist() == [False, True, False] * 2
    assert given["promo"].all()


def test_categories_become_the_models_codes(data, facts):
    changed, given = applied(Changes.read({"kind": "y"}, facts), data, facts, [0, 3], [5, 4])
    assert changed.cat.tolist() == [[1] * 9]
    assert given["kind"].all()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"kind": "z"}, DataError, r"category 'z'.*knows 'x', 'y'"),
        ({"promo": "much"}, DataError, "'promo' the value 'much'"),
        ({"promo": [1.0] * 5}, SettingsError, r"one for each"),
    ],
)
def test_impossible_values_are_refused(data, facts, given, error, message):
    with pytest.raises(error, match=message):
        applied(Changes.read(given, facts), data, facts, [0, 3], [5, 4])


def test_without_changes_every_feature_stays_and_what_was_read_is_not_read_again(data, facts):
    for known in (facts, None):
        none = Changes.read(None, known, **GRID)
        assert none.names == ()
        assert Changes.read(none, known, **GRID) is none
    same, given = applied(none, data, facts, [0, 3], [5, 4])
    assert same.same_as(data.dynamic.cut(np.arange(2), np.array([0, 3]), np.array([5, 7])))
    assert list(given) == list(facts.names)
    assert not any(here.any() for here in given.values())
