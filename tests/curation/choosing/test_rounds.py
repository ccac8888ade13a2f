"""Rounds: which networks are trained on which series, and what is remembered of them."""

import numpy as np
import pytest

from tsgen.curation import Candidate, RoundPlan, Transform
from tsgen.curation.choosing import SHARES, Validation, gain_of, rounds, window_losses
from tsgen.curation.choosing.cells import Cells
from tsgen.curation.choosing.rounds import Race
from tsgen.curation.reference import NetworkSettings, fit_linear, training_windows
from tsgen.data import simulate_series
from tsgen.errors import DataError

REAL = simulate_series(num_series=4, length=90, seed=1)
CUT = Validation.of(REAL, 6)
FAST = NetworkSettings(hidden_size=4, batch_size=8, max_steps=4, check_every=2)
MIXING, JITTER = Candidate.of("mixing", 0.25), Candidate.of("jitter", 0.75)


@pytest.fixture
def trained(monkeypatch):
    """What networks were trained, each standing in for one whose quantiles are its number."""
    calls = []

    class Network:
        def __init__(self, members):
            self.members = members

        def quantiles(self, windows):
            places = np.arange(len(windows) * 6.0).reshape(-1, 6, 1)
            return np.stack([
                np.broadcast_to(places + 10 * m.seed + 1000 * len(m.parts), (len(windows), 6, 9))
                for m in self.members
            ])  # fmt: skip

    def train(members, sets, stopping, settings):
        calls.append((members, sets, stopping, settings))
        return Network(members)

    monkeypatch.setattr(rounds, "train_stack", train)
    return calls


def race(**operations):
    made = {"mixing": Transform("mixing"), "jitter": Transform("jitter")} | operations
    return Race(CUT, made, Cells(None, "facts"), 3, FAST)


def test_a_draw_trains_all_candidates_and_seeds_beside_real_alone(trained):
    race().run([MIXING, JITTER], seeds=2, draws=2)
    assert len(trained) == 2
    for draw, (members, sets, stopping, settings) in enumerate(trained):
        assert [m.seed for m in members] == [100 * draw, 100 * draw + 1] * 3
        assert [m.parts for m in members[::2]] == [
            ((0, 1.0),), ((0, 0.75), (1, 0.25)), ((0, 0.25), (2, 0.75))]  # fmt: skip
        assert stopping is CUT.stopping
        assert settings is FAST
        np.testing.assert_array_equal(sets[0].values, CUT.learning.values)
        real = training_windows(CUT.learning, CUT.context_length, 6)
        assert [len(s) for s in sets] == [len(real), 2 * len(real), 2 * len(real)]
    assert not np.array_equal(trained[0][1][1].values, trained[1][1][1].values)  # drawn anew


def test_losses_are_those_of_each_run_window_and_series(trained):
    running = race()
    running.run([MIXING], seeds=2, draws=1)
    made, real = running.losses[MIXING][0]
    assert made.shape == real.shape == (2, 3, 4)
    network = rounds.train_stack(trained[0][0], [], None, None)
    expected = window_losses(network.quantiles(CUT.judging), CUT.judging)  # (members, windows)
    for run in range(2):
        for window in range(3):
            for series in range(4):
                assert real[run, window, series] == expected[run, 3 * series + window]
                assert made[run, window, series] == expected[2 + run, 3 * series + window]


def test_gains_are_of_all_runs_and_the_best_comes_first(trained):
    running = race()
    ones = np.ones((1, 3, 4))
    running.losses = {MIXING: [(2 * ones, ones)], JITTER: [(0.5 * ones, ones), (ones, 2 * ones)]}
    assert running.gain(MIXING).change == pytest.approx(1.0)
    both = gain_of(np.concatenate([0.5 * ones, ones]), np.concatenate([ones, 2 * ones]))
    assert running.gain(JITTER) == both
    assert running.run([MIXING, JITTER], seeds=1, draws=0) == [JITTER, MIXING]


def test_an_operation_that_fails_is_noted_and_its_candidates_are_left_out(trained):
    def broken(dataset, ratio, *, seed):
        raise DataError("cannot be drawn")

    def short(dataset, ratio, *, seed):
        return simulate_series(num_series=2, length=9, seed=seed % 100)

    running = race(jitter=broken, short=short)
    both = Candidate("both", (("mixing", 0.25), ("jitter", 0.25)))
    left = running.run([JITTER, both, MIXING, Candidate.of("short", 0.5)], seeds=1, draws=2)
    assert left == [MIXING]
    assert running.failed == {
        "jitter": "cannot be drawn",
        "short": "its series are too short for one window",
    }
    assert len(running.losses[MIXING]) == 2
    assert JITTER not in running.losses


def test_a_later_call_of_the_same_race_has_other_draws_and_seeds(trained):
    running = race()
    running.run([MIXING], seeds=1, draws=1)
    running.run([MIXING], seeds=1, draws=1)
    assert [call[0][0].seed for call in trained] == [0, 100]
    assert running.gain(MIXING).runs == 2


def test_finished_draws_are_not_trained_again(trained, tmp_path):
    for _ in range(2):
        Race(CUT, {"mixing": Transform("mixing")}, Cells(tmp_path, "facts"), 3, FAST).run(
            [MIXING], seeds=1, draws=2
        )
    assert len(trained) == 2


def test_many_windows_are_thinned_at_random():
    windows = training_windows(REAL, 12, 6)
    assert rounds._thinned(windows, 1) is windows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "_MOST_WINDOWS", 50)
        some, other = rounds._thinned(windows, 1), rounds._thinned(windows, 2)
    assert len(some) == 50
    assert set(some.begins) < set(windows.begins)
    assert set(some.begins) != set(other.begins)
    assert set(some.series) == set(range(4))


@pytest.mark.parametrize("operations", [1, 2, 12])
def test_a_plan_says_how_many_networks_it_trains(operations):
    plan = RoundPlan((2, 3, 5), (1, 2, 3), (4, 3))
    second = min(4, operations) * len(SHARES)
    third = min(3, second)
    assert plan.members(operations) == 2 * (operations + 1) + 6 * (second + 1) + 15 * (third + 1)


def test_linear_forecasters_are_one_run_a_draw_and_learn_from_the_candidates_share(trained):
    running = Race(
        CUT, {"mixing": Transform("mixing")}, Cells(None, "facts"), 3, FAST, learner="linear"
    )
    running.run([MIXING], seeds=5, draws=2)
    assert trained == []  # no network
    for made, real in running.losses[MIXING]:
        assert made.shape == real.shape == (1, 3, 4)
    fitted = fit_linear(training_windows(CUT.learning, CUT.context_length, 6))
    lost = window_losses(fitted.quantiles(CUT.judging), CUT.judging)
    _, real = running.losses[MIXING][0]
    np.testing.assert_allclose(real[0], lost.reshape(4, 3).T)
    assert not np.allclose(made, real)
