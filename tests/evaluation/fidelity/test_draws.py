"""The draws of a fidelity study: which windows are set against which, and a floor of other ones."""

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.evaluation.fidelity import draws
from tsgen.evaluation.fidelity.draws import _Draws, measure_with_floors
from tsgen.evaluation.fidelity.measures import NEAREST, WindowMeasure, WindowPool
from tsgen.metrics import linear_predictive_ratio

LENGTH = 12
MADE, TEST, TRAIN, CONTROL = 0, 10_000, 20_000, 30_000
"""Number of the first window of each kind; a window's first value is its number."""


def numbered(first, count):
    """Windows that can be told apart by their first value, which is no part of their shape."""
    windows = np.random.default_rng(first).normal(size=(count, LENGTH))
    windows[:, 0] = first + np.arange(count)
    return windows


def ids(windows):
    return windows[:, 0].astype(int).tolist()


def pool(first, count):
    windows = numbered(first, count)
    return WindowPool(windows, windows[:, :3], windows[:, :2])


@pytest.fixture
def draw():
    return _Draws([pool(MADE, 60), pool(TEST, 50), pool(TRAIN, 70), pool(CONTROL, 70)], 20, seed=5)


def from_(windows, first):
    """Return whether all windows are different ones of this kind."""
    return len(set(ids(windows))) == len(windows) and all(
        first <= number < first + 10_000 for number in ids(windows)
    )


@pytest.mark.parametrize("number", range(4))
def test_a_draw_sets_n_synthetic_windows_against_n_real_ones(draw, number):
    found = draw.of_synthetic(number)
    for part, first in ((found.trial, MADE), (found.test, TEST), (found.train, TRAIN)):
        assert from_(part.windows, first)
        assert len(part.windows) == 20
        np.testing.assert_array_equal(part.features, part.windows[:, :3])
        np.testing.assert_array_equal(part.embeddings, part.windows[:, :2])
    assert found.seed == 5 + number


@pytest.mark.parametrize("number", range(4))
def test_the_floor_puts_other_training_windows_in_the_place_of_the_synthetic_ones(draw, number):
    """Not those that the comparison refers to: a sample cannot be one of its own references."""
    floor, synthetic = draw.of_real(number), draw.of_synthetic(number)
    assert from_(floor.trial.windows, TRAIN)
    assert len(floor.trial.windows) == 20
    assert not set(ids(floor.trial.windows)) & set(ids(floor.train.windows))
    assert not set(ids(floor.trial.windows)) & set(ids(floor.test.windows))
    # apart from the trial, both comparisons are the same one
    assert ids(floor.test.windows) == ids(synthetic.test.windows)
    assert ids(floor.train.windows) == ids(synthetic.train.windows)
    assert floor.seed == synthetic.seed


def test_draws_differ_and_are_the_same_for_all_measures(draw):
    first, again, other = (draw.of_synthetic(k) for k in (0, 0, 1))
    for name in ("trial", "test", "train"):
        a, b, c = (ids(getattr(found, name).windows) for found in (first, again, other))
        assert a == b
        assert set(a) != set(c)
    elsewhere = _Draws(
        [pool(MADE, 60), pool(TEST, 50), pool(TRAIN, 70), pool(CONTROL, 70)], 20, seed=6
    )
    assert set(ids(elsewhere.of_synthetic(0).test.windows)) != set(ids(first.test.windows))


def test_the_control_is_the_floor_with_other_windows(draw):
    floor, control = draw.of_real(1), draw.of_unrounded(1)
    shifted = [number + CONTROL - TRAIN for number in ids(floor.trial.windows)]
    assert ids(control.trial.windows) == shifted
    assert ids(control.test.windows) == ids(floor.test.windows)


# ---- the table -----------------------------------------------------------------------------------


class Noted:
    """A measure that notes its comparisons and gives their trials' mean numbers."""

    def __init__(self, name, embedded=False):
        self.asked = []
        needs = frozenset({"encoder"} if embedded else ())
        self.measure = WindowMeasure(
            name, "higher", "A number.", self.compute, needs=needs, ideal=7.0
        )

    def compute(self, comparisons):
        comparisons = list(comparisons)
        self.asked.append(comparisons)
        return [float(np.mean(c.trial.windows[:, 0])) for c in comparisons]


class Halves:
    """Stands for an encoder."""

    def embed(self, windows):
        return windows[:, :4]


