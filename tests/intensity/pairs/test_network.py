import numpy as np
import pytest

from tsgen.intensity.pairs.network import PairNetwork


def test_a_network_learns_a_known_rate_and_its_level():
    random = np.random.default_rng(0)
    features = random.normal(size=(6000, 3)).astype(np.float32)
    rate = np.exp(0.8 * features[:, 0] - 1.5 - 0.5 * (features[:, 1] > 0))
    counts = random.poisson(rate).astype(float)
    offset = np.zeros(6000, np.float32)
    network = PairNetwork.fit(features, offset, counts, seed=1)
    found = np.exp(network.logarithms(features, offset))
    assert found.sum() == pytest.approx(counts.sum(), rel=0.1)
    assert np.corrcoef(np.log(found), np.log(rate))[0, 1] > 0.97
    far = network.logarithms(100 * features, offset)  # what was never met is taken as the nearest
    assert far.max() <= network.logarithms(network.bounds[[3]].repeat(1, 0), offset[:1]).max() + 3
