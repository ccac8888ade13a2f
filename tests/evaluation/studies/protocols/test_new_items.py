"""Losses of forecasts of new items, and the paired difference with its interval over items."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError, DataWarning
from tsgen.evaluation.studies.protocols.new_items import (
    _donors_of,
    _judge,
    _loss,
    _paired,
    _read,
    new_items,
)

random = np.random.default_rng(0)
TRUTH = random.poisson(4.0, (60, 5)).astype(float)
DRAWS = random.poisson(4.0, (60, 40, 5)).astype(float)


def pinball(draws, truth):
    """The quantile loss of one item, by a loop over levels and weeks."""
    total = 0.0
    for level in np.arange(1, 10) / 10:
        for week in range(truth.shape[0]):
            ordered = np.sort(draws[:, week])
            quantile = ordered[int(np.ceil(level * len(ordered) - 1e-9)) - 1]
            gap = truth[week] - quantile
            total += 2 * max(level * gap, (level - 1) * gap) / 9
    return total


def test_the_loss_is_a_loop_over_levels_and_weeks():
    expected = [pinball(draws, truth) for draws, truth in zip(DRAWS, TRUTH, strict=True)]
    np.testing.assert_allclose(_loss(DRAWS, TRUTH), expected)


def test_measures_are_of_weeks_of_their_sum_and_of_the_level():
    found = {name: row["value"] for name, row in _judge(DRAWS, TRUTH).items()}
    sums = [
        pinball(d.sum(axis=1)[:, None], t.sum()[None]) for d, t in zip(DRAWS, TRUTH, strict=True)
    ]
    assert found == pytest.approx(
        {
            "mean_wql": _loss(DRAWS, TRUTH).sum() / TRUTH.sum(),
            "mean_wql_of_total": sum(sums) / TRUTH.sum(),
            "expected_over_happened": DRAWS.mean(axis=1).sum() / TRUTH.sum(),
        },
        abs=1e-4,
    )


def test_the_difference_is_paired_and_its_interval_of_95_percent_over_items():
    other = DRAWS + 1.0
    found = _paired(DRAWS, other, TRUTH)["against_similar"]
    gaps, sums = _loss(DRAWS, TRUTH) - _loss(other, TRUTH), TRUTH.sum(axis=1)
    value = gaps.sum() / sums.sum()
    assert found["value"] == pytest.approx(value, abs=1e-4)
    error = (gaps - value * sums).std() / len(gaps) ** 0.5 / sums.mean()  # of a ratio of means
    assert found["high"] - value == pytest.approx(1.96 * error, rel=0.15)
    assert value - found["low"] == pytest.approx(1.96 * error, rel=0.15)
    assert _paired(DRAWS, DRAWS, TRUTH)["against_similar"] == {"value": 0, "low": 0, "high": 0}


@pytest.fixture(scope="module")
def shop():
    """48 items, launched two a week; red ones sell 3 a week and blue ones 1."""
    rows = []
    for i in range(48):
        for week in range(i // 2, 36):
            number = 3 if i % 2 else 1
            rows += [(f"u{k}", f"i{i}", (7 * week + 1) * 86_400) for k in range(number)]
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]).assign(value=1.0)
    items = pd.DataFrame({"kind": ["red" if i % 2 else "blue" for i in range(48)]})
    items.index = pd.Index([f"i{i}" for i in range(48)], name="item_id")
    return SimpleNamespace(events={"shop": events}.get, items={"shop": items}.get)


SHOP = {
    "data": "shop", "part": "test", "parts": {"test": ["1970-06-01", "1970-06-10"]},
    "since": "1970-01-08", "attributes": ["kind"],
}  # fmt: skip


def test_items_are_alike_in_the_attributes_that_the_study_names(shop):
    log, begins = _read(SHOP, shop, "1970-06-01")
    series = log.demand_dataset("W-SUN", start="first")
    assert series.static_names == ("kind",)
    assert begins["i7"] == pd.Timestamp("1970-01-23")
    with pytest.raises(DataError, match=r"no column colour; it has kind"):
        _read(SHOP | {"attributes": ["colour"]}, shop, "1970-06-01")


class Launches:
    """Two attributes: one that all share, one that every other launch has."""

    static_cat = np.array([[0, k % 2] for k in range(25)])

    def __len__(self):
        return 25


def test_donors_are_alike_in_all_attributes_or_in_one_or_are_all():
    assert _donors_of(Launches(), np.array([0, 1])).tolist() == list(range(1, 25, 2))
    assert _donors_of(Launches(), np.array([0, 7])).tolist() == list(range(25))
    assert _donors_of(Launches(), np.array([9, 1])).tolist() == list(range(1, 25, 2))
    assert _donors_of(Launches(), np.array([9, 9])).tolist() == list(range(25))


def test_weeks_of_donors_alike_are_the_weeks_of_the_new_items(shop):
    """Items of one kind sell alike: similar donors make no error, donors of both kinds do."""
    with pytest.warns(DataWarning, match="no first one"):  # of items that come later
        cells = {name: new_items(SHOP, {"donors": name}, 1, shop) for name in ("all", "similar")}
    assert {cell["items"] for cell in cells.values()} == {2}
    errors = {name: cell["measures"]["mean_wql"]["value"] for name, cell in cells.items()}
    assert errors["similar"] == 0
    # Half of all donors say 3 where 1 comes, or 1 where 3 comes: 4 (0.1 + ... + 0.4 or 0.5) / 9 a
    # week of either, over a mean of 2.
    assert 4 * 1.0 / 9 / 2 - 0.01 < errors["all"] < 4 * 1.5 / 9 / 2 + 0.01
    assert cells["all"]["measures"]["against_similar"]["value"] == pytest.approx(errors["all"])
