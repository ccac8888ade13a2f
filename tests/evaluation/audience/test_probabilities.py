"""What scores say in numbers against what came, by loops over users and pairs."""

from math import lgamma, log

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.evaluation.audience import probabilities
from tsgen.evaluation.audience.probabilities import poisson_probability, probability_sums
from tsgen.evaluation.audience.window import AudienceWindow
from tsgen.metrics import calibration_fit

N, M = 30, 5
random = np.random.default_rng(0)
SCORES = random.gamma(0.5, 0.8, (N, M))
TARGETS = random.poisson(SCORES)
EXCLUDED = random.random((N, M)) < 0.2
MAY = ~EXCLUDED


class Scores:
    def __init__(self, excluded=EXCLUDED):
        self.shape, self.asked = (N, M), []
        self.user_ids, self.item_ids = pd.Index(range(N)), pd.Index(range(M))
        self.excluded = None if excluded is None else sp.csr_array(excluded.astype(np.int8))

    def block(self, rows, columns):
        self.asked.append(rows.stop - rows.start)
        return SCORES[rows, columns].copy()


def window_of(scores, targets=TARGETS):
    return AudienceWindow(scores, None, 0, 1, sp.csr_array(targets), {})


def halved(intensity):
    """A map of intensities to chances that is not Poisson's."""
    return np.asarray(intensity) / (1 + np.asarray(intensity))


def found(excluded=EXCLUDED, chance=halved, seed=1, targets=TARGETS, **options):
    scores = Scores(excluded)
    return probability_sums(window_of(scores, targets), scores, chance, seed, **options)


def test_poissons_chance_of_small_and_large_intensities():
    assert poisson_probability(np.array([0.0, 1e-20, 0.5, 800.0])) == pytest.approx(
        [0.0, 1e-20, 1 - np.exp(-0.5), 1.0]
    )


def test_sums_are_loops_over_the_pairs_that_may_be_listed():
    sums = found().sums
    for user in range(N):
        pairs = [j for j in range(M) if MAY[user, j]]
        expected = sum(SCORES[user, j] for j in pairs)
        count = sum(TARGETS[user, j] for j in pairs)
        chances = [(halved(SCORES[user, j]), TARGETS[user, j] > 0) for j in pairs]
        assert [part[user] for part in sums["count_ratio"]] == pytest.approx([expected, count])
        likelihood = count * log(expected) - expected - lgamma(count + 1)
        assert [part[user] for part in sums["count_log_score"]] == pytest.approx([likelihood, 1])
        logs = sum(log(p if hit else 1 - p) for p, hit in chances)
        assert [part[user] for part in sums["chance_log_score"]] == pytest.approx(
            [logs, len(pairs)]
        )
        squares = sum((p - hit) ** 2 for p, hit in chances)
        assert [part[user] for part in sums["brier_score"]] == pytest.approx([squares, len(pairs)])
    assert found().pairs == MAY.sum()
    assert found(excluded=None).pairs == N * M


def test_one_surprise_does_not_decide():
    """A chance of 0 or 1 counts as nearly so, and so does an expected number of none."""
    sums = found(chance=lambda x: (np.asarray(x) > 0.2).astype(float)).sums
    logs = sums["chance_log_score"][0]
    assert np.isfinite(logs).all()
    wrong = ((SCORES > 0.2) != (TARGETS > 0)) & MAY
    np.testing.assert_allclose(logs, wrong.sum(axis=1) * log(1e-12), rtol=1e-6, atol=1e-9)
    nobody = np.ones((N, M), bool)
    nobody[1:] = EXCLUDED[1:]
    assert found(excluded=nobody).sums["count_log_score"][0][0] == pytest.approx(-1e-12)


def test_calibration_is_by_user_for_counts_and_by_pair_for_chances():
    assert found().calibration is None
    tables = found(calibrate=True).calibration
    observed = (TARGETS * MAY).sum()
    counts, chances = tables.counts.table, tables.chances.table
    assert (tables.counts.kind, tables.chances.kind) == ("count", "chance")
    assert counts.count.sum() == N
    assert (counts.count * counts.observed).sum() == pytest.approx(observed)
    assert (counts.count * counts.predicted).sum() == pytest.approx((SCORES * MAY).sum())
    assert chances.count.sum() == MAY.sum()
    assert (chances.count * chances.observed).sum() == pytest.approx(((TARGETS > 0) & MAY).sum())
    assert (chances.count * chances.predicted).sum() == pytest.approx((halved(SCORES) * MAY).sum())
    hits = chances.count * chances.predicted  # groups of about equally many expected hits
    assert hits.max() < 3 * hits.min()
    assert counts.count.max() - counts.count.min() <= 1  # groups of equally many users


def test_blocks_of_users_give_the_same_sums(monkeypatch):
    whole = found(calibrate=True)
    monkeypatch.setattr(probabilities, "_BLOCK_NUMBERS", 4 * M)
    scores = Scores()
    parts = probability_sums(window_of(scores), scores, halved, 1, calibrate=True)
    assert scores.asked == [4] * 7 + [2]
    for name, sums in whole.sums.items():
        for one, other in zip(sums, parts.sums[name], strict=True):
            np.testing.assert_allclose(one, other)
    np.testing.assert_allclose(
        whole.calibration.chances.table.observed, parts.calibration.chances.table.observed
    )
    both = [of.calibration.chances.fit.slope for of in (whole, parts)]
    np.testing.assert_allclose(*both)


def test_a_users_pairs_are_one_cluster():
    said, came = [], []
    for user in range(N):
        for item in range(M):
            if MAY[user, item]:
                said.append((user, halved(SCORES[user, item])))
                came.append(TARGETS[user, item] > 0)
    users, chances = np.array(said).T
    expected = calibration_fit(chances, came, clusters=users.astype(int))
    np.testing.assert_allclose(found(calibrate=True).calibration.chances.fit.slope, expected.slope)


def test_of_many_pairs_those_of_some_users_are_looked_at_and_counts_of_all(monkeypatch):
    whole = found()
    monkeypatch.setattr(probabilities, "PAIRS", 10 * M)
    some, again, other = (found(seed=seed) for seed in (1, 1, 2))
    chosen = some.sums["brier_score"][1] > 0
    assert chosen.sum() == 10
    assert some.pairs == MAY[chosen].sum()
    for name in ("chance_log_score", "brier_score"):
        for part, full in zip(some.sums[name], whole.sums[name], strict=True):
            np.testing.assert_allclose(part, np.where(chosen, full, 0.0))
    for name in ("count_ratio", "count_log_score"):
        np.testing.assert_allclose(some.sums[name][0], whole.sums[name][0])
    assert (again.sums["brier_score"][1] > 0).tolist() == chosen.tolist()
    assert (other.sums["brier_score"][1] > 0).tolist() != chosen.tolist()
