"""Reaches and holds: as many samples as real values lie at a bound or repeat."""

from types import SimpleNamespace

import numpy as np
import pytest

from tsgen.data import to_dataset
from tsgen.psagan.memory import SeriesTable
from tsgen.psagan.sampling import Constraints, calibration

RANDOM = np.random.default_rng(0)
SMOOTH = np.sin(np.arange(300) / 9.0) + 0.01 * RANDOM.normal(size=300)
TARGETS = {
    "free": 5 + SMOOTH,
    "clipped": np.clip(3 * SMOOTH, -2, 2),
    "steps": np.repeat(10 + 3 * RANDOM.normal(size=100), 3),
}
LENGTH = 16


class Model:
    """Draws waves at the level and scale of each series, without any grain."""

    seed, zero_below = 7, 0.0
    conditions = SimpleNamespace(calendar=SimpleNamespace(stride=1))

    def __init__(self, index=(1, 2, 3)):
        data = to_dataset([{"item_id": n, "start": "2024-01-01", "target": t}
                           for n, t in TARGETS.items()], freq="h")  # fmt: skip
        self.table = SeriesTable.of(data, "standard", np.array(index))
        self.tables, self.asked = (self.table,), []

    def sample(self, num_samples=1, *, items, constraints, missing, seed):
        self.asked.append((num_samples, items, constraints, missing, seed))
        rows = np.repeat(self.table.find(items), num_samples)
        draw = np.random.default_rng(1)
        phase, steps = draw.uniform(0, 300, (len(rows), 1)), np.arange(LENGTH)
        shape = 1.6 * np.sin((phase + steps) / 9.0) + 0.05 * draw.normal(size=(len(rows), LENGTH))
        scaler = self.table.scaler
        values = scaler.location[rows][:, None] + scaler.scale[rows][:, None] * shape
        return to_dataset([{"item_id": k, "start": "2024-01-01", "target": v}
                           for k, v in enumerate(values)], freq="h")  # fmt: skip


@pytest.fixture(scope="module")
def calibrated():
    model = Model()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "zero_threshold", lambda model: 0.25)
        calibration.calibrate(model)
    return model


def test_series_that_pile_up_or_repeat_are_drawn_without_any_constraint(calibrated):
    ((draws, items, constraints, missing, seed),) = calibrated.asked
    assert items == ["clipped", "steps"]
    assert draws == 1024
    assert (constraints, missing, seed) == (None, "none", 7)
    assert calibrated.zero_below == 0.25
    assert calibrated.table is calibrated.tables[0]


def held(model, name, num=200):
    drawn = Model().sample(num, items=[name], constraints=None, missing="none", seed=2)
    row = model.table.find([name])
    rules = Constraints.resolve("infer", model.table, 0.0)
    values = drawn.values.reshape(num, LENGTH)
    return rules.apply(values, model.table.scaler.scale, np.repeat(row, num))


def test_as_many_samples_as_real_values_lie_at_the_bounds(calibrated):
    real, drawn = TARGETS["clipped"], held(calibrated, "clipped")
    for bound in (-2, 2):
        assert (drawn == bound).mean() == pytest.approx((real == bound).mean(), abs=0.03)
    grain = calibrated.table.grain.rows(calibrated.table.find(["clipped", "steps"]))
    assert np.isfinite(grain.low_reach).tolist() == [True, False]
    assert np.isfinite(grain.high_reach).tolist() == [True, False]


def test_as_many_samples_as_real_values_repeat(calibrated):
    share = (np.diff(TARGETS["steps"]) == 0).mean()
    drawn = held(calibrated, "steps")
    assert (np.diff(drawn, axis=1) == 0).mean() == pytest.approx(share, abs=0.06)
    assert (np.diff(held(calibrated, "free"), axis=1) == 0).mean() < 0.02


@pytest.mark.parametrize("index", [(1, 0, 0), (1, 2, 0)])
def test_series_that_were_not_trained_are_not_drawn(index):
    model = Model(index)
    calibration.calibrate(model)
    asked = [name for call in model.asked for name in call[1]]
    assert asked == [n for n, i in zip(TARGETS, index, strict=True) if i and n != "free"]


def test_a_share_beyond_0_and_1_is_the_end():
    values = np.arange(10.0)[None].repeat(3, axis=0)
    found = calibration._quantiles(values, np.array([-0.1, 0.5, 1.2]))
    assert found.tolist() == [0, 4.5, 9]


def test_values_are_set_without_touching_the_given_array():
    values = np.zeros(4)
    assert calibration._set(values, np.array([2]), np.array([7.0])).tolist() == [0, 0, 7, 0]
    assert not values.any()


def test_series_that_are_not_drawn_take_what_series_of_like_shares_have(monkeypatch):
    """Many clipped series, from seldom to often: one in three is drawn."""
    shares = np.linspace(0.05, 0.8, 60)
    targets = {
        f"s{k}": np.maximum(SMOOTH, np.quantile(SMOOTH, share)) for k, share in enumerate(shares)
    }
    monkeypatch.setitem(globals(), "TARGETS", targets)
    monkeypatch.setattr(calibration, "MOST_SERIES", 20)
    monkeypatch.setattr(calibration, "zero_threshold", lambda model: 0.0)
    model = Model(tuple(range(1, 61)))
    calibration.calibrate(model)
    ((_, items, *_),) = model.asked
    assert len(items) == 20
    drawn = {name: (held(model, name) == value.min()).mean() for name, value in targets.items()}
    errors = [
        drawn[name] - (value == value.min()).mean()
        for name, value in targets.items()
        if name not in items
    ]
    assert np.abs(np.mean(errors)) < 0.03
    assert np.abs(errors).max() < 0.15
    assert {n[1:] for n in items} != set(map(str, range(20)))  # not the first ones


def test_repeats_are_held_in_series_that_are_not_drawn_too(monkeypatch):
    draw = np.random.default_rng(3)
    targets = {f"r{k}": np.repeat(10 + 3 * draw.normal(size=100), 3) for k in range(6)}
    monkeypatch.setitem(globals(), "TARGETS", targets)
    monkeypatch.setattr(calibration, "MOST_SERIES", 2)
    monkeypatch.setattr(calibration, "zero_threshold", lambda model: 0.0)
    model = Model(tuple(range(1, 7)))
    calibration.calibrate(model)
    assert (model.table.grain.hold > 0).all()
