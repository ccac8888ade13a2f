import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.intensity.parts import (
    choice_facts,
    history_weight,
    likeliest_weights,
    stacked_weights,
)


def test_a_window_with_little_of_the_log_before_it_weighs_little():
    assert [history_weight(x) for x in (-1.0, 0.0, 0.25, 1.0, 7.0)] == [0, 0, 0.25, 1, 1]


def likelihood(shares, counts, weights):
    return float(counts @ np.log(np.maximum(shares @ weights, 1e-300)))


def shares_and_counts(seed, num_models):
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.full(30, 0.5), num_models).T
    truth = random.dirichlet(np.ones(num_models))
    return random, shares, truth, random.multinomial(20_000, shares @ truth).astype(float)


@given(st.integers(0, 2**31), st.integers(2, 4))
def test_no_model_is_likelier_and_with_the_prior_no_other_mix(seed, num_models):
    random, shares, truth, counts = shares_and_counts(seed, num_models)
    weights = likeliest_weights(shares, counts)
    assert weights.sum() == pytest.approx(1)
    found = likelihood(shares, counts, weights)
    for model in np.eye(num_models):
        assert found >= likelihood(shares, counts, model) - 1.0  # a prior of one event

    others = [truth, *random.dirichlet(np.ones(num_models), 20)]

    def best_with(prior):
        """No other mix is more probable with so many events of equal weights."""
        ours, *rest = (
            likelihood(shares, counts, mix) + prior * np.log(np.maximum(mix, 1e-300)).mean()
            for mix in (weights, *others)
        )
        return ours >= max(rest) - 1.0

    assert any(best_with(1 + 2_000 * share) for share in np.linspace(1, 0, 101) ** 2)


def test_where_models_are_nearly_alike_a_few_events_move_no_weight():
    """Without a prior the weight would go from .42 to .58."""
    first, second = np.array([0.52, 0.48]), np.array([0.48, 0.52])
    weights = [
        likeliest_weights(np.column_stack([first, second]), np.array(counts, float))[0]
        for counts in ((5_030, 4_970), (4_970, 5_030))
    ]
    assert np.ptp(weights) < 0.03


def test_weights_move_little_by_little_as_one_model_becomes_the_likeliest():
    """The prior gives way as far as it must: all at once, a weight would jump by more than .1."""
    _, shares, _, _ = shares_and_counts(seed=3, num_models=3)
    mixes = np.linspace([0.8, 0.1, 0.1], [1.0, 0.0, 0.0], 41)
    weights = np.array([likeliest_weights(shares, 5_000 * shares @ mix) for mix in mixes])
    assert weights[-1, 0] > 0.99
    assert np.abs(np.diff(weights, axis=0)).max() < 0.05


def test_the_model_that_knows_gets_the_weight_and_what_none_knows_says_nothing():
    shares = np.array([[0.9, 0.5], [0.1, 0.5], [0.0, 0.0]])
    counts = np.array([9_000.0, 1_000.0, 400.0])
    assert likeliest_weights(shares, counts)[0] > 0.95


def test_facts_say_windows_weights_and_the_mean_log_likelihood_of_each():
    shares, counts = np.array([[0.5, 0.2], [0.5, 0.8]]), np.array([1.0, 3.0])
    facts = choice_facts(["a", "b"], shares, counts, np.array([0.25, 0.75]), 2)
    assert facts["windows"] == 2
    assert facts["weights"] == {"a": 0.25, "b": 0.75}
    mean = {
        "a": np.log(0.5),
        "b": (np.log(0.2) + 3 * np.log(0.8)) / 4,
        "stack": (np.log(0.275) + 3 * np.log(0.725)) / 4,
    }
    assert facts["scores"] == pytest.approx(mean, abs=1e-5)
    assert "scores" not in choice_facts(["a", "b"], shares, counts, np.array([1.0, 0.0]), 0)


def test_stacked_weights_are_those_of_all_windows_together():
    random = np.random.default_rng(3)
    windows = [
        (random.dirichlet(np.ones(n), 2).T, random.integers(0, 40, n).astype(float)) for n in (5, 9)
    ]
    shares, counts = (np.concatenate(both) for both in zip(*windows, strict=True))
    weights, facts = stacked_weights(["a", "b"], windows, alone="a")
    wanted = likeliest_weights(shares, counts)
    np.testing.assert_array_equal(weights, wanted)
    assert facts == choice_facts(["a", "b"], shares, counts, wanted, 2)


@pytest.mark.parametrize(
    "windows",
    [
        [],
        [(np.full((3, 2), 1 / 3), np.zeros(3))],
        [(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([4.0, 0.0]))],  # only what none expected
    ],
)
def test_where_no_window_tells_anything_one_model_stands_alone(windows):
    weights, facts = stacked_weights(["a", "b"], windows, alone="b")
    assert weights.tolist() == [0, 1]
    assert facts["windows"] == len(windows)
    assert "scores" not in facts


def test_what_windows_say_counts_as_far_as_they_are_trusted():
    windows = [(np.array([[0.9, 0.5], [0.1, 0.5]]), np.array([9_000.0, 1_000.0]))]
    whole, half, none = (
        stacked_weights(["a", "b"], windows, "b", trust)[0] for trust in (1, 0.5, 0)
    )
    np.testing.assert_allclose(half, [whole[0] / 2, (1 + whole[1]) / 2])
    assert none.tolist() == [0, 1]
