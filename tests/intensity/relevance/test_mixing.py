"""Scores become chances: the equation, and the mix that is likeliest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intensity.conftest import HORIZON, QUIET, log_of, nobody, probabilities, two_tastes
from tsgen.data import Histories
from tsgen.intensity.relevance.base import log_shares
from tsgen.intensity.relevance.mixing import MixedScores, early_part, fit_mixed


@dataclass(frozen=True, eq=False)
class Constant(MixedScores):
    """A score of each item, the same for all users."""

    vectors: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float32]
    mix: npt.NDArray[np.float64]

    def vectors_of(self, counts):
        return np.ones((counts.shape[0], 1), np.float32)


def test_chances_are_tempered_scores_beside_popularity():
    histories = Histories.of(log_of([("a", "x", 1), ("b", "y", 1), ("b", "x", 2)]), 5 * HORIZON)
    vectors = np.array([[0.5], [2.0]], np.float32)
    model = Constant(vectors, log_shares(histories), np.array([1.5, 0.7]))
    logits = 1.5 * vectors[:, 0] + 0.7 * np.log([2 / 3, 1 / 3])
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(probabilities(model, histories), [expected] * 2, rtol=1e-5)


def test_scores_that_say_nothing_get_no_weight_and_true_ones_do():
    histories = Histories.of(two_tastes(), 50 * HORIZON)
    some = nobody(histories)
    some[::3] = True

    def made(sign):
        def make(learning):
            shares = log_shares(learning)
            vectors = np.where(np.isneginf(shares), 0.0, sign * shares)[:, None]
            return Constant(vectors.astype(np.float32), shares, np.array([0.0, 1.0]))

        return fit_mixed(histories, QUIET, some, make).mix

    assert made(-1.0)[0] - made(-1.0)[1] < 1e-6  # what speaks against popularity is not believed
    assert made(1.0).sum() > 0


def test_the_early_part_is_four_fifths():
    histories = Histories.of(log_of([("a", "x", k) for k in range(10)]), 20 * HORIZON)
    assert early_part(histories).lengths.tolist() == [8]


def test_users_held_out_choose_the_mix_and_do_not_teach():
    at = Histories.of(two_tastes(20), 50 * HORIZON)
    held_out, taught = np.arange(len(at)) % 3 == 0, []

    def make(histories):
        taught.append(histories.users.tolist())
        vectors = np.ones((at.events.num_items, 1), np.float32)
        return Constant(vectors, log_shares(histories), np.array([0.0, 1.0]))

    fit_mixed(at, QUIET, held_out, make)
    assert taught == [at.users[~held_out].tolist()]
