import numpy as np
import pytest

from tsgen.curation import DomainGraph
from tsgen.curation.markets import copies_of
from tsgen.curation.markets.weighing import MarketWeights, check_domains, drawn_of, weights_for
from tsgen.errors import DataError

LINE = DomainGraph.from_edges([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")])


def test_there_are_as_many_copies_as_weights_say():
    domains = np.repeat(["a", "b", "c"], 200)
    copies = copies_of(domains, {"a": 2.0, "b": 0.7, "c": 0.3}, seed=1)
    assert abs(int(copies.sum()) - 600) <= 1
    means = [copies[domains == name].mean() for name in "abc"]
    np.testing.assert_allclose(means, [2.0, 0.7, 0.3], atol=0.12)
    assert set(copies[domains == "a"]) <= {1, 2, 3}
    assert set(copies[domains == "c"]) <= {0, 1}


def test_equal_weights_leave_all_as_they_are():
    assert copies_of(np.repeat(["a", "b"], 30), {"a": 1.0, "b": 1.0}, seed=4).tolist() == [1] * 60


def test_the_seed_decides_who_is_there_twice():
    domains, weights = np.repeat(["a", "b"], 50), {"a": 1.5, "b": 0.5}
    first, again, other = (copies_of(domains, weights, seed=s).tolist() for s in (1, 1, 2))
    assert first == again != other


def test_a_scale_is_chosen_by_leaving_markets_out():
    """Only the market next to the one left out helps: so the narrowest scale is best."""

    def loss(left_out, weights):
        near = [n for n in weights.index if abs(ord(n) - ord(left_out)) == 1]
        return 1 - weights[near].sum() / weights.sum()

    chosen = weights_for(LINE, "e", list("abcd"), None, loss)
    assert chosen.scale == min(chosen.losses)
    assert chosen.weights["d"] > chosen.weights["a"]
    given = weights_for(LINE, "e", list("abcd"), float("inf"), loss)
    assert set(given.weights.values()) == {1.0}
    assert given.losses == {}
    assert given.facts["scale"] == "inf"


def test_bad_input_is_named():
    with pytest.raises(DataError, match="Market 'z' has no weight"):
        copies_of(np.array(["a", "z"]), {"a": 1.0}, seed=1)
    with pytest.raises(DataError, match="2 markets are given for 3 users"):
        check_domains(["a", "b"], 3, "users", "a")
    with pytest.raises(DataError, match=r"1 of 2 series have no market .*number 1"):
        check_domains(["a", None], 2, "series", "a")
    with pytest.raises(DataError, match="All users are of 'a'"):
        check_domains(["a", "a"], 2, "users", "a")
    with pytest.raises(DataError, match="has no domain 'z'"):
        weights_for(LINE, "z", ["a", "b"], 1.0, lambda *_: 0.0)


def test_a_market_that_is_drawn_not_at_all_is_counted():
    domains = np.array(["near"] * 3 + ["far"] * 2)
    copies = copies_of(domains, {"near": 1.0, "far": 1e-9}, seed=1)
    drawn = drawn_of(domains, copies)
    assert drawn == {"far": (2, 0), "near": (3, 5)}
    weights = MarketWeights("here", {"near": 1.0, "far": 0.0}, 1.0, drawn=drawn)
    assert weights.facts["drawn"]["far"] == [2, 0]
