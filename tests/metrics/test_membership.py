"""Likelihood ratios and rates against plain loops, and what they find."""

import numpy as np
import pytest
from scipy.stats import norm

from tsgen.errors import DataError
from tsgen.metrics import likelihood_ratios, true_positive_interval, true_positive_rate


def halves(num, count):
    rng = np.random.default_rng(5)
    first = [rng.permutation(num) < num // 2 for _ in range(count // 2)]
    return np.stack([mask for one in first for mask in (one, ~one)])


def test_ratios_equal_plain_loops():
    rng = np.random.default_rng(5)
    inside = halves(12, 8)
    references, scores = rng.normal(size=(8, 12)), rng.normal(size=12)
    gaps = {True: [], False: []}
    for n in range(12):
        for kind in gaps:
            mine = [references[r, n] for r in range(8) if inside[r, n] == kind]
            gaps[kind] += [m - np.mean(mine) for m in mine]
    spread = {k: np.sqrt(np.sum(np.square(v)) / (12 * 3)) for k, v in gaps.items()}
    expected = []
    for n in range(12):
        mean = {k: references[inside[:, n] == k, n].mean() for k in gaps}
        p = {k: norm.logpdf(scores[n], mean[k], spread[k]) for k in gaps}
        expected.append(p[True] - p[False])
    np.testing.assert_allclose(likelihood_ratios(scores, references, inside), expected)


def test_candidates_need_references_of_both_kinds():
    inside = halves(6, 4)
    inside[:, 2] = True
    with pytest.raises(DataError, match="Candidate 2 has no reference model trained without it"):
        likelihood_ratios(np.zeros(6), np.zeros((4, 6)), inside)
    with pytest.raises(DataError, match="Candidate 2 has no reference model trained with it"):
        likelihood_ratios(np.zeros(6), np.zeros((4, 6)), inside & (np.arange(6) != 2))


def slow_rate(members, others, at):
    best = 0.0
    for threshold in [-np.inf, *others, np.inf]:
        if np.mean(np.array(others) > threshold) <= at + 1e-12:
            best = max(best, float(np.mean(np.array(members) > threshold)))
    return best


@pytest.mark.parametrize("at", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("ties", [False, True])
def test_the_rate_is_the_best_that_a_threshold_gives(at, ties):
    rng = np.random.default_rng(5)
    members, others = rng.normal(0.8, 1, 60), rng.normal(size=150)
    if ties:
        members, others = members.round(), others.round()
    found = true_positive_rate(members, others, at)
    assert found == pytest.approx(slow_rate(members[:], others[:], at))


def test_chance_finds_as_many_as_it_wrongly_accuses():
    rng = np.random.default_rng(5)
    rates = [true_positive_rate(*rng.normal(size=(2, 2000)), 0.01) for _ in range(50)]
    assert np.mean(rates) == pytest.approx(0.01, abs=0.003)
    assert true_positive_rate(np.zeros(50), np.zeros(50), 0.01) == 0.0  # all alike: nobody


def test_the_interval_resamples_whole_groups():
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(40), 25)
    member = groups < 20
    shared = np.repeat(rng.normal(size=40), 25)  # windows of a series are alike
    alike = true_positive_interval(shared, member, groups, 0.05, seed=1)
    apart = true_positive_interval(shared, member, np.arange(1000), 0.05, seed=1)
    assert alike[1] - alike[0] > 2 * (apart[1] - apart[0])
    assert alike == true_positive_interval(shared, member, groups, 0.05, seed=1)
