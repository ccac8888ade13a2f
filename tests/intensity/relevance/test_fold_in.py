"""Users known by their history: means and the ridge regression, against slow sums."""

import numpy as np
import scipy.sparse as sp

from tsgen.intensity.relevance.fold_in import learn_fold, mean_vectors


def test_means_are_those_of_the_events():
    draw = np.random.default_rng(0)
    counts, vectors = draw.integers(0, 3, (5, 4)), draw.normal(size=(4, 2))
    counts[2] = 0
    found = mean_vectors(sp.csr_array(counts.astype(float)), vectors)
    for row, user in zip(found, counts, strict=True):
        events = [vectors[item] for item in range(4) for _ in range(user[item])]
        np.testing.assert_allclose(row, np.mean(events, axis=0) if events else 0.0)


def test_a_linear_map_is_found_again():
    draw = np.random.default_rng(1)
    means, true = draw.normal(size=(500, 3)), draw.normal(size=(4, 3))
    users = means @ true[:-1] + true[-1]
    np.testing.assert_allclose(learn_fold(means, users), true, atol=0.02)
