import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import brier_score_loss, log_loss

from tsgen.errors import DataError
from tsgen.metrics import (
    bernoulli_log_score,
    brier_score,
    calibration_table,
    poisson_log_score,
)


@pytest.mark.parametrize("equal", ["number", "total"])
@given(st.integers(0, 2**31), st.integers(1, 60), st.integers(1, 12))
def test_groups_are_runs_of_the_sorted_predictions_that_lose_nothing(equal, seed, size, groups):
    random = np.random.default_rng(seed)
    predicted = random.integers(0, 20, size) / 10
    observed = random.poisson(predicted)
    table = calibration_table(predicted, observed, num_groups=groups, equal=equal)
    assert table.count.sum() == size
    assert len(table.count) <= groups
    assert (np.diff(table.predicted) > 0).all()
    begin = 0
    order = np.argsort(predicted, kind="stable")
    for count, mean, happened in zip(table.count, table.predicted, table.observed, strict=True):
        rows = order[begin : begin + count]
        assert mean == pytest.approx(predicted[rows].mean())
        assert happened == pytest.approx(observed[rows].mean())
        begin += count


def test_true_predictions_are_calibrated_and_doubled_ones_are_not():
    random = np.random.default_rng(1)
    predicted = random.gamma(0.5, 1.0, 50_000)
    observed = random.poisson(predicted)
    table = calibration_table(predicted, observed)
    assert np.abs(table.predicted - table.observed).max() < 4.5 * table.standard_error.max()
    assert table.ratio == pytest.approx(1.0, abs=0.03)
    assert calibration_table(2 * predicted, observed).ratio == pytest.approx(2.0, abs=0.06)
    assert table.error < 0.03


def test_groups_of_equal_total_show_the_few_large_predictions():
    predicted = np.concatenate([np.full(10_000, 1e-4), np.linspace(0.1, 0.9, 99)])
    table = calibration_table(predicted, np.zeros(len(predicted)), num_groups=5, equal="total")
    assert len(table.count) == 5
    totals = table.count * table.predicted
    assert totals.max() - totals.min() <= 2 * predicted.max()
    flat = calibration_table([0.0, 0.0], [0, 1], equal="total")
    assert (flat.count.tolist(), flat.observed.tolist()) == ([2], [0.5])


def test_scores_equal_other_implementations_and_reward_the_truth():
    random = np.random.default_rng(2)
    mean = random.gamma(1.0, 1.0, 500)
    count = random.poisson(mean)
    assert poisson_log_score(mean, count) == pytest.approx(stats.poisson.logpmf(count, mean).mean())
    assert poisson_log_score(mean, count) > poisson_log_score(1.5 * mean, count)
    assert poisson_log_score([0.0, 1.0], [0, 1]) == pytest.approx(-0.5)
    assert poisson_log_score([0.0], [1]) == -np.inf
    chance = 1 - np.exp(-mean)
    happened = (count > 0).astype(float)
    assert bernoulli_log_score(chance, happened) == pytest.approx(-log_loss(happened, chance))
    assert brier_score(chance, happened) == pytest.approx(brier_score_loss(happened, chance))


def test_impossible_numbers_are_named():
    with pytest.raises(DataError, match=r"predicted is -1\.0 in row 1"):
        calibration_table([0.5, -1.0], [0, 1])
    with pytest.raises(DataError, match="equal length"):
        poisson_log_score([0.5], [0, 1])
    with pytest.raises(DataError, match="ends at 1"):
        brier_score([1.5], [1])


def test_standard_errors_are_those_of_clusters_and_never_surer_than_chance():
    random = np.random.default_rng(4)
    predicted, observed = random.uniform(0.2, 0.6, 60), random.random(60) < 0.4
    users = random.integers(0, 12, 60)
    table = calibration_table(predicted, observed, num_groups=2, clusters=users)
    order = np.argsort(predicted, kind="stable")
    for group, rows in enumerate(np.split(order, [table.count[0]])):
        missed = observed[rows] - predicted[rows]
        missed = missed - missed.mean()
        squares = sum(missed[users[rows] == user].sum() ** 2 for user in range(12))
        said = predicted[rows].mean()
        least = len(rows) * said * (1 - said)
        assert table.standard_error[group] == pytest.approx(
            np.sqrt(max(squares, least)) / len(rows)
        )
    silent = calibration_table(np.full(50, 0.02), np.zeros(50))
    assert silent.standard_error[0] == pytest.approx(np.sqrt(0.02 * 0.98 / 50))
    assert abs(silent.misses[0]) < 2  # one event was expected, none came


def test_the_error_by_chance_is_what_right_predictions_miss_by():
    random = np.random.default_rng(6)
    tables = []
    for _ in range(60):
        predicted = random.uniform(0.1, 0.9, 400)
        tables.append(calibration_table(predicted, random.random(400) < predicted))
    errors, chances = ([getattr(t, name) for t in tables] for name in ("error", "error_at_random"))
    assert np.mean(errors) == pytest.approx(np.mean(chances), rel=0.1)
