"""Constraints: each rule, what is inferred, and that zeros are as frequent as in the real data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.data import to_dataset
from tsgen.errors import SettingsError
from tsgen.psagan import Constraints, PSAGANEstimator
from tsgen.psagan.memory.series_table import SeriesTable
from tsgen.training import TrainingOptions


def entries(**targets):
    start = pd.Period("2024-01-01", "h")
    return to_dataset(
        [{"item_id": k, "start": start, "target": np.asarray(v)} for k, v in targets.items()]
    )


def mixed_panel(length=200):
    random = np.random.default_rng(3)
    wave = np.sin(np.arange(length) / 4)
    return entries(
        real=wave + random.normal(0, 0.2, length),
        positive=np.exp(wave),
        counts=random.poisson(20 + 5 * wave),
        negative=-np.exp(wave) - 1,
        intermittent=random.poisson(0.6, length),
        sparse=np.where(random.random(length) < 0.4, 0.0, np.exp(wave)),
    )


def table_of(dataset):
    return SeriesTable.of(dataset, "standard", np.arange(1, len(dataset) + 1))


def test_constraints_are_inferred_series_by_series():
    held = Constraints.resolve("infer", table_of(mixed_panel()), 0.1)
    assert held.non_negative.tolist() == [False, True, True, False, True, True]
    assert held.integer.tolist() == [False, False, True, False, True, False]
    assert held.intermittent.tolist() == [False, False, False, False, True, True]


def test_missing_values_break_no_constraint():
    held = Constraints.resolve("infer", table_of(entries(a=[1.0, np.nan, 0.0, 3.0])), 0.1)
    assert held.non_negative.all()
    assert held.integer.all()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (None, [-1.3, -0.2, 0.04, 0.4, 2.6]),
        (["non-negative"], [0.0, 0.0, 0.04, 0.4, 2.6]),
        (["integer"], [-1.0, 0.0, 0.0, 0.0, 3.0]),
        (["intermittent"], [0.0, 0.0, 0.0, 0.4, 2.6]),
        (["integer", "intermittent"], [0.0, 0.0, 0.0, 1.0, 3.0]),
        ("integer", [-1.0, 0.0, 0.0, 0.0, 3.0]),
    ],
)
def test_each_rule_does_what_it_says(names, expected):
    table = table_of(entries(a=[-1.0, 0.5, 2.0]))
    held = Constraints.resolve(names, table, 0.05)
    values = np.array([[-1.3, -0.2, 0.04, 0.4, 2.6]])
    np.testing.assert_array_equal(held.apply(values, np.array([2.0]), np.array([0]))[0], expected)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(0, 2))
def test_what_is_held_holds(values, zero_below):
    table = table_of(entries(a=[0.0, 1.0, 5.0]))
    held = Constraints.resolve(["integer", "intermittent"], table, zero_below)
    found = held.apply(np.array([values]), table.scaler.scale, np.array([0]))
    assert (found >= 0).all()
    assert (found == np.round(found)).all()
    again = held.apply(found, table.scaler.scale, np.array([0]))
    assert (again[found == 0] == 0).all()


def test_a_misspelt_constraint_gives_the_nearest():
    with pytest.raises(SettingsError, match=r"'integr' is not.* Did you mean 'integer'"):
        Constraints.resolve(["integr"], table_of(entries(a=[1.0, 2.0])), 0.0)


@pytest.fixture(scope="module")
def fitted():
    estimator = PSAGANEstimator(target_length=8, num_steps=100, batch_size=16)
    return estimator.train(mixed_panel(), options=TrainingOptions(seed=1, progress=False))


def test_samples_are_held_unless_none_is_asked_for(fitted):
    items, real = ["real", "counts", "intermittent", "negative"], mixed_panel()
    free = fitted.sample(50, items=items, constraints=None, seed=2).values.reshape(4, -1)
    held = fitted.sample(50, items=items, seed=2).values.reshape(4, -1)
    bounds = [(real.series(i).min(), real.series(i).max()) for i in (0, 2, 3)]
    for row, (low, high) in zip((0, 1, 3), bounds, strict=True):
        folded = np.where(free[row] > high, 2 * high - free[row], free[row])
        folded = np.where(free[row] < low, 2 * low - free[row], folded)
        expected = np.clip(folded, low, high)
        expected = np.round(expected) if row == 1 else expected
        np.testing.assert_array_equal(held[row], expected)
    assert (free[2] != np.round(free[2])).mean() > 0.9
    assert (held[2] >= 0).all()
    assert (held[2] == np.round(held[2])).all()


def test_zeros_are_as_frequent_as_in_the_real_intermittent_series(fitted):
    real = mixed_panel()
    shares = [np.mean(real.series(i) == 0) for i in (4, 5)]
    items = ["intermittent", "sparse"]
    drawn = fitted.sample(300, items=items, seed=3)
    share = np.mean(drawn.values == 0)
    assert share == pytest.approx(np.mean(shares), abs=0.1)
    assert (fitted.sample(300, items=items, constraints=None, seed=3).values == 0).mean() < 0.05


def test_draws_between_others_repeat_those_and_leave_them():
    table = table_of(entries(steps=[0.0, 0.25, 5.0, 9.0]))  # quarters
    table.grain.hold[0] = 0.3 / table.scaler.scale[0]
    held = Constraints.resolve("infer", table, 0.0)
    values, drawn = np.array([[4.0, 4.25, 4.5, 5.0]]), np.array([[False, False, True, True]])
    about = table.scaler.scale, np.array([0])
    assert held.apply(values, *about, drawn).tolist() == [[4.0, 4.25, 4.25, 5.0]]
    assert held.apply(values, *about).tolist() == [[4.0, 4.0, 4.5, 5.0]]


def test_the_threshold_is_saved(fitted, tmp_path):
    import tsgen

    fitted.save(tmp_path / "model")
    assert fitted.zero_below > 0
    assert tsgen.load(tmp_path / "model").zero_below == fitted.zero_below