@pytest.fixture
def noted(monkeypatch):
    measures = Noted("first"), Noted("second", embedded=True)
    monkeypatch.setattr(draws, "WINDOW_MEASURES", tuple(noted.measure for noted in measures))
    return measures


def sets(num_train=90, num_test=60, num_made=70):
    return numbered(TRAIN, num_train), numbered(TEST, num_test), numbered(MADE, num_made)


@pytest.mark.parametrize(("count", "few"), [(3, 2), (12, 3), (15, 3)])
def test_a_quarter_of_the_draws_measures_the_control_and_two_at_the_least(noted, count, few):
    measure_with_floors(*sets(), 20, 5, count, Halves(), "held-out")
    for measure in noted:
        assert [len(comparisons) for comparisons in measure.asked] == [count, count, few]


def test_every_measure_has_its_value_beside_the_floor_over_all_draws(noted):
    train, test, made = sets()
    table, (real, synthetic) = measure_with_floors(
        train, test, made, 20, 5, 3, Halves(), "held-out"
    )
    for measure, row in zip(noted, table.to_dict("records"), strict=False):
        values, floors, controls = measure.asked
        assert [len(values), len(floors), len(controls)] == [3, 3, 2]
        assert [ids(c.trial.windows) for c in controls] == [
            ids(c.trial.windows) for c in floors[:2]
        ]
        assert all(from_(c.trial.windows, MADE) for c in values)
        assert all(from_(c.trial.windows, TRAIN) for c in floors)
        assert all(c.trial.embeddings.shape == (20, 4) for c in (*values, *floors))
        means = [[c.trial.windows[:, 0].mean() for c in side] for side in (values, floors)]
        assert row["metric"] == measure.measure.name
        assert row["value"] == pytest.approx(np.mean(means[0]))
        assert row["spread"] == pytest.approx(np.std(means[0], ddof=1))
        assert row["floor"] == pytest.approx(np.mean(means[1]))
        assert row["floor_spread"] == pytest.approx(np.std(means[1], ddof=1))
        assert (row["better"], row["ideal"]) == ("higher", 7.0)
    assert table["metric"].tolist() == ["first", "second", NEAREST]
    assert set(zip(table["protocol"], table["n"], table["seed"], strict=True)) == {
        ("held-out", 20, 5)
    }
    assert from_(real.windows, TEST)
    assert from_(synthetic.windows, MADE)
    assert len(real.windows) == len(synthetic.windows) == 40  # twice what a draw needs


def test_features_are_standardised_by_the_training_windows(noted):
    train, test, made = sets()
    features = draws.feature_scale(train)
    _, (real, _) = measure_with_floors(train, test, made, 20, 5, 2, None, "held-out")
    expected = WindowPool.of(real.windows, features, None)
    np.testing.assert_array_equal(real.features, expected.features)


def test_without_an_encoder_its_measures_are_left_out(noted):
    table, _ = measure_with_floors(*sets(), 20, 5, 2, None, "held-out")
    assert table["metric"].tolist() == ["first", NEAREST]
    assert not noted[1].asked


def test_the_pools_are_drawn_from_all_windows_and_not_the_first(noted):
    measure_with_floors(*sets(num_made=500), 20, 5, 2, None, "held-out")
    used = {number for c in noted[0].asked[0] for number in ids(c.trial.windows)}
    assert max(used) > 100


def test_real_windows_predict_as_well_as_other_real_ones_but_not_the_same():
    """A floor of the reference rows themselves would be 1 in every draw, without spread."""
    rows = sets(num_train=400, num_test=200, num_made=200)
    noise = [np.random.default_rng(k).normal(size=w.shape) for k, w in enumerate(rows)]
    waves = [np.sin(w[:, :1] + np.arange(LENGTH) / 2) + 0.1 * w for w in noise]
    pools = [WindowPool(w, w, None) for w in (waves[2], waves[1], waves[0])]
    draw = _Draws([*pools, pools[-1]], 60, seed=1)
    floors = [linear_predictive_ratio(c.trial.windows, c.train.windows, c.test.windows)
              for c in map(draw.of_real, range(6))]  # fmt: skip
    assert np.std(floors) > 1e-4
    assert 0.7 < np.mean(floors) < 1.4


# ---- nearest windows -----------------------------------------------------------------------------


def nearest(rows, train):
    return np.array([np.sqrt(((train - row) ** 2).sum(axis=1)).min() for row in rows])


