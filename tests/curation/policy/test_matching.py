import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import softmax

from tsgen.curation.policy.matching import Matching, early_states, loss_gradients


def random(seed=0, operations=4, states=2, batches=3, width=6):
    draw = np.random.default_rng(seed)
    return draw.normal(size=(operations, states, width)), draw.normal(size=(batches, states, width))


def test_gradients_are_those_of_half_the_mean_squared_loss():
    draw = np.random.default_rng(1)
    x, y, state = draw.normal(size=(9, 3)), draw.normal(size=(9, 2)), draw.normal(size=(3, 2))

    def loss(flat):
        return 0.5 * ((x @ flat.reshape(3, 2) - y) ** 2).sum() / 9

    gradient = loss_gradients(x, y, [state])[0]
    assert check_grad(loss, lambda flat: gradient, state.ravel()) < 1e-5


def test_later_states_fit_better_and_stay_before_the_least_loss():
    draw = np.random.default_rng(2)
    x = draw.normal(size=(50, 4))
    y = x @ draw.normal(size=(4, 2)) + 0.1 * draw.normal(size=(50, 2))
    losses = [((x @ state - y) ** 2).sum() for state in early_states(x, y)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] > ((x @ np.linalg.lstsq(x, y)[0] - y) ** 2).sum()


def test_cosines_are_those_of_the_mixed_gradients():
    operations, later = random()
    shares = np.array([0.1, 0.2, 0.3, 0.4])
    mixed = np.einsum("j,jsd->sd", shares, operations)
    cosines, _ = Matching(operations, later).cosines(shares)
    for batch in range(3):
        for state in range(2):
            v, g = later[batch, state], mixed[state]
            expected = v @ g / np.linalg.norm(v) / np.linalg.norm(g)
            assert cosines[batch, state] == pytest.approx(expected)


@pytest.mark.parametrize("caution", [0.0, 1.0])
def test_the_slope_of_the_objective_is_exact(caution):
    matching = Matching(*random(3))
    logits = np.array([0.3, -0.5, 0.1, 1.0])
    error = check_grad(
        lambda z: matching.objective(z, caution)[0],
        lambda z: matching.objective(z, caution)[1],
        logits,
    )
    assert error < 1e-6


def test_the_operation_that_pulls_the_same_way_is_taken():
    operations, later = random(4)
    later[:] = later[0]
    operations[2] = 5 * later[0]
    matching = Matching(operations, later)
    shares = matching.best_shares(np.array([2.0, 0, 0, 0]), caution=0.0)
    assert matching.scores()[2] == pytest.approx(1.0)
    assert matching.objective(np.log(shares), 0.0)[0] > 0.999
    assert shares.argmax() == 2


def test_shares_are_no_worse_than_where_they_began():
    matching, start = Matching(*random(5)), np.array([2.0, 0, 0, 0])
    found = matching.best_shares(start, caution=1.0)
    assert found.sum() == pytest.approx(1.0)
    before = matching.objective(np.log(softmax(start)), 1.0)[0]
    assert matching.objective(np.log(found + 1e-12), 1.0)[0] >= before - 1e-9
