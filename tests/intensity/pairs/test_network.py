import numpy as np
import pytest

from tsgen.intensity.pairs.network import PairNetwork, _Batches


def test_a_network_learns_a_known_rate_and_its_level():
    random = np.random.default_rng(0)
    features = random.normal(size=(6000, 3)).astype(np.float32)
    rate = np.exp(0.8 * features[:, 0] - 1.5 - 0.5 * (features[:, 1] > 0))
    counts = random.poisson(rate).astype(float)
    offset = np.zeros(6000, np.float32)
    network = PairNetwork.fit(features, offset, counts, np.arange(6000), seed=1)
    found = np.exp(network.logarithms(features, offset))
    assert found.sum() == pytest.approx(counts.sum(), rel=0.1)
    assert np.corrcoef(np.log(found), np.log(rate))[0, 1] > 0.97
    far = network.logarithms(100 * features, offset)  # what was never met is taken as the nearest
    assert far.max() <= network.logarithms(network.bounds[[3]].repeat(1, 0), offset[:1]).max() + 3


def test_a_blend_gives_the_mean_of_two_networks_each_on_its_own_scale():
    random = np.random.default_rng(1)
    networks = []
    for place in (0.0, 0.5):
        features = random.normal(place, 1 + place, size=(3000, 3)).astype(np.float32)
        counts = random.poisson(np.exp(features[:, 0] - 2 + place)).astype(float)
        keys = random.integers(0, 2**60, 3000).astype(np.uint64)
        nothing = np.zeros(3000, np.float32)
        networks.append(PairNetwork.fit(features, nothing, counts, keys, seed=1))
    inner = random.normal(0.3, 0.3, size=(50, 3)).astype(np.float32)  # within the limits of both
    offset = random.normal(size=50).astype(np.float32)
    one, other = (network.logarithms(inner, offset) for network in networks)
    assert np.abs(one - other).max() > 0.1
    for share in (0.0, 0.3, 1.0):
        found = networks[0].blended(networks[1], share).logarithms(inner, offset)
        np.testing.assert_allclose(found, (1 - share) * one + share * other, atol=1e-4)
    whole = networks[0].blended(networks[1], 1.0)
    np.testing.assert_array_equal(whole.bounds[2:], networks[1].bounds[2:])
    np.testing.assert_array_equal(whole.bounds[:2], networks[0].bounds[:2])


def test_a_pair_more_changes_its_own_batch_alone_and_every_pass_mixes_anew():
    random = np.random.default_rng(2)
    keys = random.integers(0, 2**63, 40_000).astype(np.uint64)
    one, more = _Batches(keys), _Batches(np.append(keys, np.uint64(12345)))
    assert one.number == more.number == 8
    first = [one.at(step).numpy() for step in range(8)]
    again = [more.at(step).numpy() for step in range(8)]
    assert sorted(np.concatenate(first).tolist()) == list(range(40_000))
    assert sum(len(a) != len(b) for a, b in zip(first, again, strict=True)) == 1
    assert all(set(a) <= set(b) for a, b in zip(first, again, strict=True))
    second = [one.at(8 + step).numpy() for step in range(8)]
    assert all(set(a) != set(b) for a, b in zip(first, second, strict=True))
    assert max(len(rows) for rows in first) < 5_400