def test_the_nearest_ratio_is_that_of_medians_and_its_floor_of_two_halves_of_the_test(noted):
    random = np.random.default_rng(3)
    train, test, made = (random.normal(size=(n, LENGTH)) for n in (50, 40, 40))
    made *= 2
    table, _ = measure_with_floors(train, test, made, 40, 5, 2, None, "held-out")
    row = table.set_index("metric").loc[NEAREST]
    medians = [np.median(nearest(rows, train)) for rows in (made, test)]
    assert row["value"] == pytest.approx(medians[0] / medians[1])  # all windows are in each draw
    assert row["spread"] == pytest.approx(0.0, abs=1e-12)
    assert (row["better"], row["ideal"]) == ("one", 1.0)
    assert 0.8 < row["floor"] < 1.25
    assert row["floor_spread"] > 0  # other halves in every draw


def test_the_row_is_of_the_ratios_of_these_windows_beside_those_without_rounding(noted):
    """So many windows, this seed, so many draws: exchanged ones would give other ratios."""
    train, test, made = sets()
    control = numbered(CONTROL, len(train))
    table, _ = measure_with_floors(train, test, made, 12, 5, 3, None, "held-out", control)
    row = table.set_index("metric").loc[NEAREST]
    near = {k: nearest(v, train) for k, v in (("made", made), ("test", test), ("c", control))}
    values, floors = draws._nearest_ratios(near["made"], near["test"], 12, 5, 3)
    controls, _ = draws._nearest_ratios(near["c"], near["test"], 12, 5, 3)
    for name, wanted in (("value", values), ("floor", floors), ("unrounded", controls)):
        assert row[name] == pytest.approx(np.mean(wanted), rel=1e-6), name
    assert row["spread"] == pytest.approx(np.std(values, ddof=1), rel=1e-5)
    assert row["unrounded_spread"] == pytest.approx(np.std(controls, ddof=1), rel=1e-5)
    assert (row["n"], row["seed"], row["protocol"]) == (12, 5, "held-out")


def test_each_draw_looks_at_windows_of_its_own():
    made, test = np.arange(1.0, 101.0), np.arange(1.0, 1001.0)
    values, floors = draws._nearest_ratios(made, test, 10, seed=1, draws=8)
    assert len(set(values)) == len(set(floors)) == 8
    longer, _ = draws._nearest_ratios(made, test, 10, seed=1, draws=9)
    assert longer[:8] == values  # a draw does not depend on how many there are


def test_ratios_are_of_n_distances_a_draw():
    made, test = np.arange(1.0, 101.0), np.arange(1.0, 1001.0)
    values, floors = draws._nearest_ratios(made, test, 10, seed=1, draws=50)
    assert len(values) == len(floors) == 50
    assert np.std(values) > 0.01
    assert np.median(values) == pytest.approx(0.1, rel=0.5)
    assert np.median(floors) == pytest.approx(1.0, rel=0.3)
    again = draws._nearest_ratios(made, test, 10, seed=1, draws=50)
    assert (values, floors) == again
    assert values != draws._nearest_ratios(made, test, 10, seed=2, draws=50)[0]


def test_the_two_halves_of_the_floor_share_no_window():
    """Of distances that are powers of two, the ratio of two medians says which ones they were."""
    test = 2.0 ** np.arange(2)
    _, floors = draws._nearest_ratios(test, test, 2, seed=1, draws=20)
    assert set(floors) == {0.5, 2.0}


def test_a_test_part_of_copies_is_refused(noted):
    train, test, made = sets()
    test[: len(test) // 2 + 1] = train[: len(test) // 2 + 1]
    with pytest.raises(DataError, match="exact copies of training windows"):
        measure_with_floors(train, test, made, 20, 5, 2, None, "held-out")


def test_copies_are_refused_before_anything_is_measured(monkeypatch):
    monkeypatch.setattr(draws, "track", lambda *args, **options: pytest.fail("measured"))
    train, test, made = sets()
    with pytest.raises(DataError, match="exact copies of training windows"):
        measure_with_floors(train, train[: len(test)], made, 20, 5, 2, None, "held-out")


def test_windows_of_any_unit_are_compared():
    """Distances of a test part that are small, but not nothing, are no copies."""
    test = np.linspace(1e-6, 2e-6, 20)
    values, _ = draws._nearest_ratios(test, test, 20, seed=1, draws=2)
    assert values == pytest.approx([1.0, 1.0])
